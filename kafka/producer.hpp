// One producer from its making to its end; internal to this folder. A transactional one is used for one transaction
// after the other until something about it is in doubt; then it is thrown away and a new one takes its place.
//
// librdkafka's transactional calls do not always keep their time limits (send_offsets_to_transaction ignores its
// own), so they run on a thread of the producer's and the caller waits for at most as long as it said. A producer
// that does not come back is left to end by itself: its successor takes over the transactional id, which fences it.
#pragma once

#include "core/clock.hpp"
#include "kafka/bounded_caller.hpp"
#include "kafka/member.hpp"
#include "kafka/outgoing.hpp"
#include "kafka/transaction_errors.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::kafka {

/// How a sequence of calls ended.
struct call_outcome {
  remedy next = remedy::none;
  int code = 0;
  std::string text;
  /// A commit request may have left: what became of the transaction is not known.
  bool in_doubt = false;
};

class producer {
public:
  /// Contacts nobody. `owner` provides settings, log and counters.
  static result<std::unique_ptr<producer>> make(std::shared_ptr<member> owner, std::size_t batch_bytes);

  /// Takes over the transactional id. Repeats passing errors until `deadline`.
  call_outcome take_over(time_point deadline);
  call_outcome begin();

  /// Puts an output into the queue, waiting for room if need be; `index` names it in failures().
  call_outcome enqueue(const output& o, std::size_t index);

  /// Sends the offsets with the group's membership as it is now, and commits. ILLEGAL_GENERATION: the group has begun
  /// another generation meanwhile.
  call_outcome send_offsets_and_commit(std::span<const commit_position> positions);
  call_outcome abort();

  /// Without transactions: waits until everything queued is delivered or has failed. remedy::retry: not by then.
  call_outcome flush(time_point deadline);
  /// Drops what is still queued; what is on its way may arrive.
  void purge();

  struct failure {
    int code = 0;
    std::size_t index = 0;
  };
  /// The deliveries that failed since the last time this was asked.
  std::vector<failure> take_failures();

  /// Whether a connection broke since the last time this was asked. A commit that succeeded nevertheless may have
  /// left a second copy of its request on the way, which must not meet the next transaction.
  bool take_trouble();

  std::size_t batch_bytes() const noexcept { return batch_bytes_; }

private:
  // What a call that was given up still needs.
  struct core {
    explicit core(std::shared_ptr<member> m) : owner(std::move(m)), context(*owner->out) {}
    ~core();

    std::shared_ptr<member> owner;
    client_context context;
    client_ptr client;
    std::unique_ptr<output_topics> topics;
    std::atomic<bool> trouble{false};
    std::mutex mutex;
    std::vector<failure> failures;
  };

  producer(std::shared_ptr<core> c, std::size_t batch_bytes) : core_(std::move(c)), batch_bytes_(batch_bytes) {}

  call_outcome run(std::function<call_outcome(core&)> calls, time_point deadline);
  static call_outcome await_arrival(core& c, time_point deadline);
  static call_outcome repeat(core& c, const char* what, time_point deadline,
                             const std::function<rd_kafka_error_s*(int)>& call);

  std::shared_ptr<core> core_;
  std::size_t batch_bytes_;
  bounded_caller caller_;
};

/// Whether a delivery failed for its size.
bool is_too_large(int code) noexcept;

} // namespace chalkstream::kafka
