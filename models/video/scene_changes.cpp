#include "models/video/scene_changes.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::video {
namespace {

/// Neighbours of a frame on each side.
constexpr std::size_t reach = 2;
/// Seconds.
constexpr double look_back = 0.5;
/// A clip with more frames a second is looked back on for less.
constexpr std::size_t most_recent = 64;

} // namespace

std::optional<scene_changes::verdict> scene_changes::add(const frame_features& frame, double time) {
  const double change = window_.empty() ? 0 : difference(window_.back().features, frame);
  window_.push_back({frame, time, change});
  if (window_.size() - judged_ <= reach)
    return std::nullopt;
  return judge();
}

std::optional<scene_changes::verdict> scene_changes::finish() {
  if (window_.size() == judged_)
    return std::nullopt;
  return judge();
}

bool scene_changes::is_cut(std::size_t at) const {
  if (at == 0)
    return false;
  const auto& frame = window_[at];
  double neighbours = 0;
  std::size_t count = 0;
  const auto last = std::min(at + reach, window_.size() - 1);
  for (auto i = at - std::min(at, reach); i <= last; ++i) {
    if (i == at)
      continue;
    neighbours += window_[i].change;
    ++count;
  }
  neighbours /= static_cast<double>(std::max<std::size_t>(1, count));
  return frame.change >= settings_.least_cut + settings_.cut_ratio * neighbours
         && frame.time - last_change_ >= settings_.shortest_segment && is_new(at, last);
}

// Neither a flash nor the return from one.
bool scene_changes::is_new(std::size_t at, std::size_t last) const {
  for (auto before = at - std::min(at, reach + 1); before < at; ++before)
    if (difference(window_[before].features, window_[last].features) < settings_.least_cut)
      return false;
  return true;
}

scene_changes::verdict scene_changes::judge() {
  auto now = window_[judged_];
  verdict made{.frame = next_};
  if (is_cut(judged_)) {
    made.begins = next_;
    last_change_ = now.time;
    recent_.clear();
    under_way_.reset();
  }
  while (!recent_.empty() && (now.time - recent_.front().time > look_back || recent_.size() >= most_recent))
    recent_.pop_front();
  const auto& before = recent_.empty() ? now : recent_.front();
  made.still = difference(before.features, now.features) < settings_.least_movement;
  now.still = made.still;
  if (!made.still && !under_way_ && before.still) // or it is a flash that is looked back on
    under_way_ = movement{next_, before.features};
  else if (made.still && under_way_)
    made.begins = end_of_transition(now, next_);
  recent_.push_back(now);

  ++next_;
  ++judged_;
  while (judged_ > reach + 1) {
    window_.pop_front();
    --judged_;
  }
  return made;
}

// A movement is seen late by as much as it takes to be seen, and its end is, half a second later, early by the same:
// its middle is right.
std::optional<std::size_t> scene_changes::end_of_transition(const seen& now, std::size_t frame) {
  const auto moved = std::exchange(under_way_, std::nullopt);
  const auto end = std::max(moved->begin, frame - std::min(frame, recent_.size()));
  const double frame_seconds =
      recent_.empty() ? 0 : (now.time - recent_.front().time) / static_cast<double>(recent_.size());
  const auto lasted = static_cast<double>(end - moved->begin) * frame_seconds;
  const auto middle = moved->begin + (end - moved->begin + 1) / 2;
  const auto at = now.time - static_cast<double>(frame - middle) * frame_seconds;
  if (lasted > settings_.longest_transition || difference(moved->before, now.features) < settings_.least_transition
      || at - last_change_ < settings_.shortest_segment)
    return std::nullopt;
  last_change_ = at;
  return middle;
}

} // namespace chalkstream::video
