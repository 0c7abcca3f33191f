#include "monitoring/pipeline_probe.hpp"

#include "monitoring/buckets.hpp"
#include "monitoring/page.hpp"

namespace chalkstream::monitoring {

namespace {

constexpr family records{"chalkstream_records_total", "Records read from the input topic.", metric_type::counter};
constexpr family results{"chalkstream_results_total", "Results committed, by decision.", metric_type::counter};
constexpr family dead_letters{"chalkstream_dead_letters_total", "Dead letters committed, by reason.",
                              metric_type::counter};
constexpr family request_duration{"chalkstream_request_duration_seconds", "From intake to the committed result.",
                                  metric_type::histogram};
constexpr family prepare_duration{"chalkstream_prepare_duration_seconds", "Decoding and tokenising one record.",
                                  metric_type::histogram};
constexpr family queue_duration{"chalkstream_queue_duration_seconds", "Ready until a slot took it.",
                                metric_type::histogram};
constexpr family publish_duration{"chalkstream_publish_duration_seconds", "One transaction, begin to commit.",
                                  metric_type::histogram};
constexpr family deadline_slack{"chalkstream_deadline_slack_seconds",
                                "Time left to the deadline when a slot took the record; negative is too late.",
                                metric_type::histogram};
constexpr family deadline_missed_total{"chalkstream_deadline_missed_total",
                                       "Records past their deadline, by what became of them.", metric_type::counter};
constexpr family kafka_lag{"chalkstream_kafka_lag_records", "Records of the assigned partitions not read yet.",
                           metric_type::gauge};
constexpr family in_flight_records{"chalkstream_in_flight_records", "Records read and not yet committed.",
                                   metric_type::gauge};
constexpr family in_flight_bytes{"chalkstream_in_flight_bytes", "Bytes of records read and not yet committed.",
                                 metric_type::gauge};
constexpr family transactions{"chalkstream_transactions_total", "Transactions ended, by outcome.",
                              metric_type::counter};
constexpr family rebalances{"chalkstream_rebalances_total", "Times the partition assignment changed.",
                            metric_type::counter};

} // namespace

std::string_view to_string(missed_action action) noexcept {
  switch (action) {
  case missed_action::shed:
    return "shed";
  case missed_action::late:
    return "late";
  }
  return "unknown";
}

pipeline_probe::pipeline_probe(std::string name, const result_groups& groups)
    : name_(std::move(name)), request_(duration_buckets), prepare_(duration_buckets), queue_(duration_buckets),
      publish_(duration_buckets), slack_(slack_buckets), grades_(groups) {}

void pipeline_probe::answered(std::span<const double> seconds, std::size_t review) noexcept {
  results_[0].add(seconds.size() - review);
  results_[1].add(review);
  request_.observe(seconds);
  latency_.record(seconds);
}

void pipeline_probe::committed(bool visible, double seconds, std::size_t) noexcept {
  transactions_[visible ? 0 : 1].add();
  publish_.observe(seconds);
}

void pipeline_probe::in_flight(std::size_t records, std::size_t bytes) noexcept {
  in_flight_records_.set(static_cast<double>(records));
  in_flight_bytes_.set(static_cast<double>(bytes));
}

pipeline_snapshot pipeline_probe::snapshot() const {
  pipeline_snapshot s;
  s.name = name_;
  s.review = results_[1].value();
  s.answered = results_[0].value() + s.review;
  for (std::size_t i = 0; i < reject_reason_count; ++i)
    s.dead_by_reason[i] = dead_[i].value();
  s.latency = latency_.read();
  // Read last: a record is received before it is answered, so a snapshot never shows more answers than records.
  s.received = records_.value();
  s.in_flight = static_cast<std::uint64_t>(in_flight_records_.value());
  s.lag = static_cast<std::int64_t>(lag_.value());
  return s;
}

void pipeline_probe::write(page& to) const {
  const label mine{"pipeline", name_};
  to.add(records, {mine}, records_);
  to.add(results, {mine, {"decision", "auto"}}, results_[0]);
  to.add(results, {mine, {"decision", "review"}}, results_[1]);
  for (std::size_t i = 0; i < reject_reason_count; ++i)
    to.add(dead_letters, {mine, {"reason", to_string(static_cast<reject_reason>(i))}}, dead_[i]);
  for (std::size_t i = 0; i < missed_action_count; ++i)
    to.add(deadline_missed_total, {mine, {"action", to_string(static_cast<missed_action>(i))}}, missed_[i]);
  to.add(transactions, {mine, {"outcome", "committed"}}, transactions_[0]);
  to.add(transactions, {mine, {"outcome", "aborted"}}, transactions_[1]);
  to.add(rebalances, {mine}, rebalances_);
  to.add(kafka_lag, {mine}, lag_);
  to.add(in_flight_records, {mine}, in_flight_records_);
  to.add(in_flight_bytes, {mine}, in_flight_bytes_);
  to.add(request_duration, {mine}, request_);
  to.add(prepare_duration, {mine}, prepare_);
  to.add(queue_duration, {mine}, queue_);
  to.add(publish_duration, {mine}, publish_);
  to.add(deadline_slack, {mine}, slack_);
  grades_.write(to, name_);
}

} // namespace chalkstream::monitoring
