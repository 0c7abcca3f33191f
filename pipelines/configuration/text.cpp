#include "pipelines/configuration/configuration.hpp"

#include "pipelines/configuration/clips.hpp"
#include "pipelines/configuration/devices.hpp"
#include "pipelines/configuration/images.hpp"
#include "pipelines/configuration/monitoring.hpp"
#include "pipelines/configuration/overrides.hpp"
#include "pipelines/configuration/scaling.hpp"
#include "pipelines/configuration/units.hpp"
#include "pipelines/configuration/writing.hpp"

#include <algorithm>
#include <array>

namespace chalkstream::pipelines {

namespace {

bool is_secret(std::string_view property) {
  constexpr std::array marks{std::string_view("password"), std::string_view("secret"),
                             std::string_view("key"),      std::string_view("token"),
                             std::string_view("pem"),      std::string_view("oauthbearer.config"),
                             std::string_view("jaas")};
  return std::any_of(marks.begin(), marks.end(),
                     [property](auto mark) { return property.find(mark) != std::string_view::npos; });
}

std::string budget(std::optional<std::size_t> tokens) {
  return tokens ? std::to_string(*tokens) : "auto";
}

std::string describe(const kafka_configuration& k) {
  auto text = std::string("kafka:\n  brokers: ") + (k.embedded ? "embedded" : yaml_text(k.brokers))
              + "\n  group: " + yaml_text(k.group) + "\n";
  if (k.instance)
    text += "  instance: " + yaml_text(*k.instance) + "\n";
  text += std::string("  delivery: ")
          + (k.delivery == kafka::delivery::exactly_once ? "exactly_once" : "at_least_once") + "\n  commit_interval: "
          + format_duration(k.commit_interval) + "\n  commit_records: " + std::to_string(k.commit_records)
          + "\n  session_timeout: " + format_duration(k.session_timeout) + "\n  transaction_timeout: "
          + format_duration(k.transaction_timeout) + "\n  partitions: " + std::to_string(k.partitions)
          + "\n  max_message_bytes: " + format_bytes(k.max_message_bytes) + "\n";
  if (!k.client.empty())
    text += "  client:\n";
  for (const auto& [name, value] : k.client)
    text += "    " + yaml_text(name) + ": " + (is_secret(name) ? "\"********\"" : yaml_text(value)) + "\n";
  return text;
}

std::string describe(const engine_configuration& e) {
  return "engine:\n  slots: " + std::to_string(e.slots) + "\n  prepare_threads: " + std::to_string(e.prepare_threads)
         + "\n  in_flight: {records: " + std::to_string(e.in_flight_records)
         + ", bytes: " + format_bytes(e.in_flight_bytes) + "}\n  drain_grace: " + format_duration(e.drain_grace)
         + "\n  revoke_grace: " + format_duration(e.revoke_grace) + "\n  max_attempts: "
         + std::to_string(e.max_attempts) + "\n  token_budget: " + budget(e.token_budget) + "\n";
}

std::string_view describe(models::head output) {
  switch (output) {
  case models::head::embedding:
    return "embedding";
  case models::head::span_logits:
    return "span";
  case models::head::text:
    return "text";
  default:
    return "logits";
  }
}

std::string describe(const model_configuration& m) {
  std::string devices;
  for (const auto& d : m.devices)
    devices += (devices.empty() ? "" : ", ") + d;
  std::string languages;
  for (const auto& l : m.languages)
    languages += (languages.empty() ? "" : ", ") + l;
  return "  " + yaml_text(m.name) + ":\n    path: " + yaml_text(m.path.string()) + "\n    version: "
         + yaml_text(m.version) + "\n    device: " + (m.devices.size() == 1 ? devices : "[" + devices + "]")
         + "\n    replicas: {min: " + std::to_string(m.min_replicas) + ", max: " + std::to_string(m.max_replicas)
         + "}\n    token_budget: " + budget(m.token_budget) + "\n    languages: "
         + (languages.empty() ? "any" : "[" + languages + "]") + "\n    output: " + std::string(describe(m.output))
         + "\n    text_cache: " + format_bytes(m.text_cache_bytes)
         + "\n    allow_code: " + (m.allow_code ? "true" : "false") + "\n";
}

std::string describe(const pipeline_configuration& p, const std::vector<model_configuration>& models) {
  auto text = "  " + yaml_text(p.name) + ":\n    kind: " + std::string(to_string(p.kind))
              + "\n    from: " + yaml_text(p.from) + "\n    to: " + yaml_text(p.to)
              + "\n    dead_letters: " + yaml_text(p.dead_letters) + "\n    deadline: " + format_duration(p.deadline)
              + "\n    priority: " + std::string(chalkstream::to_string(p.urgency))
              + "\n    max_bytes: " + format_bytes(p.max_bytes) + "\n";
  if (p.model)
    text += "    model: " + yaml_text(models[*p.model].name) + "\n";
  if (p.answer_model)
    text += "    answer_model: " + yaml_text(models[*p.answer_model].name) + "\n";
  if (p.essay_model)
    text += "    essay_model: " + yaml_text(models[*p.essay_model].name) + "\n    essay_scale: {min: "
            + format_number(p.lowest_score) + ", max: " + format_number(p.highest_score) + "}\n";
  if (p.kind == pipeline_kind::recognition)
    text += describe_images(p);
  else if (p.kind == pipeline_kind::video)
    text += describe_clips(p);
  else if (p.kind == pipeline_kind::overrides)
    text += describe_overrides(p);
  else if (p.has_model())
    text +=
        std::string("    text_too_long: ") + (p.text_too_long == overlong::truncate ? "truncate" : "reject") + "\n";
  if (p.kind == pipeline_kind::grading && p.reader)
    text += "    reader: " + yaml_text(models[*p.reader].name) + "\n" + describe_images(p);
  if (p.regions_above)
    text += "    regions_above: " + format_number(*p.regions_above) + "\n";
  if (p.reading_below)
    text += "    reading_below: " + format_number(*p.reading_below) + "\n";
  if (p.review_below)
    text += "    review_below: " + format_number(*p.review_below) + "\n";
  if (p.kind == pipeline_kind::recommendation)
    text += "    catalogue: " + yaml_text(p.catalogue.string()) + "\n    enough: " + format_number(p.enough)
            + "\n    least_similarity: " + format_number(p.least_similarity)
            + "\n    top_k: " + std::to_string(p.top_k) + "\n";
  if (p.kind == pipeline_kind::summarization)
    text += std::string("    method: ") + (p.abstractive ? "abstractive" : "extractive") + "\n";
  if (p.writes() || p.kind == pipeline_kind::recognition)
    text += describe_writing(p);
  else if (p.kind == pipeline_kind::summarization)
    text += "    sentences: " + std::to_string(p.summary.sentences) + "\n    diversity: "
            + format_number(p.summary.diversity) + "\n    max_tokens: " + std::to_string(p.summary.max_tokens) + "\n";
  if (p.kind == pipeline_kind::answering)
    text += "    material: " + yaml_text(p.material.string()) + "\n    passage_length: "
            + std::to_string(p.passage_length) + "\n    passages: " + std::to_string(p.passages)
            + "\n    least_similarity: " + format_number(p.least_similarity) + "\n"
            + (p.reader ? "    reader: " + yaml_text(models[*p.reader].name) + "\n" : "") + "    stride: "
            + std::to_string(p.span.stride) + "\n    answer_tokens: " + std::to_string(p.span.longest)
            + "\n    no_answer_below: " + format_number(p.no_answer_below) + "\n"
            + (p.writer ? "    writer: " + yaml_text(models[*p.writer].name) + "\n" + describe_writing(p) : "");
  return text;
}

} // namespace

std::string describe(const configuration& all) {
  constexpr std::array levels{"debug", "info", "warning", "error"};
  auto text = describe(all.kafka) + "monitoring: {listen: " + (all.listen.empty() ? "off" : yaml_text(all.listen))
              + describe_monitoring(all) + "}\nstate_dir: " + yaml_text(all.state_dir.string()) + "\n";
  if (all.key_file)
    text += "privacy: {key_file: " + yaml_text(all.key_file->string()) + "}\n";
  text += std::string("log: {level: ") + levels[static_cast<std::size_t>(all.log)]
          + ", format: " + (all.log_as_json ? "json" : "text") + "}\n" + describe(all.engine);
  text += describe_devices(all.devices);
  if (!all.models.empty())
    text += "models:\n";
  for (const auto& m : all.models)
    text += describe(m);
  text += "pipelines:\n";
  for (const auto& p : all.pipelines)
    text += describe(p, all.models);
  return text + describe_scaling(all.scaling, all.models);
}

} // namespace chalkstream::pipelines
