#include "models/training/model_writer.hpp"

#include "models/document.hpp"
#include "models/new_file.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string_view>

namespace chalkstream::models::training {

namespace {

constexpr std::array tokenizer_names{"tokenizer.json",
                                     "tokenizer_config.json",
                                     "special_tokens_map.json",
                                     "added_tokens.json",
                                     "vocab.txt",
                                     "vocab.json",
                                     "merges.txt",
                                     "spiece.model",
                                     "spm.model",
                                     "sentencepiece.bpe.model",
                                     "tokenizer.model",
                                     "source.spm",
                                     "target.spm",
                                     "target_vocab.json"};

constexpr std::size_t most_bytes = std::size_t{256} << 20; // what text::tokenizer reads

result<std::string> limited(const std::string& text, const std::filesystem::path& file, std::size_t max_tokens) {
  CHALK_TRY(const auto checked, parse_json(text));
  auto root = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!root.is_object())
    return error{errc::corrupt, file.string() + ": is not an object"};
  root["model_max_length"] = max_tokens;
  return root.dump(2) + "\n";
}

} // namespace

result<std::vector<model_file>> tokenizer_files(const std::filesystem::path& directory, std::size_t max_tokens) {
  std::vector<model_file> files;
  std::error_code none;
  for (const char* name : tokenizer_names) {
    const auto file = directory / name;
    if (!std::filesystem::is_regular_file(file, none))
      continue;
    CHALK_TRY(auto content, read_text(file, most_bytes));
    if (max_tokens > 0 && std::string_view(name) == "tokenizer_config.json") {
      CHALK_TRY(content, limited(content, file, max_tokens));
    }
    files.push_back({name, std::move(content)});
  }
  return files;
}

result<void> write_model_files(const std::filesystem::path& directory, const std::string& configuration,
                               std::span<const model_file> files, const std::string& generation) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed)
    return {errc::io, directory.string() + ": cannot be created: " + failed.message()};
  CHALK_CHECK(write_file(directory / "config.json", configuration));
  for (const auto& file : files)
    CHALK_CHECK(write_file(directory / file.name, file.content));
  return generation.empty() ? result<void>() : write_file(directory / "generation_config.json", generation);
}

} // namespace chalkstream::models::training
