// What a clip shows becomes records: one for each of its segments, and a summary.
#pragma once

#include "core/outcome.hpp"
#include "core/record.hpp"
#include "core/task.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace chalkstream::education {

/// A part of a clip that shows one scene or slide. Times are seconds from the first frame.
struct video_segment {
  double start = 0;
  double end = 0;
  /// Of the frame that stands for it.
  double key_frame = 0;
  /// What the key frame shows.
  std::string label = {};
  double confidence = 0;
};

struct video_findings {
  double duration = 0;
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t frames = 0;
  std::vector<video_segment> segments;
};

/// The record of one segment: beside the fields that all results have, segment {position, of, start, end, key_frame},
/// label, confidence, decision, reasons, model. Positions count from 1, `index` from 0; `about.id` is the clip's, and
/// the segment's own has "-<position>" behind it.
encoded_result encode_segment(const outcome& about, const video_findings& clip, std::size_t index);

/// The clip's: duration, width, height, frames, segments (each with start, end, key_frame, label and confidence),
/// confidence, decision, reasons, model.
encoded_result encode_video(const outcome& about, const video_findings& clip);

} // namespace chalkstream::education
