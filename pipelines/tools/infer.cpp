#include "pipelines/tools/infer.hpp"

#include "actors/supervisor.hpp"
#include "models/repository.hpp"
#include "models/text/tokenizer.hpp"
#include "monitoring/registry.hpp"
#include "pipelines/runtime.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/line_task.hpp"
#include "pipelines/tools/summarize_lines.hpp"

namespace chalkstream::pipelines::tools {

std::optional<infer_task> infer_task_from(std::string_view name) {
  if (name == "embed")
    return infer_task::embed;
  if (name == "classify")
    return infer_task::classify;
  if (name == "score")
    return infer_task::score;
  if (name == "span")
    return infer_task::span;
  if (name == "tag")
    return infer_task::tag;
  if (name == "summarize")
    return infer_task::summarize;
  return std::nullopt;
}

result<infer_counts> infer(std::istream& in, std::ostream& out, const infer_settings& settings, observer& watch,
                           log& log) {
  CHALK_TRY(auto tokenizer, text::tokenizer::load(settings.model));
  models::load_request request;
  request.name = settings.model.filename().string();
  request.directory = settings.model;
  request.output = head_for(settings.task);
  CHALK_TRY(auto loaded, models::load(request, watch, log));

  monitoring::registry registry;
  const auto identity = loaded.compute->identity();
  auto route = std::make_shared<actors::pipeline_route>();
  route->name = "infer";
  route->topic = "lines";
  route->models = {0};
  route->deadline = std::chrono::hours(24);
  route->probe = registry.pipeline(route->name);

  actors::engine_plan plan;
  plan.scheduler.slots = settings.slots;
  plan.scheduler.models.push_back({.name = request.name,
                                   .compute = loaded.compute,
                                   .max_replicas = settings.slots,
                                   .token_budget = settings.token_budget,
                                   .probe = registry.model(identity->name, identity->version, "cpu"),
                                   .device = registry.device("cpu")});
  if (settings.task == infer_task::summarize) {
    route->steps = make_summarize_lines({0, std::move(tokenizer), identity, loaded.max_tokens, {}}, settings.summary);
  } else {
    CHALK_TRY(route->steps, make_line_task(std::move(tokenizer), std::move(loaded), settings));
  }

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
