// An outcome becomes a record: JSON with DESIGN section 4's names in a fixed order, and the headers of the
// CloudEvents 1.0 Kafka protocol binding in binary mode. Deterministic: the same outcome gives the same bytes.
#pragma once

#include "core/outcome.hpp"
#include "core/record.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

/// Which fields a result has besides the common ones (id, event, pipeline, learner, course, assignment, item, timing
/// and completed_at):
///   grade           score, max_score, label, confidence, decision, reasons, missed, feedback, model; where there are
///                   several scores, traits; where two models judged, encoder; where the answer was read from a
///                   picture, text, reading_confidence and reader
///   recommendation  decision, reasons, missed, resources, feedback, model
///   embedding       decision, reasons, embedding, model
///   summary         summary, sentences, confidence, decision, reasons, model
///   answer          answer, confidence, decision, reasons, passages, retriever, model
///   translation     translation, language, decision, reasons, model
///   feedback        feedback, decision, reasons, model
///   recognition     label or text, confidence, decision, reasons, pages, model; regions: region_result.hpp
///   echo            bytes
/// A grade's score, label and confidence, a summary or an answer and its confidence, a translation and written
/// feedback are null where no model can judge.
enum class result_kind : std::uint8_t {
  grade,
  recommendation,
  embedding,
  summary,
  answer,
  translation,
  feedback,
  recognition,
  echo
};

/// "org.chalkstream.grade" and so on: the header ce_type.
std::string_view cloud_event_type(result_kind kind) noexcept;

std::string encode_result(result_kind kind, const outcome& what);

class json_writer;
/// The fields that every result has, around those that `own_fields` writes.
std::string encode_result(const outcome& what, const std::function<void(json_writer&)>& own_fields);

/// decision and reasons
void write_verdict(json_writer& json, const outcome& what);
/// {"name","version","digest"} or null
void write_model(json_writer& json, std::string_view name, const model_identity* model);
/// To microseconds, which are as much as a clock can honestly tell.
double rounded(double seconds);
/// The value of `sentences`: [{"start","end","score"},…]
void write_sentences(json_writer& json, const std::vector<summary_sentence>& sentences);
/// The key `box`: [left,top,width,height]
void write_box(json_writer& json, const picture_box& box);
/// The value of `pages`: of those that were read
/// [{"text","confidence","width","height","lines":[{"text","confidence", "box":[left,top,width,height],"words":[the
/// same]}]}], of others [{"label","confidence"},…]
void write_pages(json_writer& json, const std::vector<recognised_page>& pages, bool read);

/// ce_specversion, ce_type, ce_source ("/chalkstream/<pipeline>"), ce_id, ce_time, ce_subject (the source event's id)
/// and content-type.
std::vector<header> result_headers(result_kind kind, const outcome& what);
std::vector<header> result_headers(std::string_view type, const outcome& what);

/// 32 hex digits made of where the record came from and which pipeline read it (SHA-256, cut to 128 bits): a replay
/// gives the same id, so whoever stores results by id stores each once.
std::string result_id(std::string_view topic, std::int32_t partition, std::int64_t offset, std::string_view pipeline);

} // namespace chalkstream::education
