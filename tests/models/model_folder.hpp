// Folders with models for tests: throw-away copies to break, and the committed goldens.
#pragma once

#include "core/model.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models::testing {

/// A directory of its own under the system's temporary folder, removed at the end.
class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

  /// Copies a golden model's files in.
  void copy_golden(std::string_view name) const;
  void write(const std::filesystem::path& name, std::string_view content) const;
  std::string read(const std::filesystem::path& name) const;

  /// Replaces the only occurrence of `from` in a text file; fails the test if there is not exactly one.
  void edit(const std::filesystem::path& name, std::string_view from, std::string_view to) const;

private:
  std::filesystem::path path_;
};

/// A safetensors file: length, header, data.
std::string safetensors_bytes(std::string_view header, std::size_t data_bytes);

struct golden_case {
  sequence input;
  std::vector<float> expected;
};

std::filesystem::path golden(std::string_view name);

/// Reads expected.json of a golden model, or any file of that form; `row` is "embedding" or "logits".
std::vector<golden_case> golden_cases(const std::filesystem::path& file, const char* row);

/// The largest absolute difference of two rows of one size.
double largest_difference(const std::vector<float>& a, const float* b);

} // namespace chalkstream::models::testing
