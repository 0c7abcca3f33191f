// A whole engine on real threads over the fakes, as pipelines/runtime starts one.
#pragma once

#include "actors/supervisor.hpp"
#include "monitoring/device_probe.hpp"
#include "monitoring/model_probe.hpp"
#include "monitoring/pipeline_probe.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace chalkstream::test {

class engine {
public:
  explicit engine(actors::engine_plan plan) {
    plan.ended = [end = end_](std::shared_ptr<const error> failure) {
      const std::lock_guard lock(end->mutex);
      end->failure = std::move(failure);
      ++end->times;
      end->changed.notify_all();
    };
    supervisor_ =
        spawn_state<actors::supervisor_state>(system_, std::make_shared<actors::engine_plan>(std::move(plan)));
  }

  ~engine() { drain(std::chrono::nanoseconds{0}); }

  void drain(std::chrono::nanoseconds grace) { tell_from_outside(supervisor_, actors::drain{grace}); }

  bool ended_within(std::chrono::nanoseconds time) {
    std::unique_lock lock(end_->mutex);
    return end_->changed.wait_for(lock, time, [this] { return end_->times > 0; });
  }

  std::shared_ptr<const error> failure() const {
    const std::lock_guard lock(end_->mutex);
    return end_->failure;
  }

  /// How often the end was reported.
  std::size_t ends() const {
    const std::lock_guard lock(end_->mutex);
    return end_->times;
  }

  void kill_supervisor() { caf::anon_send_exit(supervisor_, caf::exit_reason::kill); }

private:
  struct config : caf::actor_system_config {
    config() { configure_scheduler(*this, 2, 32); }
  };

  struct end {
    std::mutex mutex;
    std::condition_variable changed;
    std::shared_ptr<const error> failure;
    std::size_t times = 0;
  };

  std::shared_ptr<end> end_ = std::make_shared<end>();
  config config_;
  caf::actor_system system_{config_};
  actors::supervisor_actor supervisor_;
};

/// One model, two slots, and a pipeline for each consumer added.
inline actors::engine_plan make_plan(std::shared_ptr<const model> compute) {
  actors::engine_plan plan;
  plan.scheduler.devices = {{"cpu", 2, std::make_shared<monitoring::device_probe>("cpu")}};
  actors::scheduled_model model{.name = "fake", .places = {}, .max_replicas = 2};
  model.places.push_back({.compute = std::move(compute),
                          .token_budget = 64,
                          .probe = std::make_shared<monitoring::model_probe>("fake", "1", "cpu")});
  plan.scheduler.models.push_back(std::move(model));
  plan.prepare_workers = 2;
  plan.complete_workers = 1;
  return plan;
}

inline std::shared_ptr<actors::consumer_status>
add_consumer(actors::engine_plan& plan, std::shared_ptr<const task> steps, std::shared_ptr<record_source> source,
             std::shared_ptr<result_sink> sink, const std::string& instance) {
  auto route = std::make_shared<actors::pipeline_route>();
  route->index = plan.consumers.size();
  route->name = route->topic = "pipeline-" + std::to_string(route->index);
  route->engine = "chalkstream test";
  route->steps = std::move(steps);
  route->models = {0};
  route->probe = std::make_shared<monitoring::pipeline_probe>(route->name);
  actors::consumer_settings settings;
  settings.route = std::move(route);
  settings.source = std::move(source);
  settings.sink = std::move(sink);
  settings.status = std::make_shared<actors::consumer_status>();
  settings.instance = instance;
  settings.commit.interval = std::chrono::milliseconds(5);
  plan.consumers.push_back(settings);
  return settings.status;
}

/// Whether `condition` holds before `within` has passed.
template <class Condition>
bool eventually(Condition&& condition, std::chrono::nanoseconds within = std::chrono::seconds(20)) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

} // namespace chalkstream::test
