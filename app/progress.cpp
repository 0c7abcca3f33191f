#include "app/progress.hpp"

#include "app/text_table.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace chalkstream::app {

namespace {

constexpr std::string_view clear_line = "\r\033[K";
constexpr std::size_t step_column = 28;
constexpr std::size_t narrowest_bar = 10;
constexpr std::size_t widest_bar = 40;

double clean(double fraction) {
  return fraction > 0 ? std::min(fraction, 1.0) : 0.0; // NaN too
}

} // namespace

terminal terminal::of(int descriptor) {
  terminal seen;
  const char* kind = std::getenv("TERM");
  seen.interactive = isatty(descriptor) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    seen.width = size.ws_col;
  return seen;
}

text_output write_to(int descriptor) {
  return [descriptor](std::string_view text) {
    while (!text.empty()) {
      const auto n = write(descriptor, text.data(), text.size());
      if (n > 0) {
        text.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno == EAGAIN) {
        pollfd room{descriptor, POLLOUT, 0};
        poll(&room, 1, -1);
      } else if (errno != EINTR) {
        return;
      }
    }
  };
}

std::string erase_lines(std::size_t lines) {
  return lines == 0 ? std::string{} : "\033[" + std::to_string(lines) + "F\033[J";
}

std::string progress_bar(std::string_view step, double fraction, std::size_t width) {
  const auto percent = std::to_string(static_cast<int>(std::floor(clean(fraction) * 100)));
  const auto tail = std::string(percent.size() < 3 ? 3 - percent.size() : 0, ' ') + percent + " %";
  auto name = std::string(step.substr(0, step_column));
  name.resize(step_column, ' ');
  const auto others = name.size() + tail.size() + 4; // brackets and two spaces
  if (width < others + narrowest_bar) {
    const auto room = width > tail.size() + 1 ? width - tail.size() - 1 : 0;
    return (std::string(step.substr(0, room)) + " " + tail).substr(0, width);
  }
  const auto bar = std::min(width - others, widest_bar);
  const auto full = static_cast<std::size_t>(clean(fraction) * static_cast<double>(bar));
  return name + " [" + std::string(full, '#') + std::string(bar - full, '-') + "] " + tail;
}

progress::progress(terminal where, text_output out, const clock& time)
    : where_(where), out_(std::move(out)), time_(time) {}

progress::~progress() {
  const std::lock_guard guard(lock_);
  clear();
}

void progress::update(std::string_view step, double fraction) {
  const std::lock_guard guard(lock_);
  auto at = std::find_if(running_.begin(), running_.end(), [step](const auto& r) { return r.name == step; });
  if (at == running_.end()) {
    if (std::find(ended_.begin(), ended_.end(), step) != ended_.end())
      return; // a late report of a step that is over
    at = running_.insert(running_.end(), {std::string(step), time_.now()});
    if (!where_.interactive)
      out_(at->name + " ...\n");
  }
  if (fraction >= 1) {
    finish(*at);
    ended_.push_back(at->name);
    running_.erase(at);
    return;
  }
  if (!where_.interactive)
    return;
  auto bar = progress_bar(step, fraction, where_.width - std::min<std::size_t>(where_.width, 1));
  if (bar == shown_)
    return;
  out_(std::string(clear_line) + bar);
  shown_ = std::move(bar);
}

void progress::clear() {
  if (!shown_.empty())
    out_(clear_line);
  shown_.clear();
}

void progress::finish(const running_step& step) {
  clear();
  const auto took = in_seconds(time_.now() - step.started);
  out_(step.name + ": done" + (took >= 0.0005 ? " in " + format_seconds(took) : "") + "\n");
}

} // namespace chalkstream::app
