// The task port: what one kind of pipeline does to one record. Actors move records through tasks without knowing
// what a grade is. One instance serves a pipeline; its functions are called from many threads at once, never block,
// and do not throw.
#pragma once

#include "core/event.hpp"
#include "core/model.hpp"
#include "core/record.hpp"
#include "core/rejection.hpp"
#include "core/result_tally.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chalkstream {

/// A result, encoded; its key is its reply's.
struct encoded_result {
  std::string value;
  std::vector<header> headers;
};

/// A finished result, encoded, for the pipeline's output topic.
struct reply {
  std::string key;
  std::string value;
  std::vector<header> headers;
  /// Went to a person rather than out by itself; counted apart.
  bool review = false;
  /// Other results of the same record. They are published before this one, in their order and in the same transaction.
  std::vector<encoded_result> earlier = {};
  result_tally tally = {};
};

/// What a task keeps between prepare and complete. Each task derives its own.
struct task_state {
  virtual ~task_state() = default;
};

/// A record that needs a model.
struct work {
  /// Which of the pipeline's models (an index into the list it was configured with).
  std::size_t model = 0;
  std::vector<sequence> sequences;
  std::shared_ptr<task_state> state;
  std::optional<priority> urgency;
  /// From the event; absent: the record's timestamp plus the pipeline's deadline.
  std::optional<wall_time> deadline;

  /// What it costs: tokens over all sequences.
  std::size_t tokens() const noexcept {
    std::size_t sum = 0;
    for (const auto& s : sequences)
      sum += s.tokens();
    return sum;
  }
};

/// prepare may need a model, know the answer already, or reject; complete likewise (a next step is another work).
using task_step = std::variant<work, reply, rejection>;

class task {
public:
  virtual ~task() = default;

  virtual task_step prepare(const record& input) const = 0;

  /// Whether prepare computes for so long that other pipelines' records should not wait behind it.
  virtual bool prepares_long() const noexcept { return false; }

  /// How many of its records may wait in prepare for somebody else, a store on the network, at once: so many threads of
  /// its own prepare them, and nobody else's record waits behind them. 0: it does not wait.
  virtual std::size_t waits_at_once() const noexcept { return 0; }

  /// `rows[i]` is the output for `done.sequences[i]`, or for the i-th token of them all (model::row_per_token).
  /// `spent.total` runs up to this call.
  virtual task_step complete(const record& input, work done, const output_rows& rows, const timing& spent) const = 0;
};

} // namespace chalkstream
