#include "core/crew.hpp"

#include "core/check.hpp"

#include <bit>

namespace chalkstream {
namespace {

// One word holds everything a claim needs, so that whoever claims a unit knows it belongs to the phase he saw. The
// phase's function is read only after a claim: the owner does not leave a phase while one of its units is claimed.
constexpr int next_bits = 20;
constexpr std::uint64_t mask = (1U << next_bits) - 1;
constexpr std::uint64_t finished = ~std::uint64_t{0};

constexpr std::uint64_t next_of(std::uint64_t ticket) {
  return ticket & mask;
}
constexpr std::uint64_t units_of(std::uint64_t ticket) {
  return ticket >> next_bits & mask;
}

// A phase takes milliseconds and the pause between two is short: sleeping at once would cost more than it saves.
constexpr int spins = 2000;

void breathe() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

} // namespace

void crew::open(std::size_t units) noexcept {
  CHALK_PROMISE(units < mask, "a phase has fewer than a million units");
  pending_.store(static_cast<std::uint32_t>(units), std::memory_order_relaxed);
  const auto phase = (ticket_.load(std::memory_order_relaxed) >> 2 * next_bits) + 1;
  ticket_.store(phase << 2 * next_bits | units << next_bits, std::memory_order_release);
  ticket_.notify_all();
}

bool crew::claim(std::size_t& unit) noexcept {
  auto seen = ticket_.load(std::memory_order_acquire);
  while (next_of(seen) < units_of(seen))
    if (ticket_.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
      unit = next_of(seen);
      return true;
    }
  return false;
}

void crew::await_others() noexcept {
  auto left = pending_.load(std::memory_order_acquire);
  for (int i = 0; left != 0 && i < spins; ++i) {
    breathe();
    left = pending_.load(std::memory_order_acquire);
  }
  while (left != 0) {
    pending_.wait(left, std::memory_order_acquire);
    left = pending_.load(std::memory_order_acquire);
  }
}

void crew::finish() noexcept {
  ticket_.store(finished, std::memory_order_release);
  ticket_.notify_all();
}

void crew::help(const std::atomic<bool>& wanted) noexcept {
  auto taken = members_.load(std::memory_order_relaxed);
  std::size_t member = 0;
  do {
    member = static_cast<std::size_t>(std::countr_one(taken));
    if (member >= most_)
      return;
  } while (!members_.compare_exchange_weak(taken, taken | std::uint64_t{1} << member, std::memory_order_acq_rel));

  for (int idle = 0; !wanted.load(std::memory_order_relaxed);) {
    const auto seen = ticket_.load(std::memory_order_acquire);
    if (seen == finished)
      break;
    if (std::size_t unit = 0; claim(unit)) {
      idle = 0;
      call_(context_, unit, member);
      if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        pending_.notify_one();
    } else if (++idle < spins) {
      breathe();
    } else if (next_of(seen) >= units_of(seen)) {
      ticket_.wait(seen, std::memory_order_acquire);
      idle = 0;
    }
  }
  members_.fetch_and(~(std::uint64_t{1} << member), std::memory_order_acq_rel);
}

} // namespace chalkstream
