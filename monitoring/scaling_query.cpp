#include "monitoring/scaling_query.hpp"

#include "monitoring/prometheus_answer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace chalkstream::monitoring {

namespace {

constexpr std::string_view value_label = "scaling_value";
constexpr std::string_view target_label = "scaling_target";

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

// One of several names, each taken literally.
std::string any_of(const std::vector<std::string>& names) {
  std::string expression;
  for (const auto& name : names) {
    expression += expression.empty() ? "" : "|";
    for (const char c : name)
      expression += c == '.' ? std::string{"[.]"} : std::string{c};
  }
  return in_quotes(expression);
}

// Expressions of one target, joined by `or`; each has a label with its name.
class question {
public:
  explicit question(std::string_view target) : target_(target) {}

  question& ask(std::string_view name, const std::string& expression) {
    text_ += text_.empty() ? "" : "\nor ";
    text_ += "label_replace(label_replace(" + expression + ", " + in_quotes(value_label) + ", " + in_quotes(name)
             + ", \"\", \"\"), " + in_quotes(target_label) + ", " + in_quotes(target_) + ", \"\", \"\")";
    return *this;
  }

  std::string text() && { return std::move(text_); }

private:
  std::string target_;
  std::string text_;
};

std::string slack_quantile(const std::string& buckets, double quantile) {
  char q[32];
  std::snprintf(q, sizeof q, "%g", quantile);
  // The comparison drops NaN, which is the quantile of no records.
  return "(histogram_quantile(" + std::string{q} + ", sum by (le) (" + buckets + ")) > -Inf)";
}

} // namespace

std::string range(duration d) {
  return "[" + std::to_string(std::chrono::ceil<std::chrono::milliseconds>(d).count()) + "ms]";
}

std::string scaling_query(const slots_scope& scope, const scaling_settings& settings) {
  const auto mine = " and on (job, instance) (chalkstream_autoscale_key == " + std::to_string(scope.key) + ")";
  const auto of_model = "{model=" + in_quotes(scope.model) + "}";
  const auto of_pipelines = "{pipeline=~" + any_of(scope.pipelines) + "}";
  const auto sum = [&mine](const std::string& what) { return "sum(" + what + mine + ")"; };
  const auto recent = range(settings.stale_after), long_ago = range(10 * settings.stale_after);
  const auto served =
      (scope.writes ? "chalkstream_first_token_seconds_count" : "chalkstream_batch_records_sum") + of_model;
  question q{scope.model};
  q.ask("ready", sum("chalkstream_replicas" + of_model))
      .ask("age", "max(time() - (timestamp(chalkstream_replicas" + of_model + ")" + mine + "))")
      .ask("drain", sum("chalkstream_drain_seconds" + of_model))
      .ask("pending", sum("chalkstream_pending_records" + of_model))
      .ask("served", sum("rate(" + served + recent + ")"))
      .ask("pending_growth", sum("deriv(chalkstream_pending_records" + of_model + recent + ")"))
      .ask("worked", sum("rate(" + served + long_ago + ")"))
      .ask("busy", sum("rate(chalkstream_compute_duration_seconds_sum" + of_model + long_ago + ")") + " > 0");
  if (!scope.pipelines.empty())
    q.ask("lag", sum("chalkstream_kafka_lag_records" + of_pipelines))
        .ask("lag_growth", sum("deriv(chalkstream_kafka_lag_records" + of_pipelines + recent + ")"))
        .ask("slack",
             slack_quantile("rate(chalkstream_deadline_slack_seconds_bucket" + of_pipelines + recent + ")" + mine,
                            settings.slack_quantile));
  return std::move(q).text();
}

process_expressions expressions(const processes_scope& scope, const scaling_settings& settings) {
  const auto more = scope.matchers.empty() ? "" : "," + scope.matchers;
  const auto everywhere = scope.matchers.empty() ? "" : "{" + scope.matchers + "}";
  const auto of_first = "{pipeline=" + in_quotes(scope.pipelines.front()) + more + "}";
  const auto of_all = "{pipeline=~" + any_of(scope.pipelines) + more + "}";
  const auto recent = range(settings.stale_after), long_ago = range(10 * settings.stale_after);
  const auto step = std::max<duration>(settings.interval / 2, std::chrono::seconds(1));
  auto over_all = range(settings.stale_after);
  over_all.insert(over_all.size() - 1, ":" + range(step).substr(1, range(step).size() - 2));
  process_expressions e;
  e.ready = "count(chalkstream_in_flight_records" + of_first + ")";
  e.age = "max(time() - timestamp(chalkstream_in_flight_records" + of_first + "))";
  e.drain = "avg(max by (job, instance) (chalkstream_drain_seconds" + everywhere + "))";
  e.pending = "sum(chalkstream_in_flight_records" + of_all + ")";
  e.lag = "sum(chalkstream_kafka_lag_records" + of_all + ")";
  // Of the sum: a partition that moves is no growth.
  e.lag_growth = "deriv(sum(chalkstream_kafka_lag_records" + of_all + ")" + over_all + ")";
  e.served = "sum(rate(chalkstream_records_total" + of_all + recent + "))";
  e.worked = "sum(rate(chalkstream_results_total" + of_all + long_ago + "))";
  e.busy = "sum(rate(chalkstream_compute_duration_seconds_sum" + everywhere + long_ago + ")) > 0";
  e.slots = "max(sum by (job, instance) (chalkstream_slots" + everywhere + "))";
  e.held = "avg(sum by (job, instance) (chalkstream_replicas" + everywhere + "))";
  e.slack = slack_quantile("rate(chalkstream_deadline_slack_seconds_bucket" + of_all + recent + ")",
                           settings.slack_quantile);
  return e;
}

