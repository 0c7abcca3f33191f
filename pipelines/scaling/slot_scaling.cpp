#include "pipelines/scaling/slot_scaling.hpp"

#include "monitoring/prometheus_client.hpp"

#include <algorithm>
#include <random>

namespace chalkstream::pipelines {

namespace {

// Exact as a double, and not 0.
std::uint64_t draw_key() {
  std::random_device random;
  return (std::uint64_t{random()} << 16U ^ random()) % ((std::uint64_t{1} << 48U) - 1) + 1;
}

// Where the records of a pipeline go first.
std::optional<std::size_t> first_model(const pipeline_configuration& p) {
  for (const auto& model : {p.model, p.answer_model, p.essay_model, p.reader})
    if (model)
      return model;
  return {};
}

// Nothing where every model has one device.
std::optional<actors::moving_models> moving(const configuration& wanted, const model_shelf& shelf,
                                            const std::vector<actors::scheduled_model>& models) {
  if (std::ranges::all_of(models, [](const auto& m) { return m.places.size() == 1; }))
    return {};
  actors::moving_models made;
  for (const auto& d : wanted.devices) {
    made.rule.memory.push_back(d.memory);
    made.names.push_back(d.name);
  }
  made.rule.up_window = wanted.scaling->policy.up_window;
  made.rule.down_window = wanted.scaling->policy.down_window;
  for (const auto& scaled : wanted.scaling->models) {
    resident_settings m;
    m.urgency = urgency_of(wanted, scaled.model);
    m.policy = scaled.policy;
    m.bytes = bytes_of(wanted.models[scaled.model], shelf.at(scaled.model).loaded);
    for (const auto& place : models[scaled.model].places)
      m.devices.push_back(place.device);
    made.rule.models.push_back(std::move(m));
  }
  return made;
}

} // namespace

result<std::optional<actors::autoscaler_settings>> slot_scaling(const configuration& wanted, const model_shelf& shelf,
                                                                std::vector<actors::scheduled_model>& models,
                                                                monitoring::registry& counts, log& journal) {
  if (!wanted.scaling || wanted.scaling->actuator != scaling_actuator::slots)
    return std::optional<actors::autoscaler_settings>{};
  if (wanted.listen.empty())
    return error{errc::invalid_configuration,
                 wanted.file + ": autoscaling by Prometheus needs metrics, but monitoring.listen is off"};
  const auto& scaling = *wanted.scaling;
  CHALK_TRY(auto prometheus,
            monitoring::prometheus_client::make({.url = scaling.prometheus, .timeout = scaling.timeout}));
  const auto key = draw_key();
  counts.autoscale_key(key);
  actors::autoscaler_settings made;
  made.source = std::make_shared<monitoring::prometheus_client>(std::move(prometheus));
  made.interval = scaling.policy.interval;
  made.log = &journal;
  for (const auto& scaled : scaling.models) {
    auto& model = models[scaled.model];
    model.max_replicas = scaled.policy.most;
    monitoring::slots_scope scope{
        .model = model.name, .pipelines = {}, .writes = shelf.at(scaled.model).loaded.compute->writes(), .key = key};
    for (const auto& p : wanted.pipelines)
      if (first_model(p) == scaled.model)
        scope.pipelines.push_back(p.name);
    made.lanes.push_back(
        {scaled.model, model.replicas, std::move(scope), scaled.policy, counts.autoscale(model.name)});
    for (const auto& place : model.places)
      made.lanes.back().places.push_back(place.status);
  }
  made.moving = moving(wanted, shelf, models);
  return std::optional{std::move(made)};
}

} // namespace chalkstream::pipelines
