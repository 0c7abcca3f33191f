#include "pipelines/scaling/rules.hpp"

#include "core/scaling_terms.hpp"
#include "monitoring/scaling_query.hpp"
#include "pipelines/configuration/units.hpp"

namespace chalkstream::pipelines {

namespace {

std::string number(double value) {
  return format_number(value);
}

using monitoring::range;

std::string selected(std::string_view series, const scaled_processes& which) {
  return std::string{series} + "{scaled=\"" + which.name + "\""
         + (which.space.empty() ? "" : ",namespace=\"" + which.space + "\"") + "}";
}

// The larger of two expressions that have the same labels; the first must have a value.
std::string larger(const std::string& a, const std::string& b) {
  return "((" + b + ") > (" + a + ") or (" + a + "))";
}

// PromQL has no median of distances from the median: half the distance of the quartiles stands for it.
constexpr double deviations = surge_deviations * deviation_of_median / 2;

class rules {
public:
  rules(const scaled_processes& which, duration interval) : which_(which) {
    text_ = "groups:\n  - name: chalkstream-scaling\n    interval: "
            + std::to_string(std::chrono::ceil<std::chrono::seconds>(interval).count()) + "s\n    rules:\n";
  }

  /// A series that later rules may use, and what it says.
  void record(std::string_view what, std::string_view about, const std::string& expression) {
    text_ += "      # " + std::string{about} + "\n      - record: chalkstream:" + std::string{what}
             + "\n        labels: {scaled: " + yaml_text(which_.name)
             + (which_.space.empty() ? "" : ", namespace: " + yaml_text(which_.space))
             + "}\n        expr: >-\n          " + expression + "\n";
  }

  std::string operator[](std::string_view what) const { return selected("chalkstream:" + std::string{what}, which_); }

