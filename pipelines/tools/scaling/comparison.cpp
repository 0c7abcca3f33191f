#include "pipelines/tools/scaling/comparison.hpp"

#include <algorithm>

namespace chalkstream::pipelines::tools {

namespace {

bool cheaper(const simulation_run& a, const simulation_run& b) {
  return a.replica_hours < b.replica_hours;
}

bool better(const simulation_run& a, const simulation_run& b) {
  return a.misses != b.misses ? a.misses < b.misses : cheaper(a, b);
}

// Keeps the two runs of a kind that are shown.
class best_runs {
public:
  explicit best_runs(const simulation_run& ours) : ours_(ours) {}

  void add(const simulation_run& run) {
    if (run.misses <= ours_.misses)
      keep(as_good_, run, cheaper);
    if (run.replica_hours <= ours_.replica_hours)
      keep(affordable_, run, better);
    keep(cheapest_, run, cheaper);
  }

  const simulation_run& affordable() const { return affordable_ ? *affordable_ : *cheapest_; }
  const std::optional<simulation_run>& as_good() const { return as_good_; }

private:
  static void keep(std::optional<simulation_run>& best, const simulation_run& run,
                   bool (*before)(const simulation_run&, const simulation_run&)) {
    if (!best || before(run, *best))
      best = run;
  }

  const simulation_run& ours_;
  std::optional<simulation_run> affordable_;
  std::optional<simulation_run> cheapest_;
  std::optional<simulation_run> as_good_;
};

} // namespace

double scaling_comparison::saved() const noexcept {
  return fixed ? 1 - ours.replica_hours / fixed->replica_hours : 0;
}

std::vector<double> tried_targets() {
  return {0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9};
}

std::vector<double> tried_thresholds() {
  return {1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100, 150, 200, 300, 500, 1000};
}

scaling_settings usual_settings(const arrival_trace& trace, const simulation_settings& settings) {
  scaling_settings usual;
  usual.drain = of_seconds(trace.work.deadline / 4);
  usual.slack = of_seconds(trace.work.deadline / 4);
  usual.down_window = std::max(usual.down_window, of_seconds(2 * trace.work.deadline));
  usual.startup = of_seconds(settings.pace.startup);
  return usual;
}

scaling_comparison compare(arrival_trace trace, const scaling_settings& ours, const simulation_settings& settings,
                           const std::function<void(double)>& progress) {
  const auto targets = tried_targets();
  const auto thresholds = tried_thresholds();
  std::size_t done = 0;
  const auto play = [&](const simulated_policy& policy) {
    progress(static_cast<double>(done++) / static_cast<double>(targets.size() + thresholds.size() + 11));
    return simulate(trace, policy, settings);
  };
  scaling_comparison c;
  c.ours = play(drain_policy{ours});
  best_runs processor(c.ours);
  for (const auto target : targets)
    processor.add(play(processor_policy{target}));
  best_runs lag(c.ours);
  for (const auto threshold : thresholds)
    lag.add(play(lag_policy{threshold}));
  c.processor = processor.affordable();
  c.processor_as_good = processor.as_good();
  c.lag = lag.affordable();
  c.lag_as_good = lag.as_good();
  std::size_t few = 0; // misses more
  std::size_t enough = most_fixed + 1;
  for (std::size_t n = std::max<std::size_t>(c.ours.most_replicas, 1); few + 1 < enough;
       n = std::min((few + enough) / 2, 2 * few + 8)) {
    auto run = play(fixed_policy{n});
    if (run.misses > c.ours.misses) {
      few = n;
    } else {
      enough = n;
      c.fixed = std::move(run);
    }
  }
  progress(1);
  trace.arrivals = {};
  trace.seconds = {};
  c.trace = std::move(trace);
  return c;
}

} // namespace chalkstream::pipelines::tools
