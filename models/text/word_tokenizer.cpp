#include "models/text/word_tokenizer.hpp"

#include "models/text/json_section.hpp"
#include "models/text/word_vector_file.hpp"

namespace chalkstream::text {

namespace {

constexpr std::size_t max_file_bytes = std::size_t{16} << 20;
constexpr const char* config_file = "config.json";

} // namespace

result<bool> has_word_vectors(const std::filesystem::path& directory) {
  const auto text = read_file(directory / config_file, max_file_bytes);
  if (!text)
    return text.error().code == errc::not_found ? result<bool>(false) : text.error();
  CHALK_TRY(const json_document file, json_document::parse(*text, config_file));
  const auto type = file.root().is_object() ? file.root().find("model_type") : std::nullopt;
  return type && type->string() != nullptr && *type->string() == "word2vec";
}

result<word_settings> read_word_settings(const std::filesystem::path& directory) {
  CHALK_TRY(const std::string text, read_file(directory / config_file, max_file_bytes));
  CHALK_TRY(const json_document file, json_document::parse(text, config_file));
  CHALK_TRY(const section top, section::of(file.root(), "", config_file));
  word_settings made;
  CHALK_TRY(made.lowercase, top.flag_or("lowercase", true));
  CHALK_TRY(made.normalize, top.flag_or("normalize", true));
  return made;
}

result<tokenizer_description> read_word_tokenizer(const std::filesystem::path& directory) {
  CHALK_TRY(const word_settings settings, read_word_settings(directory));
  CHALK_TRY(const word_vectors vectors, load_vectors(directory));
  tokenizer_description made;
  if (settings.lowercase)
    made.normalizer.push_back({normalizer_step::kind::lowercase});
  made.pre_tokenizer.push_back({pre_tokenizer_step::kind::words});
  word_level_description model;
  model.vocabulary = vectors.words();
  model.vocabulary.emplace_back(); // what no word reads like stands for all that have no vector
  made.model = std::move(model);
  return made;
}

} // namespace chalkstream::text
