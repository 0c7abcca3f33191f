#include "models/text/wordpiece.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "models/text/utf8.hpp"

namespace chalkstream::text {

result<wordpiece> wordpiece::build(const wordpiece_description& description) {
  const std::vector<std::string>& vocabulary = description.vocabulary;
  wordpiece model;
  model.vocabulary_size_ = vocabulary.size();
  model.max_chars_ = description.max_input_chars_per_word;

  const auto unknown = std::find(vocabulary.begin(), vocabulary.end(), description.unknown_token);
  if (unknown == vocabulary.end())
    return {errc::corrupt, "WordPiece: the unknown token is not in the vocabulary"};
  model.unknown_id_ = static_cast<std::int32_t>(unknown - vocabulary.begin());

  std::vector<byte_trie::entry> entries;
  entries.reserve(vocabulary.size());
  for (std::size_t id = 0; id < vocabulary.size(); ++id)
    if (!vocabulary[id].empty())
      entries.push_back({vocabulary[id], static_cast<std::int32_t>(id)});
  CHALK_TRY(model.trie_, byte_trie::build(entries));

  const auto continuation = model.trie_.find(description.continuing_prefix);
  model.has_continuation_ = continuation.has_value();
  model.continuation_ = continuation.value_or(byte_trie::root);

  // Half full at most: a probe seldom meets a second cell.
  model.cells_.resize(std::bit_ceil(2 * entries.size() + 2));
  model.mask_ = model.cells_.size() - 1;
  for (const byte_trie::entry& each : entries) {
    const std::size_t size = each.key.size();
    if (size > find_reads)
      continue;
    char padded[find_reads] = {};
    each.key.copy(padded, size);
    const key bytes = load(padded, size);
    std::size_t slot = hash(bytes, size) & model.mask_;
    while (model.cells_[slot].size != 0)
      slot = (slot + 1) & model.mask_;
    model.cells_[slot] = {bytes, each.value, static_cast<std::uint32_t>(size)};
  }
  return model;
}

void wordpiece::split(std::string_view word, std::vector<token_piece>& out) const {
  out.clear();
  const auto unknown = [&] { out.assign(1, {unknown_id_, 0, static_cast<std::uint32_t>(word.size())}); };
  // Bytes bound the characters, so counting is needed for long words only.
  if (word.size() > max_chars_ && count_code_points(word) > max_chars_)
    return unknown();
  for (std::size_t at = 0; at < word.size();) {
    if (at != 0 && !has_continuation_)
      return unknown();
    const auto longest = trie_.longest(at == 0 ? byte_trie::root : continuation_, word.substr(at));
    if (longest.value < 0)
      return unknown();
    out.push_back({longest.value, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + longest.size)});
    at += longest.size;
  }
}

} // namespace chalkstream::text
