#include <cmath>

#include "models/text/tokenizer_json.hpp"
#include "models/text/tokenizer_parts_json.hpp"

namespace chalkstream::text {

namespace {

result<std::vector<std::string>> vocabulary_in(const section& part) {
  CHALK_TRY(const json_value list, part.object("vocab"));
  return read_vocabulary(list, "model.vocab", "tokenizer.json");
}

result<wordpiece_description> read_wordpiece(const section& part) {
  CHALK_CHECK(part.knows({"type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"}));
  wordpiece_description model;
  CHALK_TRY(model.unknown_token, part.string("unk_token"));
  CHALK_TRY(model.continuing_prefix, part.string("continuing_subword_prefix"));
  CHALK_TRY(const std::int64_t longest, part.number("max_input_chars_per_word", INT64_MAX));
  model.max_input_chars_per_word = static_cast<std::size_t>(longest);
  CHALK_TRY(model.vocabulary, vocabulary_in(part));
  return model;
}

/// "a b" or ["a", "b"].
result<std::pair<std::string, std::string>> read_merge(json_value value, std::size_t rank) {
  const error wrong = corrupt("model.merges[" + std::to_string(rank) + "] is not a pair of tokens");
  if (const std::string* both = value.string()) {
    const std::size_t space = both->find(' ');
    if (space == std::string::npos || both->find(' ', space + 1) != std::string::npos)
      return wrong;
    return std::pair{both->substr(0, space), both->substr(space + 1)};
  }
  if (!value.is_array() || value.size() != 2 || value[0].string() == nullptr || value[1].string() == nullptr)
    return wrong;
  return std::pair{*value[0].string(), *value[1].string()};
}

result<bpe_description> read_bpe(const section& part) {
  CHALK_CHECK(part.knows({"type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
                          "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges"}));
  if (part.find("dropout"))
    return unsupported("model.dropout: merging at random is not known to this build");
  bpe_description model;
  CHALK_TRY(model.unknown_token, part.string_or("unk_token", ""));
  CHALK_TRY(model.continuing_prefix, part.string_or("continuing_subword_prefix", ""));
  CHALK_TRY(model.end_of_word_suffix, part.string_or("end_of_word_suffix", ""));
  CHALK_TRY(model.fuse_unknown, part.flag_or("fuse_unk", false));
  CHALK_TRY(model.byte_fallback, part.flag_or("byte_fallback", false));
  CHALK_TRY(model.ignore_merges, part.flag_or("ignore_merges", false));
  CHALK_TRY(model.vocabulary, vocabulary_in(part));
  CHALK_TRY(const json_value merges, part.array("merges"));
  model.merges.reserve(merges.size());
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    // The head of a merges.txt, which found its way into some files.
    if (const std::string* line = merges[rank].string(); line != nullptr && line->starts_with("#version"))
      continue;
    CHALK_TRY(auto merge, read_merge(merges[rank], rank));
    model.merges.push_back(std::move(merge));
  }
  return model;
}

result<unigram_description> read_unigram(const section& part) {
  CHALK_CHECK(part.knows({"type", "unk_id", "vocab", "byte_fallback"}));
  unigram_description model;
  if (part.find("unk_id")) {
    CHALK_TRY(const std::int64_t unknown, part.number("unk_id", INT32_MAX));
    model.unknown_id = static_cast<std::size_t>(unknown);
  }
  CHALK_TRY(model.byte_fallback, part.flag_or("byte_fallback", false));
  CHALK_TRY(const json_value pieces, part.array("vocab"));
  model.vocabulary.reserve(pieces.size());
  model.scores.reserve(pieces.size());
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    const json_value piece = pieces[id];
    const bool is_pair = piece.is_array() && piece.size() == 2;
    const std::string* token = is_pair ? piece[0].string() : nullptr;
    const auto score = is_pair ? piece[1].number() : std::nullopt;
    if (token == nullptr || !score || !std::isfinite(*score))
      return corrupt("model.vocab[" + std::to_string(id) + "] is not a token and its score");
    model.vocabulary.push_back(*token);
    model.scores.push_back(*score);
  }
  return model;
}

result<word_level_description> read_word_level(const section& part) {
  CHALK_CHECK(part.knows({"type", "unk_token", "vocab"}));
  word_level_description model;
  CHALK_TRY(model.unknown_token, part.string("unk_token"));
  CHALK_TRY(model.vocabulary, vocabulary_in(part));
  return model;
}

/// Older files leave the type out.
result<std::string> model_type(const section& part) {
  if (part.find("type"))
    return part.string("type");
  if (part.find("merges"))
    return std::string("BPE");
  if (part.find("continuing_subword_prefix"))
    return std::string("WordPiece");
  if (const auto vocabulary = part.find("vocab"))
    return std::string(vocabulary->is_array() ? "Unigram" : "WordLevel");
  return unsupported("model has no type and is neither WordPiece, BPE, Unigram nor WordLevel");
}

} // namespace

result<std::vector<std::string>> read_vocabulary(json_value list, const std::string& where, const char* file) {
  CHALK_TRY(const section part, section::of(list, where, file));
  const std::size_t size = list.size();
  std::vector<std::string> vocabulary(size);
  std::vector<bool> taken(size);
  for (const auto& [token, id] : list.members()) {
    if (!id.is_integer())
      return part.failure(errc::corrupt, where + ": an id is not a whole number");
    const auto value = id.natural();
    if (!value || *value >= size)
      return part.failure(errc::corrupt,
                          where + ": ids have a gap: " + id.text() + " among " + std::to_string(size) + " tokens");
    const auto at = static_cast<std::size_t>(*value);
    if (taken[at])
      return part.failure(errc::corrupt, where + ": id " + std::to_string(at) + " is given twice");
    taken[at] = true;
    vocabulary[at] = token;
  }
  return vocabulary;
}

result<model_description> read_model(json_value value) {
  CHALK_TRY(const section part, section::of(value, "model"));
  CHALK_TRY(const std::string type, model_type(part));
  if (type == "WordPiece") {
    CHALK_TRY(auto model, read_wordpiece(part));
    return model_description(std::move(model));
  }
  if (type == "BPE") {
    CHALK_TRY(auto model, read_bpe(part));
    return model_description(std::move(model));
  }
  if (type == "Unigram") {
    CHALK_TRY(auto model, read_unigram(part));
    return model_description(std::move(model));
  }
  if (type == "WordLevel") {
    CHALK_TRY(auto model, read_word_level(part));
    return model_description(std::move(model));
  }
  return unsupported("model " + type + " is not known to this build (WordPiece, BPE, Unigram and WordLevel are)");
}

result<std::vector<std::string>> read_vocabulary_file(const std::filesystem::path& directory, const char* name,
                                                      std::size_t limit) {
  CHALK_TRY(const std::string text, read_file(directory / name, limit));
  CHALK_TRY(const json_document file, json_document::parse(text, name));
  return read_vocabulary(file.root(), "the file", name);
}

} // namespace chalkstream::text
