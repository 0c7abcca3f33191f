// One way of scaling on one trace, at accelerated time: what it costs and who is late.
//
// What is modelled: each record with its own length and deadline; the time a replica takes to start and to leave,
// both paid for; metrics that are scraped now and then and known a little later. What is not: partitions that move
// when a replica joins or leaves, and slots within a process.
#pragma once

#include "core/scaling_policy.hpp"
#include "pipelines/tools/scaling/arrival_trace.hpp"
#include "pipelines/tools/scaling/simulated_service.hpp"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace chalkstream::pipelines::tools {

/// core's rule.
struct drain_policy {
  scaling_settings settings;
};
struct processor_policy {
  double target = 0.7;
};
struct lag_policy {
  double threshold = 10;
};
struct fixed_policy {
  std::size_t replicas = 1;
};
using simulated_policy = std::variant<drain_policy, processor_policy, lag_policy, fixed_policy>;

/// "drain", "CPU 70 %", "lag 10", "fixed 12"
std::string name_of(const simulated_policy& policy);

struct simulation_settings {
  simulated_service::pace pace;
  /// Seconds between scrapes, and from a scrape until its values are known.
  double scrape_interval = 5;
  double metric_delay = 2;
  /// Pods that the others may add in 15 s; Kubernetes' default, or as many again as there are if that is more.
  std::size_t rival_step = 4;
};

/// What happened in a stretch of time, for pictures.
struct simulated_moment {
  double arrivals = 0;      // a second
  std::size_t replicas = 0; // most
  double drain = 0;         // seconds, most
  std::size_t misses = 0;   // of records that came in it
};

struct simulation_run {
  std::string policy;
  double replica_hours = 0;
  std::size_t records = 0;
  /// Records finished after their deadline, or never.
  std::size_t misses = 0;
  /// Seconds that 99 % of the records waited no longer than, which is how long what was before them took to drain.
  double p99_drain = 0;
  /// How often replicas began to grow after they shrank, or the other way round.
  std::size_t turns = 0;
  std::size_t most_replicas = 0;
  /// Equally long stretches of the whole trace.
  std::vector<simulated_moment> moments;

  double turns_per_burst(const arrival_trace& trace) const noexcept {
    return static_cast<double>(turns) / static_cast<double>(trace.bursts);
  }
};

/// The same for the same trace and settings.
simulation_run simulate(const arrival_trace& trace, const simulated_policy& policy,
                        const simulation_settings& settings);

} // namespace chalkstream::pipelines::tools