  std::string text() && { return std::move(text_); }

private:
  const scaled_processes& which_;
  std::string text_;
};

void record_what_is_seen(rules& r, const scaling_settings& p, const monitoring::process_expressions& e) {
  r.record("processes", "that work; none where a value is too old",
           e.ready + " and " + e.age + " <= " + number(in_seconds(p.stale_after)));
  r.record("arrivals", "records a second: what was taken on, and what the rest grew by",
           "clamp_min(" + e.served + " + (" + e.lag_growth + " or vector(0)), 0)");
  r.record("waiting", "records, what Kafka holds included", e.pending + " + (" + e.lag + " or vector(0))");
  r.record("process_rate", "records a second that one process works off while all its slots are busy",
           e.worked + " / (" + e.busy + ") * (" + e.slots + " < " + e.held + " or " + e.held + " and " + e.slots
               + " or vector(1)) > 0");
  if (p.slack)
    r.record("slack_seconds", "left when records were taken", e.slack);
}

void record_what_comes(rules& r, const scaling_settings& p) {
  const auto arrivals = r["arrivals"], steady = r["steady_arrivals"], expected = r["expected_arrivals"];
  const auto recent = arrivals + range(forecast_window(p));
  const auto horizon = number(in_seconds(scaling_horizon(p)));
  r.record("steady_arrivals", "the median", "quantile_over_time(0.5, " + recent + ")");
  r.record("expected_arrivals", "the median, or a surge",
           arrivals + " > " + number(least_surge) + " * " + steady + " and " + arrivals + " > " + steady + " + "
               + number(deviations) + " * (quantile_over_time(0.75, " + recent + ") - quantile_over_time(0.25, "
               + recent + ")) or " + steady);
  const auto slope =
      "(clamp_min(deriv(" + arrivals + range(slope_window) + "), 0) or 0 * " + expected + ") * " + horizon;
  r.record("arrivals_growth", "until a change made now takes effect, while it surges",
           slope + " < " + expected + " and " + expected + " > " + steady + " or " + expected + " > " + steady
               + " or 0 * " + expected);
}

void record_what_will_wait(rules& r, const scaling_settings& p) {
  const auto drain = in_seconds(p.drain), slack = p.slack ? in_seconds(*p.slack) : 0;
  const auto horizon = number(in_seconds(scaling_horizon(p)));
  const auto none = "0 * " + r["processes"];
  r.record("objective_seconds", "to work off what waits within; less where deadlines are at risk",
           (p.slack ? "clamp(" + r["slack_seconds"] + " + " + number(drain - slack) + ", " + number(drain / 4) + ", "
                          + number(drain) + ") or "
                    : std::string{})
               + none + " + " + number(drain));
  r.record("waiting_then", "records, when a change made now takes effect",
           "clamp_min(" + r["waiting"] + " + (" + r["expected_arrivals"] + " + " + r["arrivals_growth"] + " / 2) * "
               + horizon + " - " + r["processes"] + " * " + r["process_rate"] + " * " + horizon + ", 0)");
  r.record("late", "1 where that takes longer than it may",
           r["waiting_then"] + " > bool " + r["objective_seconds"] + " * " + r["process_rate"] + " * "
               + r["processes"]);
}

void record_what_is_wanted(rules& r, const scaling_settings& p) {
  const auto rate = r["process_rate"], now = r["processes"], planned = r["planned_processes"],
             carried = r["carried_processes"], objective = r["objective_seconds"], then = r["waiting_then"],
             waiting = r["waiting"], fewest = r["fewest_processes"], enough = r["enough_processes"];
  const auto whole = [](const std::string& expression) { return "ceil(" + expression + " - 1e-9)"; };
  r.record("room", "to spare for what there would be no time to react to",
           "1 + " + number(1 / p.utilisation - 1) + " * clamp_max(" + number(in_seconds(scaling_horizon(p))) + " / "
               + objective + ", 1)");
  r.record("planned_processes", "for what ordinarily comes", r["room"] + " * " + r["steady_arrivals"] + " / " + rate);
  r.record("carried_processes", "for what is expected, with nothing to spare",
           "(" + r["expected_arrivals"] + " + " + r["arrivals_growth"] + ") / " + rate);
  r.record("fewest_processes", "that will do: more than there are where what waits takes too long, and that lasts",
           whole(larger(planned, "(" + carried + " + " + then + " / (" + objective + " * " + rate + ")) and (" + then
                                     + " > 2 * " + objective + " * " + rate + " * " + now + " or " + then
                                     + " and min_over_time(" + r["late"] + range(noise_window(p)) + ") == 1)")));
  r.record(
      "enough_processes", "are enough, and more of no use",
      larger(fewest, whole(larger(larger(planned, r["room"] + " * " + carried) + " / " + number(1 - p.hysteresis),
                                  carried + " + " + waiting + " / (" + objective + " * " + rate + ")"))));
  // Slack that is short, or that nobody can tell, lets none leave while something waits.
  const auto may_leave =
      p.slack ? " and (" + waiting + " <= 0 or " + r["slack_seconds"] + " >= " + number(in_seconds(*p.slack)) + ")"
              : std::string{};
  r.record("wanted_processes", "none where nothing comes or waits; as many as there are between fewest and enough",
           "0 * " + now + " and " + r["arrivals"] + " <= 0 and " + waiting + " <= 0 or " + fewest + " > " + now
               + " or " + enough + " < " + now + may_leave + " or " + now + " and " + fewest);
}

} // namespace

std::string scaling_rules(const configuration& wanted, const scaled_processes& which) {
  const auto& policy = wanted.scaling->policy;
  monitoring::processes_scope scope{.pipelines = {}, .matchers = which.matchers};
  for (const auto& p : wanted.pipelines)
    scope.pipelines.push_back(p.name);
  rules all{which, policy.interval};
  record_what_is_seen(all, policy, monitoring::expressions(scope, policy));
  record_what_comes(all, policy);
  record_what_will_wait(all, policy);
  record_what_is_wanted(all, policy);
  return std::move(all).text();
}

std::string select_wanted_processes(const scaled_processes& which) {
  return selected(wanted_processes, which);
}

} // namespace chalkstream::pipelines
