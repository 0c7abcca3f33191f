#include "pipelines/tools/line_engine.hpp"

#include "actors/supervisor.hpp"
#include "monitoring/registry.hpp"
#include "pipelines/runtime.hpp"
#include "pipelines/tools/line_ports.hpp"

namespace chalkstream::pipelines::tools {

result<infer_counts> run_lines(std::istream& in, std::ostream& out, const line_engine_settings& settings, log& log) {
  monitoring::registry registry;
  const auto identity = settings.compute->identity();
  auto route = std::make_shared<actors::pipeline_route>();
  route->name = "infer";
  route->topic = "lines";
  route->models = {0};
  route->deadline = std::chrono::hours(24);
  route->probe = registry.pipeline(route->name);
  route->steps = settings.steps;

  actors::engine_plan plan;
  plan.scheduler.devices = {{settings.device, settings.slots}};
  actors::scheduled_model only{.name = identity->name, .places = {}, .max_replicas = settings.slots};
  only.places.push_back({.compute = settings.compute,
                         .token_budget = settings.token_budget,
                         .probe = registry.model(identity->name, identity->version, settings.device)});
  plan.scheduler.models.push_back(std::move(only));

  auto counts = std::make_shared<line_counts>();
  actors::consumer_settings consumer;
  consumer.route = route;
  consumer.source = make_line_source(in);
  consumer.sink = make_line_sink(out, counts);
  consumer.status = std::make_shared<actors::consumer_status>();
  consumer.instance = "infer";
  consumer.log = &log;
  plan.consumers.push_back(std::move(consumer));

  runtime engine{std::move(plan)};
  std::optional<result<void>> end;
  while (!(end = engine.wait_for(std::chrono::seconds(60)))) {
  }
  CHALK_CHECK(*end);
  const auto seen = registry.pipeline(route->name)->snapshot();
  return infer_counts{counts->results.load() - seen.review, counts->rejected.load() + seen.review};
}

} // namespace chalkstream::pipelines::tools
