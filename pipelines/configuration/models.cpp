#include "pipelines/configuration/models.hpp"

#include "pipelines/configuration/rules.hpp"
#include "pipelines/configuration/spelling.hpp"
#include "pipelines/configuration/units.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace chalkstream::pipelines {

namespace {

void read_languages(config_section& s, model_configuration& m) {
  const auto languages = s.text_list("languages");
  if (!languages)
    return;
  m.languages.clear();
  if (languages->size() == 1 && languages->front() == "any")
    return;
  if (languages->empty())
    s.complain("languages", "expected at least one language, or any");
  for (const auto& tag : *languages) {
    if (!is_language(tag))
      s.complain("languages", "expected languages such as en or zh, or any, found '" + tag + "'");
    m.languages.push_back(tag);
  }
}

std::string word(models::head output) {
  switch (output) {
  case models::head::embedding:
    return "embeddings";
  case models::head::span_logits:
    return "spans";
  case models::head::text:
    return "texts";
  default:
    return "logits";
  }
}

} // namespace

std::optional<std::size_t> read_budget(config_section& s, std::optional<std::size_t> otherwise) {
  const auto* node = s.take("token_budget");
  if (node == nullptr)
    return otherwise;
  if (node->kind == yaml_kind::text && node->text == "auto")
    return {};
  if (node->kind == yaml_kind::text && !node->quoted)
    if (const auto n = parse_count(node->text); n && *n >= 1 && *n <= 1U << 20U)
      return *n;
  s.complain("token_budget", "expected auto or a whole number from 1 to 1048576, found " + describe_found(*node));
  return {};
}

model_configuration model_sections::read(const yaml_entry& entry, const engine_configuration& engine,
                                         const device_sections& devices) {
  config_section s(&entry.value, "models." + entry.key, file_.wrong);
  model_configuration m;
  m.name = entry.key;
  if (const auto why = why_no_name(entry.key); !why.empty())
    file_.wrong.push_back({entry.at, s.name() + ": " + why});
  s.require("path", "the model's directory");
  m.path = file_.resolved(s.text("path").value_or(""));
  m.where = file_.place(s.where("path"));
  if (const auto version = s.text("version")) {
    m.version = *version;
    check_name(s, "version", m.version);
  }
  m.devices = read_device(s);
  auto replicas = s.section("replicas");
  m.min_replicas = replicas.count("min", 1, 1024).value_or(1);
  m.max_replicas = replicas.count("max", 1, 1024).value_or(std::max(devices.slots(m.devices), m.min_replicas));
  if (m.min_replicas > m.max_replicas)
    replicas.complain("min", "there are more than max, " + std::to_string(m.max_replicas));
  replicas.close();
  m.token_budget = read_budget(s, engine.token_budget);
  read_languages(s, m);
  if (const auto output = s.choice("output", {"embedding", "logits", "span", "text"})) {
    constexpr std::array outputs{models::head::embedding, models::head::logits, models::head::span_logits,
                                 models::head::text};
    m.output = outputs[*output];
  }
  m.text_cache_bytes = s.bytes("text_cache", 1U << 20U, std::uint64_t{1} << 42U).value_or(m.text_cache_bytes);
  m.allow_code = s.flag("allow_code").value_or(false);
  s.close();
  outputs_said_.push_back(s.has("output"));
  return m;
}

std::optional<std::size_t> model_sections::named(config_section& s, std::string_view key, models::head needed,
                                                 std::vector<model_configuration>& models) {
  const auto name = s.text(key);
  if (!name)
    return {};
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < models.size(); ++i) {
    auto& m = models[i];
    names.push_back(m.name);
    if (m.name != *name)
      continue;
    if (!outputs_said_[i]) {
      m.output = needed;
      outputs_said_[i] = true;
    } else if (m.output != needed) {
      s.complain(key, "model '" + m.name + "' gives " + word(m.output) + " elsewhere, and " + word(needed)
                          + " are needed here; list its directory under a second name");
    }
    return i;
  }
  const auto meant = did_you_mean(*name, names);
  s.complain(key, "there is no model '" + *name + "'" + (meant.empty() ? " under models" : meant));
  return {};
}

} // namespace chalkstream::pipelines
