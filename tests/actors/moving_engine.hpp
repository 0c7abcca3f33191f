// A whole engine in which a model of the priority bulk is sent from one of its two devices and comes back, again and
// again: a model of exams has too much to do on the first device now and then, or so the metrics say.
#pragma once

#include "core/metric_source.hpp"
#include "monitoring/registry.hpp"
#include "tests/actors/engine.hpp"
#include "tests/support/fake_model.hpp"

#include <atomic>
#include <functional>
#include <map>

namespace chalkstream::test {

using model_loading = std::function<result<std::shared_ptr<const model>>()>;

/// Says of two models what there is to do; of the exam's, for as long as `exams_are_late`.
class exam_metrics final : public metric_source {
public:
  std::atomic<bool> exams_are_late{false};
  std::atomic<bool> away{false};

  explicit exam_metrics(const clock& time = clock::system()) : time_(time) {}

  result<metric_answer> ask(std::string_view) override {
    if (away)
      return error{errc::unavailable, "as the test wants it"};
    metric_answer answer;
    say(answer, "bulk", 0);
    say(answer, "exam", exams_are_late ? 1000 : 0);
    return answer;
  }

private:
  void say(metric_answer& to, const std::string& model, double pending) const {
    const std::map<std::string, double> values{{"ready", 1},         {"age", 0},     {"drain", pending / 10},
                                               {"pending", pending}, {"served", 10}, {"worked", 10},
                                               {"busy", 1}};
    for (const auto& [name, value] : values)
      to.samples.push_back({{{"scaling_value", name}, {"scaling_target", model}}, value, time_.wall_now()});
  }

  const clock& time_;
};

struct moving_plan {
  actors::engine_plan plan;
  std::shared_ptr<exam_metrics> metrics = std::make_shared<exam_metrics>();
  /// Of the first device's.
  std::shared_ptr<const actors::place_status> first = {};
};

/// The model of `here` and `there` is the only one with records; it is on both devices when the engine starts.
inline moving_plan make_moving_plan(monitoring::registry& counts, const std::string& first_device, model_loading here,
                                    model_loading there, duration interval) {
  moving_plan made;
  auto& scheduler = made.plan.scheduler;
  scheduler.devices = {{first_device, 1, counts.device(first_device)}, {"cpu", 2, counts.device("cpu")}};
  actors::scheduled_model bulk{.name = "bulk", .places = {}, .max_replicas = 3};
  std::size_t device = 0;
  for (auto& load : {here, there}) {
    const auto probe = counts.model("bulk", "1", scheduler.devices[device].name);
    bulk.places.push_back(
        {.device = device++, .compute = load().value(), .token_budget = 64, .probe = probe, .load = load});
  }
  made.first = bulk.places.front().status;
  actors::scheduled_model exam{.name = "exam", .places = {}, .max_replicas = 1};
  exam.places.push_back(
      {.device = 0, .compute = std::make_shared<fake_model>(), .probe = counts.model("exam", "1", first_device)});
  actors::autoscaler_settings scaling{.source = made.metrics, .lanes = {}, .interval = interval};
  actors::moving_models moving{
      .rule = {.memory = {std::nullopt, std::nullopt}, .models = {}, .down_window = interval},
      .names = {first_device, "cpu"}};
  const auto add = [&](const actors::scheduled_model& m, std::size_t index, priority urgency) {
    scaling_settings policy;
    policy.drain = std::chrono::seconds(2);
    policy.least = policy.most = m.max_replicas;
    policy.interval = interval;
    resident_settings resident{.urgency = urgency, .policy = policy, .devices = {}};
    actors::scaled_lane lane{index,
                             m.replicas,
                             {.model = m.name, .pipelines = {}, .writes = false, .key = 7},
                             policy,
                             counts.autoscale(m.name)};
    for (const auto& p : m.places) {
      resident.devices.push_back(p.device);
      lane.places.push_back(p.status);
    }
    moving.rule.models.push_back(std::move(resident));
    scaling.lanes.push_back(std::move(lane));
  };
  add(bulk, 0, priority::bulk);
  add(exam, 1, priority::exam);
  scaling.moving = std::move(moving);
  made.plan.autoscaler = std::move(scaling);
  scheduler.models = {std::move(bulk), std::move(exam)};
  made.plan.prepare_workers = 2;
  made.plan.complete_workers = 1;
  return made;
}

} // namespace chalkstream::test
