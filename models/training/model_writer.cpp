#include "models/training/model_writer.hpp"

#include "models/document.hpp"
#include "models/new_file.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <fstream>
#include <iterator>

namespace chalkstream::models::training {

namespace {

constexpr std::array tokenizer_files{"tokenizer.json",
                                     "tokenizer_config.json",
                                     "special_tokens_map.json",
                                     "added_tokens.json",
                                     "vocab.txt",
                                     "vocab.json",
                                     "merges.txt",
                                     "spiece.model",
                                     "spm.model",
                                     "sentencepiece.bpe.model"};

result<std::string> limited(const std::string& text, const std::filesystem::path& file, std::size_t max_tokens) {
  CHALK_TRY(const auto checked, parse_json(text));
  auto root = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!root.is_object())
    return error{errc::corrupt, file.string() + ": is not an object"};
  root["model_max_length"] = max_tokens;
  return root.dump(2) + "\n";
}

} // namespace

result<void> write_model_files(const std::string& configuration, const std::filesystem::path& base,
                               const std::filesystem::path& directory, std::size_t max_tokens) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed)
    return {errc::io, directory.string() + ": cannot be created: " + failed.message()};
  CHALK_CHECK(write_file(directory / "config.json", configuration));
  for (const char* name : tokenizer_files) {
    if (!std::filesystem::is_regular_file(base / name, failed))
      continue;
    std::ifstream in{base / name, std::ios::binary};
    std::string content{std::istreambuf_iterator<char>(in), {}};
    if (!in)
      return {errc::io, (base / name).string() + ": cannot be read"};
    if (max_tokens > 0 && std::string_view(name) == "tokenizer_config.json") {
      CHALK_TRY(content, limited(content, base / name, max_tokens));
    }
    CHALK_CHECK(write_file(directory / name, content));
  }
  return {};
}

} // namespace chalkstream::models::training
