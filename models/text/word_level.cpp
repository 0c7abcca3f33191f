#include "models/text/word_level.hpp"

namespace chalkstream::text {

result<word_level> word_level::build(const word_level_description& description) {
  word_level model;
  model.vocabulary_size_ = description.vocabulary.size();
  std::vector<byte_trie::entry> entries;
  entries.reserve(description.vocabulary.size());
  for (std::size_t id = 0; id < description.vocabulary.size(); ++id) {
    const std::string& token = description.vocabulary[id];
    if (!token.empty()) // no word is
      entries.push_back({token, static_cast<std::int32_t>(id)});
    if (token == description.unknown_token)
      model.unknown_id_ = static_cast<std::int32_t>(id);
  }
  CHALK_TRY(model.trie_, byte_trie::build(std::move(entries)));
  return model;
}

bool word_level::split(std::string_view word, std::vector<token_piece>& out) const {
  out.clear();
  const auto found = trie_.find(word);
  const std::int32_t id = found ? trie_.value(*found) : -1;
  if (id < 0 && unknown_id_ < 0)
    return false;
  out.push_back({id >= 0 ? id : unknown_id_, 0, static_cast<std::uint32_t>(word.size())});
  return true;
}

} // namespace chalkstream::text
