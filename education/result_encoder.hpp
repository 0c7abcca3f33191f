// An outcome becomes a record: JSON with DESIGN section 4's names in a fixed order, and the headers of the
// CloudEvents 1.0 Kafka protocol binding in binary mode. Deterministic: the same outcome gives the same bytes.
#pragma once

#include "core/outcome.hpp"
#include "core/record.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education {

/// Which fields a result has besides the common ones (id, event, pipeline, learner, course, assignment, item, timing
/// and completed_at):
///   grade           score, max_score, label, confidence, decision, reasons, missed, feedback, model; where there are
///                   several scores, traits; where two models judged, encoder
///   recommendation  decision, reasons, missed, resources, feedback, model
///   embedding       decision, reasons, embedding, model
///   summary         summary, sentences, confidence, decision, reasons, model
///   answer          answer, confidence, decision, reasons, passages, retriever, model
///   translation     translation, language, decision, reasons, model
///   feedback        feedback, decision, reasons, model
///   recognition     label or text, confidence, decision, reasons, pages, model
///   echo            bytes
/// A grade's score, label and confidence, a summary or an answer and its confidence, a translation and written feedback
/// are null where no model can judge.
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
/// The value of `sentences`: [{"start","end","score"},…]
void write_sentences(json_writer& json, const std::vector<summary_sentence>& sentences);

/// ce_specversion, ce_type, ce_source ("/chalkstream/<pipeline>"), ce_id, ce_time, ce_subject (the source event's id)
/// and content-type.
std::vector<header> result_headers(result_kind kind, const outcome& what);

/// 32 hex digits made of where the record came from and which pipeline read it (SHA-256, cut to 128 bits): a replay
/// gives the same id, so whoever stores results by id stores each once.
std::string result_id(std::string_view topic, std::int32_t partition, std::int64_t offset, std::string_view pipeline);

} // namespace chalkstream::education
