// A real Prometheus evaluates the rules over the same metrics that core's rule is given: both want the same number.
#include "pipelines/scaling/rules.hpp"

#include "core/scaling_controller.hpp"
#include "monitoring/scaling_query.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <unistd.h>

namespace chalkstream::pipelines {
namespace {

using namespace std::chrono_literals;

constexpr int scrape = 5;  // seconds
constexpr int until = 420; // the metrics have been there for so long when the number is asked for
constexpr std::size_t most = 100;

/// What every process shows, unchanging but for what grows in Kafka.
struct load {
  std::string name;
  std::size_t processes = 1;
  double arrivals = 0; // records a second
  double rate = 10;    // that a process can work off
  double in_flight = 0;
  double lag = 0;
  std::optional<double> slack = {};
  std::size_t slots = 2;
  std::size_t held = 2;
  bool computed = true; // lately

  double served() const { return std::min(arrivals, rate * static_cast<double>(processes)); }
  double capacity() const { return static_cast<double>(std::min(slots, held)); }
  double lag_growth() const { return arrivals - served(); }
  double lag_at(int second) const { return lag + lag_growth() * second; }
};

configuration policy(std::string_view more = "") {
  const auto text =
      "kafka: {brokers: 'a:9092', group: school}\npipelines:\n  exam.1: {kind: echo, from: exams, to: out}\n"
      "autoscaling: {mode: processes, prometheus: 'http://p:9090', interval: 5s, stale_after: 12s, drain: 20s, "
      "startup: 30s, "
      "replicas: {min: 1, max: 100}, step: {up: 1000, down: 1000}, windows: {up: 0s, down: 0s}"
      + std::string(more) + "}\n";
  auto read = parse_configuration(text, "c", "/");
  EXPECT_TRUE(read) << read.error().message;
  return read ? std::move(*read) : configuration{};
}

/// As Prometheus answers the question of `autoscale run`.
metric_answer answer(const load& of, int second, wall_time wall) {
  metric_answer all;
  const auto say = [&](const char* name, double value) {
    all.samples.push_back({{{"scaling_value", name}, {"scaling_target", "processes"}}, value, wall});
  };
  say("ready", static_cast<double>(of.processes));
  say("age", 0);
  say("pending", of.in_flight);
  say("lag", of.lag_at(second));
  say("lag_growth", of.lag_growth());
  say("served", of.served());
  say("worked", of.computed ? of.served() : 0);
  if (of.computed && of.served() > 0)
    say("busy", of.served() / of.rate * of.capacity());
  say("slots", static_cast<double>(of.slots));
  say("held", static_cast<double>(of.held));
  if (of.slack)
    say("slack", *of.slack);
  return all;
}

/// What core's rule wants in the end; nothing where it holds.
std::optional<std::size_t> wanted_by_core(const configuration& all, const load& of) {
  scaling_controller rule{all.scaling->policy};
  scaling_decision last;
  const time_point begin{};
  for (int second = until - 300; second <= until; second += scrape) {
    const auto now = begin + std::chrono::seconds(second);
    const wall_time wall{std::chrono::seconds(second)};
    auto seen = monitoring::read_scaling_answer(answer(of, second, wall), "processes", now, wall);
    EXPECT_TRUE(seen) << seen.error().message;
    seen->replicas = observed{static_cast<double>(of.processes), now};
    last = rule.decide(now, *seen);
  }
  if (last.held())
    return {};
  return last.replicas;
}

std::string number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.12f", value);
  return text.data();
}

/// The same metrics as promtool has them.
std::string series(const load& of) {
  std::string text;
  const auto add = [&text](const std::string& name, double from, double step) {
    text += "      - {series: '" + name + "', values: '" + number(from) + (step < 0 ? "-" : "+")
            + number(std::abs(step)) + "x" + std::to_string(until / scrape) + "'}\n";
  };
  const auto each = static_cast<double>(of.processes);
  const auto step = of.served() * scrape / each;
  for (std::size_t i = 0; i < of.processes; ++i) {
    const auto me = "job=\"c\",instance=\"" + std::to_string(i) + "\"";
    const auto pipeline = "{pipeline=\"exam.1\"," + me + "}";
    add("chalkstream_in_flight_records" + pipeline, of.in_flight / each, 0);
    add("chalkstream_kafka_lag_records" + pipeline, of.lag / each, of.lag_growth() * scrape / each);
    add("chalkstream_records_total" + pipeline, 1e5, step);
    add("chalkstream_results_total" + pipeline, 1e5, of.computed ? step : 0);
    add("chalkstream_compute_duration_seconds_sum{model=\"m\"," + me + "}", 1e5,
        of.computed ? step / of.rate * of.capacity() : 0);
    add("chalkstream_slots{device=\"cpu\"," + me + "}", static_cast<double>(of.slots), 0);
    add("chalkstream_replicas{model=\"m\"," + me + "}", static_cast<double>(of.held), 0);
    if (of.slack) // all records have that much left: a bucket so wide that nothing is lost in it
      for (const auto& [bound, share] : {std::pair{*of.slack - 1e-3, 0.0}, {*of.slack + 1e-3, 1.0}, {INFINITY, 1.0}})
        add("chalkstream_deadline_slack_seconds_bucket{le=\"" + (std::isinf(bound) ? "+Inf" : number(bound))
                + "\",pipeline=\"exam.1\"," + me + "}",
            1e5, step * share);
  }
  return text;
}

/// Runs promtool over the rules of a policy and what is expected of each load; what it says, and "" if it agrees.
std::string disagreement(const configuration& all, const std::vector<load>& loads) {
  const auto folder = std::filesystem::temp_directory_path() / ("chalkstream-rules-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "rules.yml") << scaling_rules(all,
                                                       {.name = "ours", .space = "school", .matchers = "job=\"c\""});
  std::ofstream tests(folder / "test.yml");
  tests << "rule_files: [rules.yml]\nevaluation_interval: 5s\ntests:\n";
  for (const auto& of : loads) {
    const auto wanted = wanted_by_core(all, of);
    tests << "  - name: '" << of.name << "'\n    interval: " << scrape << "s\n    input_series:\n"
          << series(of) << "    promql_expr_test:\n      - expr: clamp("
          << select_wanted_processes({.name = "ours", .space = "school", .matchers = ""}) << ", 1, " << most
          << ")\n        eval_time: " << until << "s\n        exp_samples: [";
    if (wanted)
      tests << "{labels: '{namespace=\"school\",scaled=\"ours\"}', value: " << *wanted << "}";
    tests << "]\n";
  }
  tests.close();
  std::string said;
  std::array<char, 512> some{};
  auto* tool = popen(("promtool test rules " + (folder / "test.yml").string() + " 2>&1").c_str(), "r");
  while (tool != nullptr && std::fgets(some.data(), some.size(), tool) != nullptr)
    said += some.data();
  const auto status = tool == nullptr ? -1 : pclose(tool);
  std::filesystem::remove_all(folder);
  return status == 0 ? "" : said + " (promtool comes with Debian's package prometheus)";
}

/// Kubernetes' formula for an external metric with an AverageValue of 1, its tolerance included.
std::size_t replicas_by_kubernetes(std::size_t current, double metric) {
  constexpr double tolerance = 0.1;
  if (std::abs(metric / static_cast<double>(current) - 1) <= tolerance)
    return current;
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(metric)), 1, most);
}

