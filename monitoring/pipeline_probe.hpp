// Counts what happens to the records of one pipeline. Every function may be called from any thread and costs a few
// nanoseconds; durations are in seconds. Series carry the label `pipeline`. A `trace_mark` is that of a record that
// is traced, and becomes an exemplar.
#pragma once

#include "core/rejection.hpp"
#include "core/result_tally.hpp"
#include "monitoring/exemplars.hpp"
#include "monitoring/grade_counts.hpp"
#include "monitoring/instruments.hpp"
#include "monitoring/latency.hpp"
#include "monitoring/pipeline_snapshot.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace chalkstream::monitoring {

class page;

/// What became of a record that missed its deadline.
enum class missed_action : std::uint8_t {
  shed, // given up before it cost anything
  late, // answered all the same: its result became visible after the deadline
};
inline constexpr std::size_t missed_action_count = 2;
std::string_view to_string(missed_action action) noexcept;

class pipeline_probe {
public:
  explicit pipeline_probe(std::string name, const result_groups& groups = {});

  const std::string& name() const noexcept { return name_; }

  // -- one record's journey ------------------------------------------------------

  void received(std::size_t records) noexcept { records_.add(records); }
  void prepared(double seconds, const std::optional<trace_mark>& of = {}) noexcept { prepare_.observe(seconds, of); }
  void prepared(std::span<const double> seconds) noexcept { prepare_.observe(seconds); }

  /// A slot has taken it: how long it was ready, and how long until its deadline (negative: too late).
  void queued(double seconds, const std::optional<trace_mark>& of = {}) noexcept { queue_.observe(seconds, of); }
  void queued(std::span<const double> seconds) noexcept { queue_.observe(seconds); }
  void slack(double seconds) noexcept { slack_.observe(seconds); }
  void slack(std::span<const double> seconds) noexcept { slack_.observe(seconds); }

  void deadline_missed(missed_action action) noexcept { missed_[static_cast<std::size_t>(action)].add(); }

  /// Its result is committed, `seconds` after it was received.
  void answered(bool review, double seconds, const std::optional<trace_mark>& of = {}) noexcept {
    results_[review ? 1 : 0].add();
    request_.observe(seconds, of);
    latency_.record(seconds);
  }

  /// A window's results at once; `review` of them went to a person.
  void answered(std::span<const double> seconds, std::size_t review) noexcept;

  /// What the committed result says, in figures.
  void judged(const result_tally& tally, bool review) noexcept { grades_.add(tally, review); }

  /// Its dead letter is committed.
  void dead_lettered(reject_reason reason) noexcept { dead_[static_cast<std::size_t>(reason)].add(); }

  // -- its consumer --------------------------------------------------------------

  /// A transaction ended after `seconds` with `records` results and dead letters, visible or not.
  void committed(bool visible, double seconds, std::size_t records) noexcept;

  /// Such a transaction, which took `seconds`, had this traced record in it.
  void published(double seconds, const trace_mark& of) noexcept { publish_.mark(seconds, of); }
  void rebalanced() noexcept { rebalances_.add(); }
  void in_flight(std::size_t records, std::size_t bytes) noexcept;
  void lag(std::int64_t records) noexcept { lag_.set(static_cast<double>(records)); }

  // -- looking -------------------------------------------------------------------

  pipeline_snapshot snapshot() const;
  void write(page& to) const;

private:
  std::string name_;
  counter records_;
  std::array<counter, 2> results_; // automatic, review
  std::array<counter, reject_reason_count> dead_;
  std::array<counter, missed_action_count> missed_;
  std::array<counter, 2> transactions_; // committed, aborted
  counter rebalances_;
  gauge lag_;
  gauge in_flight_records_;
  gauge in_flight_bytes_;
  traced_histogram request_;
  traced_histogram prepare_;
  traced_histogram queue_;
  traced_histogram publish_;
  histogram slack_;
  latency_recorder latency_;
  grade_counts grades_;
};

} // namespace chalkstream::monitoring