std::string scaling_query(const processes_scope& scope, const scaling_settings& settings) {
  const auto e = expressions(scope, settings);
  question q{all_processes};
  q.ask("ready", "(" + e.ready + " or vector(0))")
      .ask("age", e.age)
      .ask("drain", e.drain)
      .ask("pending", e.pending)
      .ask("lag", e.lag)
      .ask("lag_growth", e.lag_growth)
      .ask("served", e.served)
      .ask("worked", e.worked)
      .ask("busy", e.busy)
      .ask("slots", e.slots)
      .ask("held", e.held)
      .ask("slack", e.slack);
  return std::move(q).text();
}

namespace {

// The named values of one target, and how old they are.
class values {
public:
  static result<values> read(const metric_answer& answer, std::string_view target) {
    values all;
    for (const auto& sample : answer.samples) {
      const auto name = sample.labels.find(value_label), of = sample.labels.find(target_label);
      if (name == sample.labels.end() || of == sample.labels.end())
        return error{errc::corrupt, "the answer is not to what was asked"};
      if (of->second != target)
        continue;
      if (!all.values_.emplace(name->second, sample.value).second)
        return error{errc::corrupt,
                     "the answer says twice, and perhaps differently, what " + printable(name->second, 40) + " is"};
      all.evaluated_ = sample.at;
    }
    return all;
  }

  std::optional<double> operator[](std::string_view name) const {
    const auto at = values_.find(name);
    return at == values_.end() ? std::nullopt : std::optional{at->second};
  }

  wall_time evaluated() const noexcept { return evaluated_; }

private:
  std::map<std::string, double, std::less<>> values_;
  wall_time evaluated_{};
};

// Neither hides what is no number, nor what cannot be.
double at_least_zero(double v) {
  return v < 0 ? 0 : v;
}

double sum_of_counts(double a, double b) {
  return a < 0 || b < 0 ? std::min(a, b) : a + b;
}

duration as_duration(double said) {
  // Whatever is said, it fits: a year is as stale as a century.
  return of_seconds(std::isnan(said) ? 3e7 : std::clamp(said, -3e7, 3e7));
}

} // namespace

result<scaling_observation> read_scaling_answer(const metric_answer& answer, std::string_view target, time_point now,
                                                wall_time wall) {
  if (!answer.warnings.empty())
    return error{errc::corrupt, "the answer may be incomplete: " + answer.warnings.front()};
  CHALK_TRY(const auto said, values::read(answer, target));
  scaling_observation seen;
  const auto at = now - as_duration(in_seconds(wall - said.evaluated())) - as_duration(said["age"].value_or(0));
  const auto told = [at](double value) { return observed{value, at}; };

  if (const auto ready = said["ready"])
    seen.ready = told(*ready);
  // What a replica works off while it is busy. A process is busy when all its slots are that models may hold.
  const auto worked = said["worked"], busy = said["busy"];
  double capacity = 1;
  if (const auto slots = said["slots"], held = said["held"]; slots && held)
    capacity = std::min(*slots, *held);
  if (worked && busy)
    seen.service_rate = told(*worked / *busy * capacity);

  const auto lag = said["lag"].value_or(0);
  if (const auto pending = said["pending"])
    seen.pending = told(sum_of_counts(*pending, lag));
  // The gauge knows nothing of what Kafka still holds; without a speed that cannot be added.
  if (const auto drain = said["drain"]) {
    const auto working = seen.ready ? std::max(seen.ready->value, 1.0) : 1.0;
    if (lag == 0)
      seen.drain_seconds = told(*drain);
    else if (seen.service_rate && seen.service_rate->value > 0)
      seen.drain_seconds = told(*drain + lag / (seen.service_rate->value * working));
  }
  // What came is what was taken on and what the rest grew by.
  if (const auto served = said["served"]) {
    const auto growth = said["pending_growth"].value_or(0) + said["lag_growth"].value_or(0);
    seen.arrival_rate = told(*served < 0 ? *served : at_least_zero(*served + growth));
  }
  if (const auto slack = said["slack"])
    seen.slack_seconds = told(*slack);
  return seen;
}

} // namespace chalkstream::monitoring