const std::vector<load> loads = {
    {.name = "too many", .processes = 3, .arrivals = 10, .rate = 20},
    {.name = "just enough", .processes = 2, .arrivals = 30, .rate = 20},
    {.name = "no room to spare", .processes = 2, .arrivals = 39, .rate = 20},
    {.name = "twice over the objective", .processes = 2, .arrivals = 30, .rate = 20, .in_flight = 100, .lag = 1900},
    {.name = "a little over it, for long", .processes = 2, .arrivals = 30, .rate = 20, .in_flight = 100, .lag = 1400},
    {.name = "within it", .processes = 2, .arrivals = 30, .rate = 20, .in_flight = 100, .lag = 600},
    {.name = "hysteresis", .processes = 23, .arrivals = 300, .rate = 20},
    {.name = "beyond hysteresis", .processes = 30, .arrivals = 300, .rate = 20},
    {.name = "more comes than goes", .processes = 2, .arrivals = 41, .rate = 20},
    {.name = "nothing", .processes = 4},
    {.name = "slots that no model may hold", .processes = 2, .arrivals = 39, .rate = 20, .slots = 4, .held = 3},
    {.name = "speed unknown", .processes = 2, .arrivals = 10, .rate = 20, .lag = 100, .computed = false},
};

TEST(scaling_rules_test, a_load_that_does_not_change_asks_for_what_cores_rule_wants) {
  EXPECT_EQ(disagreement(policy(), loads), "");
}

