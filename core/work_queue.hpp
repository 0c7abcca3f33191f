// What is ready for a model, and which of it runs next.
//
// The most urgent entry goes first: by priority, then by earliest deadline, then in order of arrival. The batch is
// then filled with entries of the same model of any length, looking past those that no longer fit, up to the token
// budget: a packed batch has no padding, so length does not matter. When several slots are idle the work at hand is
// shared out between them rather than stacked on one.
//
// What waits for something else than a slot, the room of a model that writes, is parked: nothing takes it until it is
// called back, one at a time and the most urgent first.
#pragma once

#include "core/clock.hpp"
#include "core/event.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace chalkstream {

template <class T>
class work_queue {
public:
  struct entry {
    T value;
    std::size_t tokens = 0;
    priority urgency = priority::normal;
    time_point deadline{};
    /// Runs alone: it was part of a batch that failed.
    bool alone = false;
    /// Its turn among equals, given when it comes first (0). One that comes back with it keeps it.
    std::uint64_t arrival = 0;
  };

  /// How far a batch is filled past entries that do not fit.
  static constexpr std::size_t look_ahead = 64;

  explicit work_queue(std::size_t models) : lanes_(models) {}

  void push(std::size_t model, entry e) {
    lanes_[model].line.add(numbered(std::move(e)));
    ++size_;
  }

  /// As push, but aside.
  void park(std::size_t model, entry e) { lanes_[model].parked.add(numbered(std::move(e))); }

  /// The most urgent parked entry of `model` is back in line. False if there is none.
  bool unpark(std::size_t model) {
    auto& lane = lanes_[model];
    if (lane.parked.entries.empty())
      return false;
    lane.line.add(lane.parked.extract(lane.parked.entries.begin()));
    ++size_;
    return true;
  }

  /// Whether one that is parked would go before `e`, which has been in line.
  bool behind_parked(std::size_t model, const entry& e) const {
    const auto& parked = lanes_[model].parked.entries;
    return !parked.empty() && before(*parked.begin(), e);
  }

  std::size_t size() const noexcept { return size_; }
  std::size_t size(std::size_t model) const noexcept { return lanes_[model].line.entries.size(); }
  std::size_t tokens(std::size_t model) const noexcept { return lanes_[model].line.tokens; }
  std::size_t models() const noexcept { return lanes_.size(); }

  /// Those are in none of the sizes above.
  std::size_t parked(std::size_t model) const noexcept { return lanes_[model].parked.entries.size(); }
  std::size_t parked_tokens(std::size_t model) const noexcept { return lanes_[model].parked.tokens; }

  /// The model of the most urgent entry among those `may_run(model)` admits; models() if there is none.
  template <class MayRun>
  std::size_t most_urgent(MayRun&& may_run) const {
    std::size_t best = lanes_.size();
    for (std::size_t m = 0; m < lanes_.size(); ++m) {
      if (lanes_[m].line.entries.empty() || !may_run(m))
        continue;
      if (best == lanes_.size() || before(front(m), front(best)))
        best = m;
    }
    return best;
  }

  /// The most urgent entry of `model`, which must have one.
  const entry& front(std::size_t model) const { return *lanes_[model].line.entries.begin(); }

  /// Takes the most urgent entry of `model` and fills up to `budget` tokens. One entry over the budget runs alone;
  /// where something waits, something is taken.
  std::vector<entry> take(std::size_t model, std::size_t budget) {
    auto& line = lanes_[model].line;
    std::vector<entry> batch;
    std::size_t sum = 0;
    std::size_t passed_over = 0;
    for (auto at = line.entries.begin();
         at != line.entries.end() && passed_over < look_ahead && (batch.empty() || sum < budget);) {
      const bool fits = batch.empty() || (sum + at->tokens <= budget && !at->alone);
      if (!fits) {
        ++passed_over;
        ++at;
        continue;
      }
      sum += at->tokens;
      const bool alone = at->alone;
      batch.push_back(line.extract(at++));
      if (alone)
        break;
    }
    size_ -= batch.size();
    return batch;
  }

  /// Removes and returns all entries for which `gone(entry)` holds, parked ones included.
  template <class Predicate>
  std::vector<entry> remove_if(Predicate&& gone) {
    std::vector<entry> removed;
    for (auto& lane : lanes_) {
      const auto in_line = removed.size();
      lane.line.remove_if(gone, removed);
      size_ -= removed.size() - in_line;
      lane.parked.remove_if(gone, removed);
    }
    return removed;
  }

private:
  static bool before(const entry& a, const entry& b) noexcept {
    if (a.urgency != b.urgency)
      return a.urgency < b.urgency;
    if (a.deadline != b.deadline)
      return a.deadline < b.deadline;
    return a.arrival < b.arrival;
  }

  struct order {
    bool operator()(const entry& a, const entry& b) const noexcept { return before(a, b); }
  };

  struct sorted {
    std::set<entry, order> entries;
    std::size_t tokens = 0;

    void add(entry e) {
      tokens += e.tokens;
      entries.insert(std::move(e));
    }

    entry extract(typename std::set<entry, order>::iterator at) {
      tokens -= at->tokens;
      return std::move(entries.extract(at).value());
    }

    template <class Predicate>
    void remove_if(Predicate&& gone, std::vector<entry>& removed) {
      for (auto at = entries.begin(); at != entries.end();) {
        if (gone(*at))
          removed.push_back(extract(at++));
        else
          ++at;
      }
    }
  };

  struct lane {
    sorted line;
    sorted parked;
  };

  entry numbered(entry e) {
    if (e.arrival == 0)
      e.arrival = next_++;
    return e;
  }

  std::vector<lane> lanes_;
  std::uint64_t next_ = 1;
  std::size_t size_ = 0;
};

/// The token budget for one slot when `idle` slots (this one included) could share `waiting` tokens.
constexpr std::size_t shared_budget(std::size_t budget, std::size_t waiting, std::size_t idle) noexcept {
  const auto share = idle == 0 ? waiting : (waiting + idle - 1) / idle;
  return share < budget ? share : budget;
}

} // namespace chalkstream
