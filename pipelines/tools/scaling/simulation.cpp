#include "pipelines/tools/scaling/simulation.hpp"

#include "core/scaling_controller.hpp"
#include "pipelines/tools/evaluation/markup.hpp"
#include "pipelines/tools/scaling/scaling_rivals.hpp"
#include "pipelines/tools/scaling/scraped_metrics.hpp"

#include <algorithm>
#include <functional>

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::size_t stretches = 480;

template <class... Cases>
struct any_of_cases : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
any_of_cases(Cases...) -> any_of_cases<Cases...>;

// When a policy is asked, and what it answers.
struct asked_policy {
  double every;
  double first;
  std::size_t replicas; // to begin with
  std::function<std::size_t(double now, const simulated_service&, const scraped_metrics&)> decide;
};

asked_policy asked(const drain_policy& p, const arrival_trace& trace, const simulation_settings& settings) {
  auto s = p.settings;
  s.least = trace.work.least;
  s.most = trace.work.most;
  const auto every = in_seconds(s.interval);
  return {every, settings.metric_delay, s.least,
          [rule = scaling_controller(s), deadline = trace.work.deadline](double now, const simulated_service& service,
                                                                         const scraped_metrics& seen) mutable {
            return rule.decide(simulated_time(now), seen.observation(rule.settings(), deadline, service)).replicas;
          }};
}

pod_autoscaler pods_of(const simulated_work& work, const simulation_settings& settings) {
  return {std::max<std::size_t>(work.least, 1), work.most, settings.rival_step};
}

asked_policy asked(const processor_policy& p, const arrival_trace& trace, const simulation_settings& settings) {
  return {pod_autoscaler::sync, pod_autoscaler::sync, std::max<std::size_t>(trace.work.least, 1),
          [rule = processor_scaling(p.target, pods_of(trace.work, settings))](
              double now, const simulated_service& service, const scraped_metrics&) mutable {
            return rule.decide(now, service);
          }};
}

asked_policy asked(const lag_policy& p, const arrival_trace& trace, const simulation_settings& settings) {
  return {pod_autoscaler::sync, pod_autoscaler::sync, trace.work.least,
          [rule = lag_scaling(p.threshold, trace.work.least == 0, pods_of(trace.work, settings))](
              double now, const simulated_service& service, const scraped_metrics&) mutable {
            return rule.decide(now, service);
          }};
}

asked_policy asked(const fixed_policy& p, const arrival_trace& trace, const simulation_settings&) {
  return {trace.length, trace.length, p.replicas,
          [n = p.replicas](double, const simulated_service&, const scraped_metrics&) { return n; }};
}

class stage {
public:
  stage(const arrival_trace& trace, asked_policy policy, const simulation_settings& settings)
      : trace_(trace), policy_(std::move(policy)), settings_(settings),
        service_(trace, settings.pace, policy_.replicas), stretch_(trace.length / stretches) {
    run_.moments.resize(stretches);
    run_.most_replicas = policy_.replicas;
  }

  simulation_run play() {
    // What is still waiting at the end is worked off, but not for ever: a policy may leave nobody to do it.
    const auto end = trace_.length + 2 * trace_.work.deadline + 3600;
    double scrape = 0;
    double ask = policy_.first;
    while (std::min(scrape, ask) < (service_.done() ? trace_.length : end)) {
      const auto now = std::min(scrape, ask);
      service_.advance(now);
      if (scrape <= ask) {
        metrics_.take(now, service_);
        watch(now);
        scrape += settings_.scrape_interval;
      } else {
        change(policy_.decide(now, service_, metrics_));
        ask += policy_.every;
      }
    }
    service_.advance(std::max(std::min(scrape, ask), trace_.length));
    return finish();
  }

private:
  void change(std::size_t replicas) {
    const auto have = service_.replicas();
    const int way = replicas > have ? 1 : replicas < have ? -1 : 0;
    if (way != 0) {
      if (way_ != 0 && way != way_)
        ++run_.turns;
      way_ = way;
      service_.resize(replicas);
    }
    run_.most_replicas = std::max(run_.most_replicas, replicas);
  }

  simulated_moment& moment(double second) {
    return run_.moments[std::min(static_cast<std::size_t>(second / stretch_), stretches - 1)];
  }

  void watch(double now) {
    if (now >= trace_.length)
      return;
    auto& m = moment(now);
    m.replicas = std::max(m.replicas, service_.replicas());
    const auto working = static_cast<double>(std::max<std::size_t>(service_.ready(), 1)) * trace_.work.rate;
    m.drain = std::max(m.drain, (service_.arrived_tokens() - service_.finished_tokens()) / working);
  }

  simulation_run finish() {
    service_.close();
    run_.replica_hours = service_.paid() / 3600;
    run_.records = trace_.arrivals.size();
    for (std::size_t i = 0; i < trace_.arrivals.size(); ++i) {
      auto& m = moment(trace_.arrivals[i]);
      m.arrivals += 1 / stretch_;
      if (i < service_.taken() && !service_.late()[i])
        continue;
      ++run_.misses;
      ++m.misses;
    }
    auto waits = service_.waits();
    if (!waits.empty()) {
      const auto nth = waits.begin() + static_cast<std::ptrdiff_t>(0.99 * static_cast<double>(waits.size() - 1));
      std::ranges::nth_element(waits, nth);
      run_.p99_drain = *nth;
    }
    return std::move(run_);
  }

  const arrival_trace& trace_;
  asked_policy policy_;
  const simulation_settings& settings_;
  simulated_service service_;
  scraped_metrics metrics_;
  double stretch_;
  simulation_run run_;
  int way_ = 0;
};

} // namespace

std::string name_of(const simulated_policy& policy) {
  return std::visit(any_of_cases{[](const drain_policy&) { return std::string("drain"); },
                                 [](const processor_policy& p) { return "CPU " + fixed(100 * p.target, 0) + " %"; },
                                 [](const lag_policy& p) { return "lag " + fixed(p.threshold, 0); },
                                 [](const fixed_policy& p) { return "fixed " + std::to_string(p.replicas); }},
                    policy);
}

simulation_run simulate(const arrival_trace& trace, const simulated_policy& policy,
                        const simulation_settings& settings) {
  const auto how = std::visit([&](const auto& p) { return asked(p, trace, settings); }, policy);
  auto run = stage(trace, how, settings).play();
  run.policy = name_of(policy);
  return run;
}

} // namespace chalkstream::pipelines::tools
