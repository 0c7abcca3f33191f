#include "core/line_allowance.hpp"

#include <utility>

namespace chalkstream {

std::optional<std::size_t> line_allowance::ask(time_point now) {
  if (!since_ || now - *since_ >= stretch_) {
    since_ = now;
    used_ = 0;
  }
  if (used_ >= lines_) {
    ++left_out_;
    return {};
  }
  ++used_;
  return std::exchange(left_out_, 0);
}

} // namespace chalkstream
