#include "monitoring/exemplars.hpp"

#include <bit>
#include <cstring>

namespace chalkstream::monitoring {

namespace {

constexpr int tries = 4;

} // namespace

exemplars::packed exemplars::pack(const exemplar& whole) noexcept {
  packed parts{};
  std::memcpy(parts.data(), whole.of.trace.data(), sizeof whole.of.trace);
  std::memcpy(parts.data() + 2, whole.of.span.data(), sizeof whole.of.span);
  parts[3] = static_cast<std::uint64_t>(whole.of.at.time_since_epoch().count());
  parts[4] = std::bit_cast<std::uint64_t>(whole.value);
  return parts;
}

exemplar exemplars::unpack(const packed& parts) noexcept {
  exemplar whole;
  std::memcpy(whole.of.trace.data(), parts.data(), sizeof whole.of.trace);
  std::memcpy(whole.of.span.data(), parts.data() + 2, sizeof whole.of.span);
  whole.of.at = wall_time(std::chrono::milliseconds(static_cast<std::int64_t>(parts[3])));
  whole.value = std::bit_cast<double>(parts[4]);
  return whole;
}

// The parts are released and acquired one by one: who reads a new one then sees that the version has moved on.
void exemplars::keep(std::size_t bucket, const exemplar& latest) noexcept {
  auto& at = places_[bucket];
  auto version = at.version.load(std::memory_order_relaxed);
  const bool mine = version % 2 == 0
                    && at.version.compare_exchange_strong(version, version + 1, std::memory_order_acq_rel,
                                                          std::memory_order_relaxed);
  if (!mine)
    return;
  const auto parts = pack(latest);
  for (std::size_t i = 0; i < words; ++i)
    at.parts[i].store(parts[i], std::memory_order_release);
  at.version.store(version + 2, std::memory_order_release);
}

std::optional<exemplar> exemplars::latest(std::size_t bucket) const noexcept {
  const auto& at = places_[bucket];
  for (int i = 0; i < tries; ++i) {
    const auto before = at.version.load(std::memory_order_acquire);
    if (before == 0)
      return {};
    packed parts;
    for (std::size_t k = 0; k < words; ++k)
      parts[k] = at.parts[k].load(std::memory_order_acquire);
    if (before % 2 == 0 && at.version.load(std::memory_order_relaxed) == before)
      return unpack(parts);
  }
  return {};
}

} // namespace chalkstream::monitoring
