// Says what one autoscaler wants, and how often it could not tell. Thread-safe. Series carry the label `target`: a
// model, or "processes".
#pragma once

#include "monitoring/instruments.hpp"
#include "monitoring/page.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace chalkstream::monitoring {

/// Why nothing was decided. All but the first are scaling_reason's.
enum class hold_reason : std::uint8_t { unavailable, missing, not_a_number, stale, impossible, contradictory };
inline constexpr std::size_t hold_reasons = 6;

/// What kept it from wanting another number; scaling_limit's.
enum class scaling_bound : std::uint8_t { none, least, most, step, partitions, budget };
inline constexpr std::size_t scaling_bounds = 6;

class autoscale_probe {
public:
  explicit autoscale_probe(std::string target) : target_(std::move(target)) {}

  void wanted(std::size_t replicas) noexcept { wanted_.set(static_cast<double>(replicas)); }
  /// From so many to so many.
  void decided(std::size_t from, std::size_t to) noexcept;
  void held(hold_reason why) noexcept { held_[static_cast<std::size_t>(why)].add(); }
  void bounded(scaling_bound by) noexcept { bound_.set(static_cast<double>(by)); }

  void write(page& to) const;

private:
  std::string target_;
  gauge wanted_;
  gauge bound_; // a scaling_bound
  counter up_;
  counter down_;
  counter same_;
  std::array<counter, hold_reasons> held_;
};

extern const family autoscale_key_family;

} // namespace chalkstream::monitoring