TEST(scaling_rules_test, deadlines_at_risk_count_as_they_do_in_cores_rule) {
  const std::vector<load> hurried = {
      {.name = "time enough", .processes = 4, .arrivals = 30, .rate = 20, .in_flight = 400, .slack = 30},
      {.name = "little time", .processes = 2, .arrivals = 30, .rate = 20, .in_flight = 900, .slack = 4},
      {.name = "too late already", .processes = 2, .arrivals = 30, .rate = 20, .in_flight = 900, .slack = -60},
      {.name = "none leaves", .processes = 9, .arrivals = 30, .rate = 20, .in_flight = 5, .slack = 4},
      {.name = "late without a queue", .processes = 9, .arrivals = 30, .rate = 20, .slack = -60},
      {.name = "nobody can tell", .processes = 9, .arrivals = 30, .rate = 20, .in_flight = 5},
  };
  EXPECT_EQ(disagreement(policy(", slack: 10s"), hurried), "");
}

TEST(scaling_rules_test, any_load_and_any_policy_does) {
  std::mt19937 random{7};
  const auto between = [&random](double low, double high) {
    return std::uniform_real_distribution<>{low, high}(random);
  };
  for (const auto* more : {"", ", utilisation: 0.6, hysteresis: 0.4", ", slack: 10s, utilisation: 1"}) {
    std::vector<load> any;
    for (int i = 0; i < 8; ++i) {
      load of{.name = "any " + std::to_string(i),
              .processes = static_cast<std::size_t>(between(1, 15)),
              .arrivals = between(0.5, 200),
              .rate = between(1, 40)};
      // Such that some queues are short, some long; where more comes than goes they grow out of all bounds.
      of.lag = of.rate * static_cast<double>(of.processes) * between(0, 60);
      of.in_flight = between(0, 50);
      of.slack = between(-5, 40);
      of.slots = static_cast<std::size_t>(between(1, 5));
      of.held = static_cast<std::size_t>(between(1, 5));
      any.push_back(std::move(of));
    }
    EXPECT_EQ(disagreement(policy(more), any), "") << more;
  }
}

TEST(scaling_rules_test, kubernetes_makes_the_same_number_of_it_but_for_its_tolerance) {
  const auto all = policy();
  for (const auto& of : loads) {
    const auto wanted = wanted_by_core(all, of);
    if (!wanted)
      continue; // no value: Kubernetes keeps what there is
    const auto made = replicas_by_kubernetes(of.processes, static_cast<double>(*wanted));
    const auto apart = std::abs(static_cast<double>(*wanted) / static_cast<double>(of.processes) - 1);
    EXPECT_EQ(made, apart <= 0.1 ? of.processes : *wanted) << of.name;
  }
  EXPECT_EQ(replicas_by_kubernetes(9, 10), 10U);
  EXPECT_EQ(replicas_by_kubernetes(20, 21), 20U) << "a tenth more or less is not acted on";
}

} // namespace
} // namespace chalkstream::pipelines
