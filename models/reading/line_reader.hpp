// A directory that `train ocr-line` wrote, which reads pictures of lines.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/device.hpp"
#include "models/reading/line_decoding.hpp"
#include "models/reading/line_description.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::models {
struct file_stamp;
}

namespace chalkstream::models::reading {

/// The picture as the net takes it: grey, line_height high, as wide as its shape says, at least columns_a_step. Null
/// if it would be wider than widest_line, or has no pixels.
std::shared_ptr<const picture> brought_to_line(const picture& any);

class line_reader {
public:
  /// Of config.json and model.safetensors; on a CPU LibTorch then uses one thread a call, throughout the process.
  /// Errors name what is wrong with the directory.
  static result<std::unique_ptr<line_reader>> open(const std::filesystem::path& directory, const std::string& device);
  ~line_reader();

  const line_description& description() const noexcept;

  /// The mapped files, for a digest.
  std::vector<file_stamp> files() const;

  /// What stands in a picture of one line, grey or RGB. invalid_argument for one that is too wide. Blocks;
  /// thread-safe.
  result<line_text> read(const picture& line) const;

private:
  struct parts;
  explicit line_reader(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::reading
