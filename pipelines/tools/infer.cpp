#include "pipelines/tools/infer.hpp"

#include "actors/supervisor.hpp"
#include "education/json_writer.hpp"
#include "models/repository.hpp"
#include "models/text/tokenizer.hpp"
#include "monitoring/registry.hpp"
#include "pipelines/runtime.hpp"
#include "pipelines/tools/json_lines.hpp"
#include "pipelines/tools/line_ports.hpp"
#include "pipelines/tools/summarize_lines.hpp"

#include <algorithm>

namespace chalkstream::pipelines::tools {

namespace {

struct line_state final : task_state {
  std::string id; // as JSON
};

class infer_lines final : public task {
public:
  infer_lines(std::shared_ptr<const text::tokenizer> tokenizer, models::loaded_model loaded, infer_task kind)
      : tokenizer_(std::move(tokenizer)), loaded_(std::move(loaded)), kind_(kind) {
    options_.cut = text::truncation::longest_first;
    options_.max_tokens = loaded_.max_tokens;
    options_.offsets = false;
  }

  task_step prepare(const record& input) const override {
    auto parsed = parse_line(*input.value);
    if (const auto* wrong = std::get_if<line_error>(&parsed))
      return failed_line(wrong->id, wrong->message);
    auto* line = std::get_if<text_line>(&parsed);
    auto encoded = line->pair ? tokenizer_->encode_pair(line->text, *line->pair, options_)
                              : tokenizer_->encode(line->text, options_);
    if (!encoded)
      return failed_line(line->id, encoded.error().message);
    work needed;
    needed.sequences.push_back({std::move(encoded->ids), std::move(encoded->types)});
    auto state = std::make_shared<line_state>();
    state->id = std::move(line->id);
    needed.state = std::move(state);
    return needed;
  }

  task_step complete(const record&, work done, const output_rows& rows, const timing&) const override {
    const auto& state = static_cast<const line_state&>(*done.state);
    const auto row = rows.row(0);
    reply answer;
    auto& text = answer.value;
    text.reserve(row.size() * 13 + 64);
    text.append("{\"id\":").append(state.id);
    if (kind_ != infer_task::embed) {
      text.append(",\"label\":");
      education::json_writer{text}.string(label(row));
    }
    text.append(kind_ == infer_task::embed ? ",\"embedding\":" : ",\"logits\":");
    education::json_writer json{text};
    json.begin_array();
    for (const auto value : row)
      json.number(value);
    json.end_array();
    text.append("}");
    return answer;
  }

private:
  std::string label(std::span<const float> row) const {
    if (kind_ == infer_task::score)
      return std::to_string(row[0]);
    const auto best = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    return best < loaded_.labels.size() ? loaded_.labels[best] : "LABEL_" + std::to_string(best);
  }

  std::shared_ptr<const text::tokenizer> tokenizer_;
  models::loaded_model loaded_;
  infer_task kind_;
  text::encode_options options_;
};

} // namespace

std::optional<infer_task> infer_task_from(std::string_view name) {
  if (name == "embed")
    return infer_task::embed;
  if (name == "classify")
    return infer_task::classify;
  if (name == "score")
    return infer_task::score;
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
  const bool with_embeddings = settings.task == infer_task::embed || settings.task == infer_task::summarize;
  request.output = with_embeddings ? models::head::embedding : models::head::logits;
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
  if (settings.task == infer_task::summarize)
    route->steps = make_summarize_lines({0, std::move(tokenizer), identity, loaded.max_tokens, {}}, settings.summary);
  else
    route->steps = std::make_shared<infer_lines>(std::move(tokenizer), std::move(loaded), settings.task);

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
