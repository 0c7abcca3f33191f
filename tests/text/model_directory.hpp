// Model directories for tests: the real one, and ones that live as long as the test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace chalkstream::text {

/// MiniLM's directory as ./chalk installs it, or under CHALK_DEPS.
inline std::filesystem::path minilm_directory() {
  const char* deps = std::getenv("CHALK_DEPS");
  return std::filesystem::path(deps != nullptr ? deps : ".deps") / "models" / "minilm";
}

class model_directory {
public:
  /// An empty one.
  model_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "chalk-text-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  explicit model_directory(std::string_view tokenizer_json) : model_directory() {
    write("tokenizer.json", tokenizer_json);
  }
  ~model_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  model_directory(const model_directory&) = delete;
  model_directory& operator=(const model_directory&) = delete;

  void write(const char* file, std::string_view content) const {
    std::ofstream(path_ / file, std::ios::binary) << content;
  }
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace chalkstream::text
