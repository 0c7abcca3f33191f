// Clips that tests make, by FFmpeg's encoders.
#pragma once

#include "core/model.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace chalkstream::test {

struct clip_format {
  /// FFmpeg's names of a muxer, an encoder and its pixels.
  std::string container = "mp4";
  std::string codec = "libx264";
  std::string pixels = "yuv420p";
  int frames_per_second = 25;
  /// Clockwise, that a player is to turn it by.
  int rotation = 0;
};

/// The file. `frame(i)` gives RGB pictures of one size, even numbers of pixels each way.
std::string write_clip(const clip_format& format, std::size_t frames,
                       const std::function<picture(std::size_t)>& frame);

} // namespace chalkstream::test
