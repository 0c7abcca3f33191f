#include "core/credit.hpp"

#include "core/check.hpp"

namespace chalkstream {

void credit::give(std::size_t bytes) noexcept {
  CHALK_PROMISE(records_ > 0 && bytes_ >= bytes, "credit given back twice");
  --records_;
  bytes_ -= bytes;
}

} // namespace chalkstream
