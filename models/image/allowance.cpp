#include "models/image/allowance.hpp"

#include <algorithm>
#include <string>

namespace chalkstream::image {

result<void> allowance::take(std::size_t bytes) {
  if (bytes > left_)
    return {errc::out_of_memory, "it needs more than max_memory (" + std::to_string(limits_.max_memory) + " bytes)"};
  left_ -= bytes;
  return {};
}

result<void> allowance::fits(std::size_t width, std::size_t height) const {
  if (width == 0 || height == 0)
    return {errc::invalid_argument, "it is empty: " + std::to_string(width) + " x " + std::to_string(height)};
  if (width > limits_.max_pixels / height)
    return {errc::out_of_memory, "its " + std::to_string(width) + " x " + std::to_string(height)
                                     + " pixels are more than max_pixels (" + std::to_string(limits_.max_pixels)
                                     + ")"};
  return {};
}

result<picture> allowance::blank(std::size_t width, std::size_t height) {
  CHALK_CHECK(fits(width, height));
  if (height > left_ / 3 / width)
    CHALK_CHECK(take(left_ + 1));
  CHALK_CHECK(take(width * height * 3));
  picture made{width, height, 3, {}};
  made.values.resize(width * height * 3);
  return made;
}

result<void> allowance::in_time() const {
  if (over_time())
    return {errc::out_of_memory,
            "it takes longer than max_time (" + std::to_string(limits_.max_time.count()) + " ms)"};
  return {};
}

std::chrono::milliseconds allowance::time_left() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(1));
}

} // namespace chalkstream::image
