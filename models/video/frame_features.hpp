// What is kept of a frame to compare it with others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace chalkstream::video {

/// The planes of a frame in YCbCr with 8 bits: luma, and two of chroma that may be smaller or, of grey frames, null.
/// Views into the decoder's memory.
struct frame_planes {
  struct plane {
    const std::uint8_t* values = nullptr;
    std::ptrdiff_t stride = 0;
    std::size_t width = 0;
    std::size_t height = 0;
  };
  std::array<plane, 3> planes;
};

inline constexpr std::size_t grid_columns = 32;
inline constexpr std::size_t grid_rows = 18;
inline constexpr std::size_t grid_cells = grid_columns * grid_rows;

struct frame_features {
  /// The mean of each cell, of luma and both chromas, one after the other.
  std::array<std::uint8_t, 3 * grid_cells> grid{};
  /// How much neighbouring pixels differ (Brenner's gradient of luma): of two frames of one scene the higher is
  /// sharper.
  double sharpness = 0;
};

frame_features features_of(const frame_planes& frame);

/// How much two frames differ, 0 to 1: the mean of two measures. The cells' differences see what has moved or changed
/// its place, the histograms of cells what has changed its colours; a pan is much of the first and little of the
/// second.
double difference(const frame_features& a, const frame_features& b);

} // namespace chalkstream::video
