// What one clip may cost.
#pragma once

#include <chrono>
#include <cstddef>

namespace chalkstream::video {

/// A clip that would go over one is an error before the cost arises; what its header claims of duration and frames is
/// not believed.
struct clip_limits {
  std::size_t max_bytes = std::size_t{256} << 20;
  /// Of a frame.
  std::size_t max_pixels = 9'000'000;
  std::size_t max_frames = 20'000;
  std::chrono::milliseconds max_duration{600'000};
  std::size_t max_segments = 200;
  /// Of decoded frames, counted as if the decoder kept as many as any codec may.
  std::size_t max_memory = std::size_t{512} << 20;
  /// Of decoding the whole of it.
  std::chrono::milliseconds max_time{60'000};
};

} // namespace chalkstream::video
