// Help for a batch while it is computed: threads that are idle come and go, and the batch waits for none of them.
//
// The owner walks through phases; in each, units of work are claimed one by one by whoever is there. A helper that
// comes late finds units left over, one that is called away leaves after its unit, and a core that is busy elsewhere
// delays a phase by one unit at most. Nothing is allocated, nobody blocks but the owner at the end of a phase, for
// units that are being worked on, and helpers between two phases.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace chalkstream {

class crew {
public:
  /// `most` members may work at once, the owner included.
  explicit crew(std::size_t most) noexcept : most_(most < limit ? most : limit) {}
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  std::size_t most() const noexcept { return most_; }

  // -- the owner ---------------------------------------------------------------------

  /// `work(unit, member)` for each unit in [0, units), and returns when all are done; everything they wrote is seen
  /// by the next phase. Members are numbered below most(), the owner is 0, and no two have one number at the same
  /// time. `work` must not throw.
  template <class Work>
  void phase(std::size_t units, Work&& work) {
    context_ = &work;
    call_ = [](void* context, std::size_t unit, std::size_t member) {
      (*static_cast<std::remove_reference_t<Work>*>(context))(unit, member);
    };
    open(units);
    for (std::size_t unit = 0; claim(unit);) {
      work(unit, std::size_t{0});
      pending_.fetch_sub(1, std::memory_order_acq_rel);
    }
    await_others();
  }

  /// No phase will follow: helpers return. Whoever made the crew must see to it that this is called.
  void finish() noexcept;

  // -- helpers -----------------------------------------------------------------------

  /// Works along until the owner has finished, or until a unit ends and `wanted` is true. Returns at once if there
  /// are enough helpers. The caller keeps the crew alive.
  void help(const std::atomic<bool>& wanted) noexcept;

private:
  static constexpr std::size_t limit = 64; // numbers of members are the bits of one word

  void open(std::size_t units) noexcept;
  bool claim(std::size_t& unit) noexcept;
  void await_others() noexcept;

  std::size_t most_;
  void* context_ = nullptr;
  void (*call_)(void*, std::size_t, std::size_t) = nullptr;
  std::atomic<std::uint64_t> ticket_{0};  // phase, units, next unit; see crew.cpp
  std::atomic<std::uint32_t> pending_{0}; // units of the phase that are not done
  std::atomic<std::uint64_t> members_{1}; // numbers in use
};

} // namespace chalkstream
