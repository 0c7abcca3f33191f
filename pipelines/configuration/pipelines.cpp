#include "pipelines/configuration/pipelines.hpp"

#include "pipelines/configuration/clips.hpp"
#include "pipelines/configuration/images.hpp"
#include "pipelines/configuration/kinds.hpp"
#include "pipelines/configuration/overrides.hpp"
#include "pipelines/configuration/rules.hpp"
#include "pipelines/configuration/units.hpp"
#include "pipelines/configuration/writing.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace chalkstream::pipelines {

namespace {

using namespace std::chrono_literals;

constexpr duration year = 365 * 24h;

std::string read_topic(config_section& s, std::string_view key, std::string otherwise) {
  const auto topic = s.text(key);
  if (!topic)
    return otherwise;
  if (const auto why = why_no_topic(*topic); !why.empty())
    s.complain(key, why);
  return *topic;
}

// A summary is made in one of two ways, and each has settings of its own.
void refuse_other_method(config_section& s, bool abstractive) {
  for (const std::string_view key : {"sentences", "diversity", "max_tokens", "review_below"})
    if (abstractive && s.has(key))
      s.foreign(key, "'" + std::string(key) + "' belongs to the method extractive");
  if (!abstractive && s.has("writing"))
    s.foreign("writing", "'writing' belongs to the method abstractive");
}

} // namespace

