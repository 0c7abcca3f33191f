// One record on its way through the engine.
//
// A flight has one owner at a time: the actor that received it last. Passing it in a message passes the ownership, so
// stages write into it without locks. Only the lease is shared.
#pragma once

#include "core/clock.hpp"
#include "core/journey.hpp"
#include "core/task.hpp"
#include "core/writings.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::monitoring {
class pipeline_probe;
class model_probe;
class device_probe;
} // namespace chalkstream::monitoring

namespace chalkstream::actors {

/// What every record of one pipeline shares. Immutable once the engine runs.
struct pipeline_route {
  /// Which consumer it belongs to, in the directory.
  std::size_t index = 0;
  std::string name;
  std::string topic;
  /// Program and version, for dead letters.
  std::string engine;
  std::shared_ptr<const task> steps;
  /// The pipeline's models as indices into the scheduler's; work::model is an index into this.
  std::vector<std::size_t> models;
  priority urgency = priority::normal;
  /// Target time from the record's timestamp to its result; orders work, sheds nothing by itself.
  duration deadline = std::chrono::seconds(60);
  std::shared_ptr<monitoring::pipeline_probe> probe;
  /// Null: nothing is traced.
  std::shared_ptr<journey_recorder> traces = {};
};

/// The right to work on one partition, from its assignment to its release.
struct partition_lease {
  /// Set when the partition goes: what has not reached a device need not start any more.
  std::atomic<bool> ending{false};
};

enum class flight_phase : std::uint8_t { prepare, complete };

struct flight {
  // set by the consumer, never changed
  std::shared_ptr<const pipeline_route> route;
  std::shared_ptr<partition_lease> lease;
  record input;
  time_point received{};
  std::size_t bytes = 0;
  std::shared_ptr<journey> trace; // null: not traced

  // set on the way
  flight_phase phase = flight_phase::prepare;
  task_step step;   // work while a model is needed, then reply or rejection
  output_rows rows; // what the model made of the work
  /// While a model writes: what it has begun, with its room.
  std::optional<writings> texts;
  /// Which of its model's places that is.
  std::size_t place = 0;
  time_point ready{};
  time_point deadline{};
  /// The event's own deadline; past it the record is shed before it costs anything.
  std::optional<time_point> expires;
  priority urgency = priority::normal;
  std::uint64_t arrival = 0; // its turn in the scheduler's queue, once it had one
  timing spent;
  std::uint32_t failures = 0;

  /// What the next step of its work costs.
  std::size_t tokens() const noexcept {
    return texts && texts->under_way() ? texts->next_tokens() : std::get<work>(step).tokens();
  }
  bool finished() const noexcept { return !std::holds_alternative<work>(step); }
  bool ending() const noexcept { return lease->ending.load(std::memory_order_relaxed); }
};

using flight_ptr = std::shared_ptr<flight>;
using flights = std::vector<flight_ptr>;

} // namespace chalkstream::actors
