#include "models/video/clip.hpp"

#include "models/image/allowance.hpp"
#include "models/image/orientation.hpp"
#include "models/video/container.hpp"
#include "models/video/frame_conversion.hpp"
#include "models/video/frame_reader.hpp"

#include <deque>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace chalkstream::video {
namespace {

/// A frame that may come to stand for its segment.
struct candidate {
  frame_ptr frame;
  double time = 0;
  double sharpness = 0;
  bool still = false;

  bool better_than(const candidate& other) const {
    if (other.frame == nullptr || still != other.still)
      return other.frame == nullptr || still;
    return sharpness > other.sharpness;
  }
};

class clip_reading {
public:
  clip_reading(frame_reader& reader, const clip_limits& limits, const scene_settings& scenes,
               const key_frame_taker& take)
      : reader_(reader), limits_(limits), changes_(scenes), take_(take) {}

  result<clip> read() {
    for (;;) {
      CHALK_TRY(const bool more, reader_.next());
      if (!more)
        break;
      CHALK_TRY(const auto planes, conversion_.planes_of(reader_.frame()));
      const auto features = features_of(planes);
      waiting_.push_back({reader_.keep(), reader_.time(), features.sharpness});
      times_.push_back(reader_.time());
      if (const auto judged = changes_.add(features, reader_.time()))
        CHALK_CHECK(apply(*judged));
    }
    while (const auto judged = changes_.finish())
      CHALK_CHECK(apply(*judged));
    made_.duration = times_.back() + reader_.shown_for();
    made_.frames = times_.size();
    CHALK_CHECK(close_segment(made_.duration));
    return std::move(made_);
  }

private:
  result<void> apply(const scene_changes::verdict& judged) {
    if (judged.begins)
      CHALK_CHECK(close_segment(times_[*judged.begins]));
    auto frame = std::move(waiting_.front());
    waiting_.pop_front();
    frame.still = judged.still;
    if (frame.better_than(best_))
      best_ = std::move(frame);
    return {};
  }

  result<void> close_segment(double end) {
    if (made_.segments.size() == limits_.max_segments)
      return error{errc::out_of_memory,
                   "it has more than max_segments (" + std::to_string(limits_.max_segments) + ") segments"};
    made_.segments.push_back({start_, end, best_.time});
    start_ = end;
    const auto key = std::exchange(best_, {});
    CHALK_TRY(auto pixels, conversion_.picture_of(*key.frame));
    image::allowance costs({.max_pixels = limits_.max_pixels, .max_memory = limits_.max_memory});
    CHALK_TRY(auto upright, image::upright(std::move(pixels), reader_.orientation(), costs));
    if (made_.segments.size() == 1) {
      made_.width = upright.width;
      made_.height = upright.height;
    }
    return take_(std::move(upright));
  }

  frame_reader& reader_;
  const clip_limits& limits_;
  scene_changes changes_;
  const key_frame_taker& take_;
  frame_conversion conversion_;
  std::deque<candidate> waiting_; // for their verdict
  std::vector<double> times_;
  candidate best_; // of the segment that has begun
  double start_ = 0;
  clip made_;
};

} // namespace

result<clip> read_clip(std::span<const std::byte> file, const clip_limits& limits, const scene_settings& scenes,
                       const key_frame_taker& take) {
  const auto refused = [&](errc code, const std::string& reason) {
    const auto kind = container_of(file);
    return error{code,
                 "the clip (" + std::string(kind ? kind->media_type : "unknown") + ") cannot be read: " + reason};
  };
  try { // what containers throw when the machine itself has no more
    auto reader = frame_reader::open(file, limits);
    if (!reader)
      return refused(reader.error().code, reader.error().message);
    auto made = clip_reading(*reader, limits, scenes, take).read();
    if (!made)
      return refused(made.error().code, made.error().message);
    return made;
  } catch (const std::bad_alloc&) {
    return refused(errc::out_of_memory, "there is no memory for it");
  }
}

} // namespace chalkstream::video
