#include "pipelines/tools/word2vec_recipe.hpp"

#include "models/new_file.hpp"
#include "models/text/utf8.hpp"
#include "pipelines/tools/json_lines.hpp"

#include <istream>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

namespace {

std::string configuration(const word2vec_recipe& recipe, const text::word_vectors& made) {
  const auto& its = recipe.training;
  const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  return "{\n  \"model_type\": \"word2vec\",\n  \"lowercase\": " + flag(recipe.lowercase)
         + ",\n  \"normalize\": true,\n  \"vocab_size\": " + std::to_string(made.size())
         + ",\n  \"hidden_size\": " + std::to_string(made.width())
         + ",\n  \"training\": {\"skip_gram\": " + flag(its.skip_gram) + ", \"window\": " + std::to_string(its.window)
         + ", \"negative\": " + std::to_string(its.negative) + ", \"min_count\": " + std::to_string(its.min_count)
         + ", \"epochs\": " + std::to_string(its.epochs) + ", \"seed\": " + std::to_string(its.seed) + "}\n}\n";
}

} // namespace

result<word2vec_outcome> train_word2vec_model(std::istream& in, const std::filesystem::path& out,
                                              const word2vec_recipe& recipe, const text::word2vec_watch& watch) {
  word2vec_outcome done;
  std::vector<std::vector<std::string>> texts;
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    if (line.front() == '{') {
      auto parsed = parse_line(line);
      auto* record = std::get_if<text_line>(&parsed);
      if (record == nullptr) {
        ++done.rejected;
        continue;
      }
      line = std::move(record->text);
    }
    if (!text::is_valid_utf8(line)) {
      ++done.rejected;
      continue;
    }
    texts.push_back(text::words_of(line, recipe.lowercase));
  }
  done.texts = texts.size();
  CHALK_TRY(const text::word_vectors made, text::train_word2vec(texts, recipe.training, watch));
  done.words = made.size();

  std::error_code failed;
  std::filesystem::create_directories(out, failed);
  if (failed)
    return error{errc::io, out.string() + " cannot be made: " + failed.message()};
  const bool binary = recipe.format == text::vector_format::binary;
  CHALK_CHECK(models::write_file(out / (binary ? "vectors.bin" : "vectors.txt"), text::write_vectors(made, recipe.format)));
  CHALK_CHECK(models::write_file(out / "config.json", configuration(recipe, made)));
  return done;
}

} // namespace chalkstream::pipelines::tools
