// What is ready for a model, and which of it runs next.
//
// The most urgent entry goes first: by priority, then by earliest deadline, then in order of arrival. The batch is
// then filled with entries of the same model of any length, looking past those that no longer fit, up to the token
// budget: a packed batch has no padding, so length does not matter. When several slots are idle the work at hand is
// shared out between them rather than stacked on one.
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
  };

  /// How far a batch is filled past entries that do not fit.
  static constexpr std::size_t look_ahead = 64;

  explicit work_queue(std::size_t models) : lanes_(models) {}

  void push(std::size_t model, entry e) {
    auto& lane = lanes_[model];
    lane.tokens += e.tokens;
    lane.line.insert({next_++, std::move(e)});
    ++size_;
  }

  std::size_t size() const noexcept { return size_; }
  std::size_t size(std::size_t model) const noexcept { return lanes_[model].line.size(); }
  std::size_t tokens(std::size_t model) const noexcept { return lanes_[model].tokens; }
  std::size_t models() const noexcept { return lanes_.size(); }

  /// The model of the most urgent entry among those `may_run(model)` admits; models() if there is none.
  template <class MayRun>
  std::size_t most_urgent(MayRun&& may_run) const {
    std::size_t best = lanes_.size();
    for (std::size_t m = 0; m < lanes_.size(); ++m) {
      if (lanes_[m].line.empty() || !may_run(m))
        continue;
      if (best == lanes_.size() || before(*lanes_[m].line.begin(), *lanes_[best].line.begin()))
        best = m;
    }
    return best;
  }

  /// The most urgent entry of `model`, which must have one.
  const entry& front(std::size_t model) const { return lanes_[model].line.begin()->second; }

  /// Takes the most urgent entry of `model` and fills up to `budget` tokens. One entry over the budget runs alone;
  /// where something waits, something is taken.
  std::vector<entry> take(std::size_t model, std::size_t budget) {
    auto& lane = lanes_[model];
    std::vector<entry> batch;
    std::size_t sum = 0;
    std::size_t passed_over = 0;
    for (auto at = lane.line.begin();
         at != lane.line.end() && passed_over < look_ahead && (batch.empty() || sum < budget);) {
      const bool fits = batch.empty() || (sum + at->second.tokens <= budget && !at->second.alone);
      if (!fits) {
        ++passed_over;
        ++at;
        continue;
      }
      sum += at->second.tokens;
      const bool alone = at->second.alone;
      batch.push_back(std::move(lane.line.extract(at++).value().second));
      if (alone)
        break;
    }
    lane.tokens -= sum;
    size_ -= batch.size();
    return batch;
  }

  /// Removes and returns all entries for which `gone(entry)` holds.
  template <class Predicate>
  std::vector<entry> remove_if(Predicate&& gone) {
    std::vector<entry> removed;
    for (auto& lane : lanes_)
      for (auto at = lane.line.begin(); at != lane.line.end();) {
        if (!gone(at->second)) {
          ++at;
          continue;
        }
        lane.tokens -= at->second.tokens;
        removed.push_back(std::move(lane.line.extract(at++).value().second));
      }
    size_ -= removed.size();
    return removed;
  }

private:
  struct place {
    std::uint64_t arrival;
    entry second;
  };

  static bool before(const place& a, const place& b) noexcept {
    if (a.second.urgency != b.second.urgency)
      return a.second.urgency < b.second.urgency;
    if (a.second.deadline != b.second.deadline)
      return a.second.deadline < b.second.deadline;
    return a.arrival < b.arrival;
  }

  struct order {
    bool operator()(const place& a, const place& b) const noexcept { return before(a, b); }
  };

  struct lane {
    std::set<place, order> line;
    std::size_t tokens = 0;
  };

  std::vector<lane> lanes_;
  std::uint64_t next_ = 0;
  std::size_t size_ = 0;
};

/// The token budget for one slot when `idle` slots (this one included) could share `waiting` tokens.
constexpr std::size_t shared_budget(std::size_t budget, std::size_t waiting, std::size_t idle) noexcept {
  const auto share = idle == 0 ? waiting : (waiting + idle - 1) / idle;
  return share < budget ? share : budget;
}

} // namespace chalkstream
