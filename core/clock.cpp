#include "core/clock.hpp"

namespace chalkstream {

namespace {

class system_clock final : public clock {
public:
  time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
  wall_time wall_now() const noexcept override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

} // namespace

const clock& clock::system() {
  static const system_clock instance;
  return instance;
}

} // namespace chalkstream
