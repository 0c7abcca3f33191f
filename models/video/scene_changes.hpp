// Where one scene or slide of a clip ends and another begins, found while its frames come in. Pure: frames are
// features and times.
//
// Sudden changes are those by which a frame differs from the one before far more than its neighbours do, as in
// PySceneDetect's AdaptiveDetector (B. Castellano, scenedetect.com): with the threshold's part that grows with the
// neighbours', a pan or a hand that writes is no change, and on a still slide a small one is enough. What was there
// before must not be there again two frames later: that was a flash. Gradual ones (fades, dissolves, wipes) follow
// the twin comparison of Zhang, Kankanhalli and Smoliar, "Automatic partitioning of full-motion video" (1993): while
// a frame differs from that of half a second ago something is under way, and when it is over, what was before and
// what is now are compared. What takes longer than such a transition does is movement.
#pragma once

#include "models/video/frame_features.hpp"

#include <cstddef>
#include <deque>
#include <optional>

namespace chalkstream::video {

struct scene_settings {
  /// Of a sudden change: at least this, and this many times more than the neighbours.
  double least_cut = 0.02;
  double cut_ratio = 3;
  /// From half a second ago: less is standing still.
  double least_movement = 0.02;
  /// From before to after a gradual change.
  double least_transition = 0.06;
  /// Seconds: of the longest gradual change, and of the shortest segment.
  double longest_transition = 3;
  double shortest_segment = 0.5;
};

class scene_changes {
public:
  explicit scene_changes(scene_settings settings) : settings_(settings) {}

  /// What is known of a frame, some frames after it came. Frames are counted from 0.
  struct verdict {
    std::size_t frame = 0;
    /// The frame a new segment begins with: this one, or one before it.
    std::optional<std::size_t> begins = {};
    /// Nothing has moved for half a second, or since the segment began.
    bool still = false;
  };

  /// The next frame; its time in seconds is later than the last one's. None while too few have come.
  std::optional<verdict> add(const frame_features& frame, double time);

  /// After the last frame, until there is none.
  std::optional<verdict> finish();

private:
  struct seen {
    frame_features features;
    double time = 0;
    /// From the frame before.
    double change = 0;
    /// Once it is judged.
    bool still = false;
  };
  struct movement {
    std::size_t begin = 0;
    frame_features before;
  };

  bool is_cut(std::size_t at) const;
  bool is_new(std::size_t at, std::size_t last) const;
  verdict judge();
  std::optional<std::size_t> end_of_transition(const seen& now, std::size_t frame);

  scene_settings settings_;
  std::deque<seen> window_; // around the frame that is judged next, judged ones first
  std::size_t judged_ = 0;  // of those in window_
  std::size_t next_ = 0;    // the frame that is judged next
  std::deque<seen> recent_; // of this segment, half a second back
  std::optional<movement> under_way_;
  double last_change_ = 0; // the time of the last segment's first frame
};

} // namespace chalkstream::video
