#include "pipelines/configuration/kinds.hpp"

#include <array>
#include <string>
#include <string_view>

namespace chalkstream::pipelines {

namespace {

// Keys that only some kinds have.
struct kind_key {
  std::string_view key;
  unsigned kinds;
  std::string_view belongs_to;
};
constexpr unsigned bit(pipeline_kind kind) {
  return 1U << static_cast<unsigned>(kind);
}
constexpr unsigned with_model = bit(pipeline_kind::echo) - 1; // those before it
constexpr unsigned reads_text = with_model & ~bit(pipeline_kind::recognition) & ~bit(pipeline_kind::video);
constexpr unsigned may_write =
    bit(pipeline_kind::summarization) | bit(pipeline_kind::translation) | bit(pipeline_kind::feedback);
constexpr std::array kind_keys{
    kind_key{
        "model", with_model,
        "grading, recommendation, embedding, summarization, answering, translation, feedback, recognition or video"},
    kind_key{"images", bit(pipeline_kind::recognition) | bit(pipeline_kind::grading), "recognition or grading"},
    kind_key{"lines", bit(pipeline_kind::recognition) | bit(pipeline_kind::grading), "recognition or grading"},
    kind_key{"clips", bit(pipeline_kind::video), "video"},
    kind_key{"text_too_long", reads_text,
             "grading, recommendation, embedding, summarization, answering, translation or feedback"},
    kind_key{"writing", may_write | bit(pipeline_kind::answering) | bit(pipeline_kind::recognition),
             "summarization, translation, feedback, answering or recognition"},
    kind_key{"method", bit(pipeline_kind::summarization), "summarization"},
    kind_key{"from_language", bit(pipeline_kind::translation), "translation"},
    kind_key{"to_language", bit(pipeline_kind::translation), "translation"},
    kind_key{"prompt", bit(pipeline_kind::feedback) | bit(pipeline_kind::answering) | bit(pipeline_kind::recognition),
             "feedback, answering or recognition"},
    kind_key{"labels", bit(pipeline_kind::recognition), "recognition"},
    kind_key{"regions_above", bit(pipeline_kind::recognition), "recognition"},
    kind_key{"answer_model", bit(pipeline_kind::grading), "grading"},
    kind_key{"essay_model", bit(pipeline_kind::grading), "grading"},
    kind_key{"essay_scale", bit(pipeline_kind::grading), "grading"},
    kind_key{"review_below",
             bit(pipeline_kind::grading) | bit(pipeline_kind::summarization) | bit(pipeline_kind::answering)
                 | bit(pipeline_kind::recognition) | bit(pipeline_kind::video),
             "grading, summarization, answering, recognition or video"},
    kind_key{"catalogue", bit(pipeline_kind::recommendation), "recommendation"},
    kind_key{"enough", bit(pipeline_kind::recommendation), "recommendation"},
    kind_key{"least_similarity", bit(pipeline_kind::recommendation) | bit(pipeline_kind::answering),
             "recommendation or answering"},
    kind_key{"top_k", bit(pipeline_kind::recommendation), "recommendation"},
    kind_key{"sentences", bit(pipeline_kind::summarization), "summarization"},
    kind_key{"diversity", bit(pipeline_kind::summarization), "summarization"},
    kind_key{"max_tokens", bit(pipeline_kind::summarization), "summarization"},
    kind_key{"material", bit(pipeline_kind::answering), "answering"},
    kind_key{"passage_length", bit(pipeline_kind::answering), "answering"},
    kind_key{"passages", bit(pipeline_kind::answering), "answering"},
    kind_key{"reader", bit(pipeline_kind::answering) | bit(pipeline_kind::grading), "answering or grading"},
    kind_key{"reading_below", bit(pipeline_kind::grading), "grading"},
    kind_key{"writer", bit(pipeline_kind::answering), "answering"},
    kind_key{"stride", bit(pipeline_kind::answering), "answering"},
    kind_key{"answer_tokens", bit(pipeline_kind::answering), "answering"},
    kind_key{"no_answer_below", bit(pipeline_kind::answering), "answering"},
    kind_key{"grades", bit(pipeline_kind::overrides), "overrides"},
    kind_key{"remembered", bit(pipeline_kind::overrides), "overrides"},
    kind_key{"steps", bit(pipeline_kind::overrides), "overrides"},
    kind_key{"tenant", bit(pipeline_kind::overrides), "overrides"},
};

} // namespace

void refuse_foreign_keys(config_section& pipeline, pipeline_kind kind) {
  for (const auto& rule : kind_keys)
    if ((rule.kinds & bit(kind)) == 0 && pipeline.has(rule.key))
      pipeline.foreign(rule.key, "'" + std::string(rule.key) + "' belongs to kind " + std::string(rule.belongs_to)
                                     + ", not to " + std::string(to_string(kind)));
}

void take_kind_keys(config_section& pipeline) {
  for (const auto& rule : kind_keys)
    pipeline.take(rule.key);
}

std::string_view to_string(pipeline_kind kind) noexcept {
  switch (kind) {
  case pipeline_kind::grading:
    return "grading";
  case pipeline_kind::recommendation:
    return "recommendation";
  case pipeline_kind::embedding:
    return "embedding";
  case pipeline_kind::summarization:
    return "summarization";
  case pipeline_kind::translation:
    return "translation";
  case pipeline_kind::feedback:
    return "feedback";
  case pipeline_kind::answering:
    return "answering";
  case pipeline_kind::recognition:
    return "recognition";
  case pipeline_kind::video:
    return "video";
  case pipeline_kind::echo:
    return "echo";
  case pipeline_kind::overrides:
    return "overrides";
  }
  return "unknown";
}

} // namespace chalkstream::pipelines
