// What is ready for a model, and which of it runs next.
//
// The most urgent entry goes first: by priority, then by earliest deadline, then in order of arrival. The batch is
// then filled with entries of the same model of any length, looking past those that no longer fit, up to the token
// budget: a packed batch has no padding, so length does not matter. When several slots are idle the work at hand is
// shared out between them rather than stacked on one.
//
// What waits for something else than a slot, the room of a model that writes, is parked: nothing takes it until it is
// called back, one at a time and the most urgent first.
//
// A model may be in several places, its devices. Whatever waits may run in any of them, but for what has begun in one
// (a text that is being written) and is bound to it.
#pragma once

#include "core/clock.hpp"
#include "core/event.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
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
    /// Where alone it may run; absent: anywhere.
    std::optional<std::size_t> bound = {};
    /// Its turn among equals, given when it comes first (0). One that comes back with it keeps it.
    std::uint64_t arrival = 0;
  };

  /// How far a batch is filled past entries that do not fit.
  static constexpr std::size_t look_ahead = 64;

  /// A place of a model, as an idle slot sees it.
  struct opening {
    std::size_t place = 0;
    /// Takes only what is bound to it.
    bool closing = false;
  };

  explicit work_queue(std::size_t models, std::size_t places = 1) : lanes_(models) {
    for (auto& lane : lanes_)
      lane.bound.resize(places);
  }

  void push(std::size_t model, entry e) {
    auto& lane = lanes_[model];
    (e.bound ? lane.bound[*e.bound] : lane.line).add(numbered(std::move(e)));
    ++size_;
  }

  /// As push, but aside, and bound to nothing.
  void park(std::size_t model, entry e) {
    e.bound.reset();
    lanes_[model].parked.add(numbered(std::move(e)));
  }

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
  std::size_t size(std::size_t model) const noexcept {
    return sum(lanes_[model], [](const sorted& line) { return line.entries.size(); });
  }
  std::size_t tokens(std::size_t model) const noexcept {
    return sum(lanes_[model], [](const sorted& line) { return line.tokens; });
  }
  std::size_t bound(std::size_t model, std::size_t place) const noexcept {
    return lanes_[model].bound[place].entries.size();
  }
  /// Tokens that could be taken there.
  std::size_t tokens(std::size_t model, opening at) const noexcept {
    const auto& lane = lanes_[model];
    return lane.bound[at.place].tokens + (at.closing ? 0 : lane.line.tokens);
  }
  std::size_t models() const noexcept { return lanes_.size(); }

  /// Those are in none of the sizes above.
  std::size_t parked(std::size_t model) const noexcept { return lanes_[model].parked.entries.size(); }
  std::size_t parked_tokens(std::size_t model) const noexcept { return lanes_[model].parked.tokens; }

  /// The most urgent entry of `model` that may be taken there; null if there is none.
  const entry* front(std::size_t model, opening at = {}) const {
    const auto& lane = lanes_[model];
    const auto& held = lane.bound[at.place].entries;
    const auto* first = held.empty() ? nullptr : &*held.begin();
    if (at.closing || lane.line.entries.empty())
      return first;
    const auto& open = *lane.line.entries.begin();
    return first == nullptr || before(open, *first) ? &open : first;
  }

  struct turn {
    std::size_t model = 0;
    opening at;
  };

  /// Whose turn it is: the most urgent entry among those in places where `opens(model, place)`, an optional opening,
  /// has one and `serves(model, place, entry)` holds. Between several of its places the first.
  template <class Opens, class Serves>
  std::optional<turn> most_urgent(Opens&& opens, Serves&& serves) const {
    std::optional<turn> best;
    const entry* urgent = nullptr;
    for (std::size_t m = 0; m < lanes_.size(); ++m)
      for (std::size_t p = 0; p < lanes_[m].bound.size(); ++p) {
        const std::optional<opening> at = opens(m, p);
        const auto* first = at ? front(m, *at) : nullptr;
        if (first == nullptr || (urgent != nullptr && !before(*first, *urgent)) || !serves(m, p, *first))
          continue;
        urgent = first;
        best = turn{m, *at};
      }
    return best;
  }

  /// Takes the most urgent entry of `model` and fills up to `budget` tokens. One entry over the budget runs alone;
  /// where something waits, something is taken.
  std::vector<entry> take(std::size_t model, std::size_t budget, opening from = {}) {
    auto& lane = lanes_[model];
    auto& open = lane.line;
    auto& held = lane.bound[from.place];
    auto next_open = from.closing ? open.entries.end() : open.entries.begin();
    auto next_held = held.entries.begin();
    std::vector<entry> batch;
    std::size_t sum = 0;
    std::size_t passed_over = 0;
    while (passed_over < look_ahead && (batch.empty() || sum < budget)) {
      const bool any_open = next_open != open.entries.end(), any_held = next_held != held.entries.end();
      if (!any_open && !any_held)
        break;
      const bool is_open = !any_held || (any_open && before(*next_open, *next_held));
      const auto at = is_open ? next_open++ : next_held++;
      const bool fits = batch.empty() || (sum + at->tokens <= budget && !at->alone);
      if (!fits) {
        ++passed_over;
        continue;
      }
      sum += at->tokens;
      const bool alone = at->alone;
      batch.push_back((is_open ? open : held).extract(at));
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
      for (auto& held : lane.bound)
        held.remove_if(gone, removed);
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
    std::vector<sorted> bound; // by place
    sorted parked;
  };

  template <class Measure>
  static std::size_t sum(const lane& of, Measure&& measure) noexcept {
    auto total = measure(of.line);
    for (const auto& held : of.bound)
      total += measure(held);
    return total;
  }

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

/// Whether `tokens` are through sooner here, at `rate` tokens a second, than where it is faster and the wait is so
/// long. A rate that is not known yet (0) is worth finding out.
constexpr bool sooner_here(std::size_t tokens, double rate, double wait_elsewhere) noexcept {
  return rate <= 0 || static_cast<double>(tokens) <= rate * wait_elsewhere;
}

} // namespace chalkstream
