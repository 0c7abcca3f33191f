#include "core/record.hpp"

namespace chalkstream {

std::size_t record::bytes() const noexcept {
  std::size_t sum = (key ? key->size() : 0) + (value ? value->size() : 0);
  for (const auto& h : headers)
    sum += h.name.size() + (h.value ? h.value->size() : 0);
  return sum;
}

} // namespace chalkstream
