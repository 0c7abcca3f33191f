#include "models/text/unigram.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "models/text/byte_alphabet.hpp"
#include "models/text/utf8.hpp"

namespace chalkstream::text {

namespace {

constexpr double unknown_penalty = 10;

} // namespace

result<unigram> unigram::build(const unigram_description& description) {
  const std::vector<std::string>& vocabulary = description.vocabulary;
  if (description.unknown_id >= vocabulary.size())
    return {errc::corrupt, "Unigram: unk_id is outside the vocabulary"};
  if (description.scores.size() != vocabulary.size())
    return {errc::corrupt, "Unigram: a score is missing"};
  unigram model;
  model.scores_ = description.scores;
  model.unknown_id_ = static_cast<std::int32_t>(description.unknown_id);
  model.byte_fallback_ = description.byte_fallback;
  model.unknown_score_ = *std::min_element(model.scores_.begin(), model.scores_.end()) - unknown_penalty;

  std::unordered_map<std::string_view, std::int32_t> last; // a piece that is there twice has its last id
  for (std::size_t id = 0; id < vocabulary.size(); ++id)
    if (!vocabulary[id].empty())
      last[vocabulary[id]] = static_cast<std::int32_t>(id);
  std::vector<byte_trie::entry> entries;
  entries.reserve(last.size());
  for (const auto& [piece, id] : last)
    entries.push_back({piece, id});
  CHALK_TRY(model.trie_, byte_trie::build(std::move(entries)));
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const auto at = last.find(byte_token(static_cast<unsigned char>(byte)));
    model.byte_ids_[byte] = at == last.end() ? -1 : at->second;
  }
  return model;
}

void unigram::split(std::string_view word, std::vector<token_piece>& out, scratch& work) const {
  out.clear();
  work.best.assign(word.size() + 1, {0, -1, 0});
  for (std::size_t begin = 0, size = 0; begin < word.size(); begin += size) {
    size = utf8_length(static_cast<unsigned char>(word[begin]));
    const double until_here = work.best[begin].score;
    const auto offer = [&](std::size_t end, double score, std::int32_t id) {
      scratch::node& node = work.best[end];
      if (node.id < 0 || score > node.score)
        node = {score, id, static_cast<std::uint32_t>(begin)};
    };
    bool alone = false; // the character is a piece of its own
    byte_trie::state at = byte_trie::root;
    for (std::size_t end = begin; end < word.size() && trie_.step(at, static_cast<unsigned char>(word[end])); ++end)
      if (const std::int32_t id = trie_.value(at); id >= 0) {
        offer(end + 1, scores_[static_cast<std::size_t>(id)] + until_here, id);
        alone |= end + 1 - begin == size;
      }
    if (!alone)
      offer(begin + size, unknown_score_ + until_here, unknown_id_);
  }

  // Backwards along the best way; what falls back to bytes is therefore written in reverse, too.
  for (std::size_t end = word.size(); end > 0;) {
    std::size_t begin = work.best[end].begin;
    if (const std::int32_t id = work.best[end].id; id != unknown_id_) {
      out.push_back({id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
    } else {
      while (begin > 0 && work.best[begin].id == unknown_id_)
        begin = work.best[begin].begin;
      append_unknown(word.substr(begin, end - begin), static_cast<std::uint32_t>(begin), out);
    }
    end = begin;
  }
  std::reverse(out.begin(), out.end());
}

void unigram::append_unknown(std::string_view run, std::uint32_t begin, std::vector<token_piece>& out) const {
  const auto end = static_cast<std::uint32_t>(begin + run.size());
  const auto found = trie_.find(run);
  const std::int32_t id = found ? trie_.value(*found) : -1; // a run may read like a piece of low score
  const auto byte_id = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
  if (id >= 0 || !byte_fallback_
      || std::any_of(run.begin(), run.end(), [&](char byte) { return byte_id(byte) < 0; })) {
    out.push_back({id >= 0 ? id : unknown_id_, begin, end});
    return;
  }
  for (auto byte = run.rbegin(); byte != run.rend(); ++byte)
    out.push_back({byte_id(*byte), begin, end});
}

} // namespace chalkstream::text
