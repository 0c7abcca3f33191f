// Moves each model's replicas between its bounds, and models between their devices: asks the metric source at every
// interval, hears the rules (core/scaling_controller, core/residency_rule) and tells the scheduler. On a thread of
// its own, since asking blocks. It keeps what there is when the source is away or says what cannot be believed, and
// it ends nothing when it ends itself.
#pragma once

#include "actors/scheduler.hpp"
#include "core/metric_source.hpp"
#include "core/residency_rule.hpp"
#include "monitoring/scaling_query.hpp"
#include "monitoring/scaling_watch.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chalkstream::actors {

struct scaled_lane {
  /// In the scheduler's list, and what it holds at present.
  std::size_t model = 0;
  std::shared_ptr<const replica_count> replicas;
  monitoring::slots_scope scope;
  scaling_settings policy;
  std::shared_ptr<monitoring::autoscale_probe> probe;
  /// What there is of it on its devices, in the scheduler's order.
  std::vector<std::shared_ptr<const place_status>> places = {};
};

/// Models move between their devices.
struct moving_models {
  /// Its models are the lanes, in their order, and its devices the scheduler's.
  residency_settings rule;
  /// By device.
  std::vector<std::string> names;
};

struct autoscaler_settings {
  std::shared_ptr<metric_source> source;
  std::vector<scaled_lane> lanes;
  /// Absent: they stay where they are.
  std::optional<moving_models> moving = {};
  duration interval = std::chrono::seconds(5);
  const clock* time = &clock::system();
  class log* log = &log::none();
};

class autoscaler_state {
public:
  using handle_type = autoscaler_actor;
  static constexpr const char* name = "autoscaler";

  autoscaler_state(autoscaler_actor::pointer self, autoscaler_settings settings, directory_ptr who);
  autoscaler_actor::behavior_type make_behavior();

private:
  void look();
  void move_models(const result<metric_answer>& answer);
  void say(const residency_move& move) const;

  autoscaler_actor::pointer self_;
  autoscaler_settings settings_;
  directory_ptr who_;
  std::string question_; // about all lanes at once
  std::vector<monitoring::scaling_watch> watches_;
  std::optional<residency_rule> residency_;
};

} // namespace chalkstream::actors
