#include "core/crash_guard.hpp"

#include <algorithm>
#include <limits>

namespace chalkstream {

// The note's level is one above the guard's: 0 is "handed back in order", n + 1 is "running at level n".
crash_guard::crash_guard(const commit_note& left, std::int64_t position, std::size_t reach)
    : taken_over_at_(position) {
  if (left.level == 0)
    return;
  const auto before = std::min(left.level - 1, last_level);
  guilty_ = before == last_level && !left.progressed;
  level_ = left.progressed || guilty_ ? before : before + 1;
  if (level_ > 0) {
    const auto known = left.finished.empty() ? position : left.finished.back().end;
    suspect_until_ = std::max(left.suspect_until, known + static_cast<std::int64_t>(reach));
  }
}

std::size_t crash_guard::in_flight_limit() const noexcept {
  switch (level_) {
  case 0:
  case 1:
    return std::numeric_limits<std::size_t>::max(); // one death may have had any cause: no slower for it
  case 2:
    return 64;
  case 3:
    return 8;
  default:
    return 1;
  }
}

void crash_guard::on_takeover(commit_note& note) const {
  note.level = level_ + 1;
  note.progressed = progressed_; // the dead letter of a guilty record may have come first
  note.suspect_until = suspect_until_;
}

void crash_guard::on_progress(commit_note& note, std::int64_t position) {
  if (position > taken_over_at_) {
    progressed_ = true;
    guilty_ = false;
    level_ = std::min(level_, trial_level); // the next record has both its trials before it
  }
  if (position >= suspect_until_) {
    level_ = 0;
    suspect_until_ = 0;
  }
  note.level = level_ + 1;
  note.progressed = progressed_;
  note.suspect_until = suspect_until_;
}

void crash_guard::on_release(commit_note& note) {
  note.level = 0;
  note.progressed = false;
  note.suspect_until = 0;
}

} // namespace chalkstream
