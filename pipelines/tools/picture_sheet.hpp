// Many pictures as one.
#pragma once

#include "core/model.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace chalkstream::pipelines::tools {

struct sheet_form {
  std::size_t columns = 16;
  /// Pixels of a picture's pixel, along each side.
  std::size_t scale = 1;
  /// Pixels between pictures and around them, and what they are.
  std::size_t gap = 2;
  std::uint8_t paper = 64;
  /// What is dark in the pictures becomes light, as ink on paper.
  bool inverted = false;
};

/// Row by row from the top left. The pictures, one at least, are of one size and number of channels.
picture sheet_of(std::span<const picture> pictures, const sheet_form& form);

} // namespace chalkstream::pipelines::tools
