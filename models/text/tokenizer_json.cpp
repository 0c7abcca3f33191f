#include "models/text/tokenizer_json.hpp"

#include <algorithm>
#include <fstream>
#include <unordered_map>

#include "models/text/tokenizer_parts_json.hpp"

namespace chalkstream::text {

namespace {

constexpr std::int64_t max_sane_length = std::int64_t{1} << 24; // "no limit" is written as 1e30

result<std::vector<added_token>> read_added_tokens(json_value value, const std::vector<std::string>& vocabulary) {
  if (!value.is_array())
    return corrupt("added_tokens is not an array");
  std::unordered_map<std::string_view, std::int64_t> ids;
  for (std::size_t id = 0; id < vocabulary.size(); ++id)
    ids.emplace(vocabulary[id], static_cast<std::int64_t>(id));
  std::vector<added_token> tokens(value.size());
  auto next = static_cast<std::int64_t>(vocabulary.size());
  for (std::size_t k = 0; k < value.size(); ++k) {
    CHALK_TRY(const section part, section::of(value[k], "added_tokens[" + std::to_string(k) + "]"));
    CHALK_CHECK(part.knows({"id", "content", "special", "single_word", "lstrip", "rstrip", "normalized"}));
    added_token& token = tokens[k];
    CHALK_TRY(token.content, part.string("content"));
    CHALK_TRY(token.special, part.flag("special"));
    CHALK_TRY(token.single_word, part.flag("single_word"));
    CHALK_TRY(token.lstrip, part.flag("lstrip"));
    CHALK_TRY(token.rstrip, part.flag("rstrip"));
    CHALK_TRY(token.normalized, part.flag("normalized"));
    CHALK_TRY(const std::int64_t id, part.number("id", INT32_MAX));
    // A token of the vocabulary keeps its id; new ones count on behind it.
    const auto [known, is_new] = ids.emplace(token.content, next);
    next += is_new ? 1 : 0;
    if (known->second != id)
      return corrupt(part.where() + " has id " + std::to_string(id) + ", but its place is "
                     + std::to_string(known->second));
    token.id = static_cast<std::int32_t>(id);
  }
  return tokens;
}

} // namespace

result<tokenizer_description> read_tokenizer_json(std::string_view text) {
  CHALK_TRY(const json_document file, json_document::parse(text, "tokenizer.json"));
  CHALK_TRY(const section top, section::of(file.root(), "the file"));
  CHALK_CHECK(top.knows({"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
                         "post_processor", "decoder", "model"}));
  CHALK_TRY(const std::string version, top.string_or("version", "1.0"));
  if (version != "1.0")
    return unsupported("version " + version + " is not known to this build (1.0 is)");
  tokenizer_description made;
  if (const auto value = top.find("normalizer")) {
    CHALK_TRY(made.normalizer, read_normalizer(*value));
  }
  if (const auto value = top.find("pre_tokenizer")) {
    CHALK_TRY(made.pre_tokenizer, read_pre_tokenizer(*value));
  }
  CHALK_TRY(const json_value model, top.object("model"));
  CHALK_TRY(made.model, read_model(model));
  std::size_t vocabulary = vocabulary_of(made.model).size();
  if (const auto value = top.find("added_tokens")) {
    CHALK_TRY(made.added, read_added_tokens(*value, vocabulary_of(made.model)));
    for (const added_token& token : made.added)
      vocabulary = std::max(vocabulary, static_cast<std::size_t>(token.id) + 1);
  }
  if (const auto value = top.find("post_processor")) {
    CHALK_TRY(made.post, read_post_processor(*value, vocabulary));
  }
  if (const auto value = top.find("decoder")) {
    CHALK_TRY(made.decoder, read_decoder(*value));
  }
  return made;
}

result<std::optional<std::size_t>> read_max_length(std::string_view text) {
  CHALK_TRY(const json_document file, json_document::parse(text, "tokenizer_config.json"));
  if (!file.root().is_object())
    return {errc::corrupt, "tokenizer_config.json: is not an object"};
  const auto at = file.root().find("model_max_length");
  if (!at)
    return std::optional<std::size_t>();
  const auto value = at->number();
  if (!value)
    return {errc::corrupt, "tokenizer_config.json: model_max_length is not a number"};
  if (!(*value >= 1))
    return {errc::corrupt, "tokenizer_config.json: model_max_length is not positive"};
  if (*value > static_cast<double>(max_sane_length))
    return std::optional<std::size_t>();
  return std::optional(static_cast<std::size_t>(*value));
}

result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  const std::string name = path.filename().string();
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (!std::filesystem::exists(status))
    return {errc::not_found, name + " is not in the model directory"};
  const auto size = std::filesystem::is_regular_file(status) ? std::filesystem::file_size(path, failed) : 0;
  std::ifstream in(path, std::ios::binary);
  if (failed || !std::filesystem::is_regular_file(status) || !in)
    return {errc::io, name + " cannot be read"};
  if (size > limit)
    return {errc::unsupported,
            name + " has " + std::to_string(size) + " bytes; " + std::to_string(limit) + " at most"};
  std::string bytes(static_cast<std::size_t>(size), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (static_cast<std::uintmax_t>(in.gcount()) != size)
    return {errc::io, name + " changed while it was read"};
  return bytes;
}

} // namespace chalkstream::text
