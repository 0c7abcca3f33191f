// Pictures as they might also have come: moved, turned, stretched, with a piece missing. Everything follows from the
// seed.
#pragma once

#include "core/model.hpp"

#include <cstdint>

namespace chalkstream::pipelines::tools {

/// The most of each; what a picture gets is drawn evenly up to it, in either direction.
struct augmentation_settings {
  double shift = 0;    // of a side, along each axis
  double rotation = 0; // degrees
  double zoom = 0;     // a share larger or smaller, along each axis
  double shear = 0;    // a row's shift for each row's distance from the middle
  /// The chance that a rectangle of 2 to 15 % of the picture becomes its mean.
  double erase = 0;
  /// The chance that left and right change places.
  double flip = 0;

  bool any() const noexcept { return moves() || erase > 0; }
  bool moves() const noexcept { return shift > 0 || rotation > 0 || zoom > 0 || shear > 0 || flip > 0; }
};

/// Of the same size. Between pixels it is interpolated linearly; beyond the edge is what is at the edge.
picture augmented(const picture& image, const augmentation_settings& settings, std::uint64_t seed);

} // namespace chalkstream::pipelines::tools