pipeline_configuration pipeline_sections::read(const yaml_entry& entry, configuration& all) {
  config_section s(&entry.value, "pipelines." + entry.key, file_.wrong);
  pipeline_configuration p;
  p.name = entry.key;
  p.where = file_.place(entry.at);
  if (const auto why = why_no_name(entry.key); !why.empty())
    file_.wrong.push_back({entry.at, s.name() + ": " + why});
  s.require("kind", "grading, recommendation, embedding, summarization, answering, translation, feedback, "
                    "recognition, video, echo or overrides");
  const auto kind = s.choice("kind", {"grading", "recommendation", "embedding", "summarization", "answering",
                                      "translation", "feedback", "recognition", "video", "echo", "overrides"});
  p.kind = static_cast<pipeline_kind>(kind.value_or(static_cast<std::size_t>(pipeline_kind::echo)));
  s.require("from", "the topic to read");
  s.require("to", "the topic to write");
  p.from = read_topic(s, "from", "");
  p.to = read_topic(s, "to", "");
  p.dead_letters = read_topic(s, "dead_letters", p.from.empty() ? "" : p.from + ".dead");
  p.deadline = s.time("deadline", 1ms, year).value_or(p.deadline);
  if (const auto level = s.choice("priority", {"exam", "interactive", "normal", "bulk"}))
    p.urgency = static_cast<priority>(*level);
  p.max_bytes = s.bytes("max_bytes", 1, 1'000'000'000).value_or(p.max_bytes);
  if (kind) {
    read_kind(s, p, all);
    s.close();
  } else if (!s.has("kind")) {
    take_kind_keys(s); // without the kind nobody knows which keys are right
    s.close();
  }
  return p;
}

void pipeline_sections::read_kind(config_section& s, pipeline_configuration& p, configuration& all) {
  refuse_foreign_keys(s, p.kind);
  if (p.kind == pipeline_kind::overrides)
    read_overrides(s, p);
  if (!p.has_model())
    return;
  if (p.sees()) {
    read_seeing(s, p, all);
    return;
  }
  if (const auto way = s.choice("text_too_long", {"truncate", "reject"}))
    p.text_too_long = *way == 0 ? overlong::truncate : overlong::reject;
  if (p.kind == pipeline_kind::summarization)
    p.abstractive = s.choice("method", {"extractive", "abstractive"}).value_or(0) == 1;
  p.model = models_.named(s, "model", p.writes() ? models::head::text : models::head::embedding, all.models);
  if (p.kind == pipeline_kind::grading)
    read_grading(s, p, all);
  else
    s.require("model", p.writes() ? "the model that writes" : "the sentence encoder");
  if (p.kind == pipeline_kind::summarization)
    refuse_other_method(s, p.abstractive);
  if (p.writes()) {
    read_writing(s, p);
  } else if (p.kind == pipeline_kind::summarization) {
    p.review_below = s.share("review_below");
    p.summary.sentences = s.count("sentences", 1, 100).value_or(p.summary.sentences);
    p.summary.diversity = s.share("diversity").value_or(p.summary.diversity);
    p.summary.max_tokens = s.count("max_tokens", 64, 1U << 20U).value_or(p.summary.max_tokens);
  }
  if (p.kind == pipeline_kind::answering)
    read_answering(s, p, all);
  if (p.kind != pipeline_kind::recommendation)
    return;
  s.require("catalogue", "a file of learning resources, one JSON object a line");
  p.catalogue = file_.resolved(s.text("catalogue").value_or(""));
  p.catalogue_where = file_.place(s.where("catalogue"));
  p.enough = s.share("enough").value_or(p.enough);
  p.least_similarity = s.share("least_similarity").value_or(p.least_similarity);
  p.top_k = s.count("top_k", 1, 100).value_or(p.top_k);
}

void pipeline_sections::read_seeing(config_section& s, pipeline_configuration& p, configuration& all) {
  s.require("model", "the model that sees images");
  // What is compared by meaning needs vectors.
  p.model = models_.named(s, "model", s.has("labels") ? models::head::embedding : models::head::logits, all.models);
  p.review_below = s.share("review_below");
  read_files(s, p);
  if (p.kind == pipeline_kind::video)
    return;
  read_labels(s, p);
  p.regions_above = s.share("regions_above");
  read_writing(s, p);
  if (s.has("writing"))
    p.writing_where = file_.place(s.where("writing"));
}

// Images or clips, which come in events or lie where these say.
void pipeline_sections::read_files(config_section& s, pipeline_configuration& p) {
  const bool clips = p.kind == pipeline_kind::video;
  if (clips)
    read_clips(s, p);
  else
    read_images(s, p);
  for (auto& folder : p.image_folders)
    folder = file_.resolved(folder);
  if (p.remote && p.remote->ca_file)
    p.remote->ca_file = file_.resolved(*p.remote->ca_file);
  if (p.remote && p.remote->s3 && p.remote->s3->credentials)
    p.remote->s3->credentials = file_.resolved(*p.remote->s3->credentials);
  const auto file_bytes = clips ? p.clip_limits.max_bytes : p.image_limits.max_bytes;
  if (!s.has("max_bytes")) // as JSON has it, a file takes a third more
    p.max_bytes = std::min<std::size_t>(file_bytes / 3 * 4 + (1U << 16U), 1'000'000'000);
}

void pipeline_sections::read_scans(config_section& s, pipeline_configuration& p, configuration& all) {
  p.reader = models_.named(s, "reader", models::head::logits, all.models);
  p.reading_below = s.share("reading_below");
  if (s.has("reader"))
    read_files(s, p);
  for (const std::string_view key : {"images", "lines", "reading_below"})
    if (!s.has("reader") && s.has(key))
      s.foreign(key, "'" + std::string(key) + "' belongs to answers that a reader reads from images");
}

void pipeline_sections::read_grading(config_section& s, pipeline_configuration& p, configuration& all) {
  p.answer_model = models_.named(s, "answer_model", models::head::logits, all.models);
  p.answer_model_where = file_.place(s.where("answer_model"));
  p.essay_model = models_.named(s, "essay_model", models::head::logits, all.models);
  auto scale = s.section("essay_scale");
  p.lowest_score = scale.number("min", -1e6, 1e6).value_or(p.lowest_score);
  p.highest_score = scale.number("max", -1e6, 1e6).value_or(p.highest_score);
  if (!(p.lowest_score < p.highest_score))
    scale.complain("min", "it is not below max, " + format_number(p.highest_score));
  scale.close();
  p.review_below = s.share("review_below");
  read_scans(s, p, all);
  if (!s.has("essay_model") && !s.has("answer_model"))
    s.require("model", "the sentence encoder that short answers are judged with; essays need an essay_model");
}

void pipeline_sections::read_answering(config_section& s, pipeline_configuration& p, configuration& all) {
  s.require("material", "a file of course material, one JSON object a line");
  p.material = file_.resolved(s.text("material").value_or(""));
  p.material_where = file_.place(s.where("material"));
  p.passage_length = s.count("passage_length", 100, 10'000).value_or(p.passage_length);
  p.passages = s.count("passages", 1, 100).value_or(p.passages);
  p.least_similarity = s.share("least_similarity").value_or(p.least_similarity);
  p.reader = models_.named(s, "reader", models::head::span_logits, all.models);
  p.writer = models_.named(s, "writer", models::head::text, all.models);
  if (s.has("reader") && s.has("writer"))
    s.complain("writer", "an answer is marked by a reader or written by a writer, not both");
  if (s.has("writer"))
    read_writing(s, p);
  for (const std::string_view key : {"prompt", "writing"})
    if (!s.has("writer") && s.has(key))
      s.foreign(key, "'" + std::string(key) + "' belongs to answers that a writer writes");
  p.span.stride = s.count("stride", 0, 1U << 16U).value_or(p.span.stride);
  p.span.longest = s.count("answer_tokens", 1, 1U << 16U).value_or(p.span.longest);
  p.no_answer_below = s.share("no_answer_below").value_or(p.no_answer_below);
  p.review_below = s.share("review_below");
}

} // namespace chalkstream::pipelines
