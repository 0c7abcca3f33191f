// Pictures with a label each, as they were read.
#pragma once

#include "core/model.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct labelled_file {
  std::uint32_t file = 0; // among picture_set::files
  /// Within the file: "7-0012.png", or a picture's number from 0.
  std::string name;
};

/// One size and number of channels for all.
struct picture_set {
  std::vector<std::string> files;
  /// Ascending, digits before longer numbers: "2", "10", "plus".
  std::vector<std::string> labels;
  std::vector<picture> pictures;
  std::vector<std::uint32_t> goals;  // of each picture, among the labels
  std::vector<labelled_file> places; // of each picture

  std::size_t size() const noexcept { return pictures.size(); }
  /// "train.zip: 7-0012.png"
  std::string place(std::size_t picture) const { return files[places[picture].file] + ": " + places[picture].name; }
};

struct picture_form {
  /// What pictures of other sizes are brought to, as a model's image processor does it; 0: all must be of one size.
  std::size_t height = 0;
  std::size_t width = 0;
  /// 1 or 3; 0: 1 if every picture is grey, else 3.
  std::size_t channels = 0;
};

/// All bytes of pictures that one run may hold.
inline constexpr std::size_t most_picture_bytes = std::size_t{4} << 30;

} // namespace chalkstream::pipelines::tools
