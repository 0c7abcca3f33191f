// Which row of the position table each token of a sequence takes.
#pragma once

#include "models/description.hpp"

#include <cstdint>
#include <optional>

namespace chalkstream::models {

/// Asked once a token, in order; start a new one for each sequence.
class position_counter {
public:
  explicit position_counter(const encoder_description& encoder) noexcept
      : next_(static_cast<std::int32_t>(encoder.first_position)), skipped_(next_ - 1), uncounted_(encoder.uncounted) {
  }

  std::int32_t operator()(std::int32_t id) noexcept { return uncounted_ && id == *uncounted_ ? skipped_ : next_++; }

private:
  std::int32_t next_;
  std::int32_t skipped_;
  std::optional<std::int32_t> uncounted_;
};

} // namespace chalkstream::models
