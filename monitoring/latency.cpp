#include "monitoring/latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace chalkstream::monitoring {

namespace {

constexpr unsigned fine_bits = 4; // 16 slots to a power of two
constexpr std::uint64_t fine = 1u << fine_bits;
constexpr std::uint64_t longest = 0xffff'ffff; // microseconds

} // namespace

std::size_t latency_recorder::slot_of(double seconds) noexcept {
  if (!(seconds > 0)) // also NaN
    return 0;
  const auto micros = static_cast<std::uint64_t>(std::min(seconds * 1e6, static_cast<double>(longest)));
  if (micros < fine)
    return micros;
  const auto power = static_cast<unsigned>(std::bit_width(micros)) - 1;
  return fine * (power - fine_bits + 1) + ((micros >> (power - fine_bits)) & (fine - 1));
}

double latency_recorder::middle_of(std::size_t slot) noexcept {
  if (slot < fine)
    return (static_cast<double>(slot) + 0.5) * 1e-6;
  const auto power = slot / fine - 1; // above fine_bits
  const auto width = std::ldexp(1.0, static_cast<int>(power));
  return (static_cast<double>(fine + slot % fine) + 0.5) * width * 1e-6;
}

latency_counts latency_recorder::read() const {
  std::vector<std::uint32_t> copy(slots);
  for (std::size_t i = 0; i < slots; ++i)
    copy[i] = slots_[i].load(std::memory_order_relaxed);
  return latency_counts{std::move(copy)};
}

std::uint64_t latency_counts::size() const noexcept {
  return std::accumulate(slots_.begin(), slots_.end(), std::uint64_t{0});
}

double latency_counts::quantile(double q) const noexcept {
  const auto all = size();
  if (all == 0)
    return 0;
  const auto rank = std::clamp<double>(std::ceil(q * static_cast<double>(all)), 1, static_cast<double>(all));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    below += slots_[i];
    if (static_cast<double>(below) >= rank)
      return latency_recorder::middle_of(i);
  }
  return 0;
}

latency_counts latency_counts::since(const latency_counts& earlier) const {
  auto rest = slots_;
  for (std::size_t i = 0; i < std::min(rest.size(), earlier.slots_.size()); ++i)
    rest[i] -= earlier.slots_[i]; // wraps like the counters do
  return latency_counts{std::move(rest)};
}

} // namespace chalkstream::monitoring
