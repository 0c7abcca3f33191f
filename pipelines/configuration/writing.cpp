#include "pipelines/configuration/writing.hpp"

#include "pipelines/configuration/rules.hpp"
#include "pipelines/configuration/units.hpp"

#include <limits>

namespace chalkstream::pipelines {

namespace {

constexpr std::size_t most_tokens = 1U << 20U;

void read_language(config_section& s, std::string_view key, std::string& into) {
  const auto tag = s.text(key);
  if (!tag)
    return;
  if (!is_language(*tag))
    s.complain(key, "expected a language such as en or zh, found '" + *tag + "'");
  into = *tag;
}

void read_prompt(config_section& s, pipeline_configuration& into, prompt_use use) {
  const auto text = s.text("prompt");
  if (!text)
    return;
  into.prompt_text = *text;
  auto parsed = prompt_template::parse(*text, use);
  if (parsed)
    into.prompt = std::move(*parsed);
  else
    s.complain("prompt", parsed.error().message);
}

void read_generation(config_section s, writing_settings& w) {
  w.prefix = s.text("prefix").value_or("");
  w.target_language = s.text("target_token").value_or("");
  auto& g = w.generation;
  g.max_new_tokens = s.count("max_new_tokens", 1, most_tokens);
  g.min_new_tokens = s.count("min_new_tokens", 0, most_tokens);
  g.beams = s.count("beams", 1, 64);
  g.length_penalty = s.number("length_penalty", -100, 100);
  if (const auto when = s.choice("early_stopping", {"false", "true", "never"}))
    g.stop_early = static_cast<early_stopping>(*when);
  g.no_repeat_ngram = s.count("no_repeat_ngram", 0, most_tokens);
  g.repetition_penalty = s.number("repetition_penalty", 0.01, 100);
  g.sample = s.flag("sample");
  g.temperature = s.number("temperature", 0.01, 100);
  g.top_k = s.count("top_k", 0, most_tokens);
  g.top_p = s.share("top_p");
  g.seed = s.count("seed", 0, std::numeric_limits<std::uint64_t>::max());
  if (g.min_new_tokens && g.max_new_tokens && *g.min_new_tokens > *g.max_new_tokens)
    s.complain("min_new_tokens", "there are more than max_new_tokens, " + std::to_string(*g.max_new_tokens));
  s.close();
}

class lines {
public:
  explicit lines(std::string& text) : text_(text) {}

  void add(std::string_view key, const std::optional<std::size_t>& value) {
    if (value)
      put(key, std::to_string(*value));
  }
  void add(std::string_view key, const std::optional<double>& value) {
    if (value)
      put(key, format_number(*value));
  }
  void add(std::string_view key, const std::optional<bool>& value) {
    if (value)
      put(key, *value ? "true" : "false");
  }
  void add(std::string_view key, const std::string& value) {
    if (!value.empty())
      put(key, yaml_text(value));
  }
  void put(std::string_view key, std::string_view value) {
    text_.append("      ").append(key).append(": ").append(value).append("\n");
  }

private:
  std::string& text_;
};

} // namespace

void read_writing(config_section& pipeline, pipeline_configuration& into) {
  read_generation(pipeline.section("writing"), into.writing);
  if (into.kind == pipeline_kind::translation) {
    into.writing.unit = prompt_unit::sentence;
    read_language(pipeline, "from_language", into.from_language);
    pipeline.require("to_language", "the language that the model translates to");
    read_language(pipeline, "to_language", into.to_language);
  } else if (into.kind == pipeline_kind::feedback) {
    pipeline.require("prompt", "what the model is told, with {text} where the learner's text belongs");
    read_prompt(pipeline, into, prompt_use::feedback);
  } else if (into.kind == pipeline_kind::answering) {
    pipeline.require("prompt", "what the model is told, with {text} where the question belongs and {passages}");
    read_prompt(pipeline, into, prompt_use::answering);
  } else if (into.kind == pipeline_kind::recognition) {
    into.writing.unit = prompt_unit::picture;
  } else {
    into.writing.unit = prompt_unit::window;
  }
}

std::string describe_writing(const pipeline_configuration& p) {
  std::string text;
  if (!p.from_language.empty())
    text += "    from_language: " + p.from_language + "\n";
  if (!p.to_language.empty())
    text += "    to_language: " + p.to_language + "\n";
  if (p.prompt)
    text += "    prompt: " + yaml_text(p.prompt_text) + "\n";
  std::string inner;
  lines all(inner);
  const auto& g = p.writing.generation;
  all.add("prefix", p.writing.prefix);
  all.add("target_token", p.writing.target_language);
  all.add("max_new_tokens", g.max_new_tokens);
  all.add("min_new_tokens", g.min_new_tokens);
  all.add("beams", g.beams);
  all.add("length_penalty", g.length_penalty);
  if (g.stop_early)
    all.put("early_stopping", *g.stop_early == early_stopping::no    ? "false"
                              : *g.stop_early == early_stopping::yes ? "true"
                                                                     : "never");
  all.add("no_repeat_ngram", g.no_repeat_ngram);
  all.add("repetition_penalty", g.repetition_penalty);
  all.add("sample", g.sample);
  all.add("temperature", g.temperature);
  all.add("top_k", g.top_k);
  all.add("top_p", g.top_p);
  all.add("seed", g.seed);
  return inner.empty() ? text : text + "    writing:\n" + inner;
}

} // namespace chalkstream::pipelines
