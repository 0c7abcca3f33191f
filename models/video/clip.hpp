// Clips, as bytes of which nothing is believed, to their segments and the frame that stands for each.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/video/clip_limits.hpp"
#include "models/video/scene_changes.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace chalkstream::video {

/// Times in seconds from the first frame.
struct segment {
  double start = 0;
  double end = 0;
  double key_frame = 0;
  bool operator==(const segment&) const = default;
};

struct clip {
  double duration = 0;
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t frames = 0;
  /// At least one; each begins where the one before it ends.
  std::vector<segment> segments;
};

/// Takes the key frame of the next segment, upright, in RGB. Its error ends the reading and is the clip's.
using key_frame_taker = std::function<result<void>(picture)>;

/// Decodes the clip and calls `take` once for each segment, in order, as soon as it has ended: one frame for each is
/// kept, the sharpest of those where nothing moved for a while. Errors: invalid_argument for what is no clip, cut off
/// or damaged; out_of_memory where a limit is over, with the limit's name; unsupported for codecs that are not read.
/// Blocks while it computes, on one thread; safe from any.
result<clip> read_clip(std::span<const std::byte> file, const clip_limits& limits, const scene_settings& scenes,
                       const key_frame_taker& take);

} // namespace chalkstream::video
