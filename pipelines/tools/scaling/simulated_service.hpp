// Replicas that work off one queue, first come first served: which record is taken when, and what the replicas cost.
// Between two calls the set of replicas stays as it is, so time passes record by record rather than tick by tick.
#pragma once

#include "pipelines/tools/scaling/arrival_trace.hpp"

#include <cstddef>
#include <deque>
#include <queue>
#include <vector>

namespace chalkstream::pipelines::tools {

class simulated_service {
public:
  /// Seconds from asking for a replica to its first record, and from its last to its end.
  struct pace {
    double startup = 30;
    double leave = 5;
  };

  /// Records that are read before they are taken, in_flight of the configuration.
  static constexpr std::size_t read_ahead = 4096;

  /// `trace` outlives the service. `replicas` work from the beginning.
  simulated_service(const arrival_trace& trace, pace p, std::size_t replicas);

  /// Time passes until `second`.
  void advance(double second);

  /// Asks for more, or ends some: those first that do not work yet, then those that are free soonest, which finish
  /// what they have.
  void resize(std::size_t replicas);

  /// All are told to end, so that what they cost is known.
  void close();

  std::size_t replicas() const noexcept { return free_.size() + starting_.size(); }
  std::size_t ready() const noexcept { return free_.size(); }
  /// Records that have come and are not finished.
  std::size_t pending() const noexcept { return arrived_ - finished_; }
  std::size_t arrived() const noexcept { return arrived_; }
  std::size_t taken() const noexcept { return taken_; }
  std::size_t finished() const noexcept { return finished_; }
  /// Tokens of records that came, as far as they are known: of those that Kafka still holds, more than `read_ahead`
  /// behind what is taken, it is the mean of the others.
  double arrived_tokens() const noexcept;
  double finished_tokens() const noexcept { return finished_tokens_; }
  /// Seconds that replicas worked on what is finished.
  double finished_seconds() const noexcept { return finished_seconds_; }
  bool done() const noexcept { return finished_ == trace_.arrivals.size(); }
  /// Seconds that replicas worked, all together.
  double busy() const noexcept { return busy_ - ahead(); }
  /// Seconds that replicas were paid for, of those that ended.
  double paid() const noexcept { return paid_; }

  /// Of each record that was taken: seconds it waited, and whether it was finished too late.
  const std::vector<float>& waits() const noexcept { return waits_; }
  const std::vector<bool>& late() const noexcept { return late_; }

private:
  struct replica {
    double free;  // when
    double asked; // when
    bool operator>(const replica& other) const noexcept { return free > other.free; }
  };
  struct start {
    double ready;
    double asked;
  };

  struct ending {
    double at;
    float tokens;
    float seconds;
    bool operator>(const ending& other) const noexcept { return at > other.at; }
  };

  void work_until(double second);
  double ahead() const;

  const arrival_trace& trace_;
  pace pace_;
  double now_ = 0;
  std::priority_queue<replica, std::vector<replica>, std::greater<>> free_;
  std::deque<start> starting_;                                              // oldest first
  std::priority_queue<ending, std::vector<ending>, std::greater<>> ending_; // what is being worked on
  std::size_t arrived_ = 0;
  std::size_t taken_ = 0;
  std::size_t finished_ = 0;
  std::size_t read_ = 0;
  double read_tokens_ = 0;
  double finished_tokens_ = 0;
  double finished_seconds_ = 0;
  double busy_ = 0;
  double ends_ = 0; // sum of ending_
  double paid_ = 0;
  std::vector<float> waits_;
  std::vector<bool> late_;
};

} // namespace chalkstream::pipelines::tools
