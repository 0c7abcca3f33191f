#include "education/result_encoder.hpp"

#include "education/digest.hpp"
#include "education/json_writer.hpp"
#include "education/timestamp.hpp"

#include <cmath>

namespace chalkstream::education {

namespace {

void write_strings(json_writer& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const auto& text : texts)
    json.string(text);
  json.end_array();
}

void write_optional(json_writer& json, std::string_view name, std::optional<double> value) {
  json.key(name);
  if (value)
    json.number(*value);
  else
    json.null();
}

// Null where no model could write it.
void write_text(json_writer& json, std::string_view name, const std::string& text) {
  json.key(name);
  if (text.empty())
    json.null();
  else
    json.string(text);
}

void write_grade(json_writer& json, const outcome& what) {
  write_optional(json, "score", what.score);
  write_optional(json, "max_score", what.max_score);
  if (!what.traits.empty()) {
    json.key("traits").begin_array();
    for (const auto& trait : what.traits)
      json.begin_object().key("name").string(trait.name).key("score").number(trait.score).end_object();
    json.end_array();
  }
  write_text(json, "label", what.label);
  write_optional(json, "confidence", what.confidence);
}

// Of the event's references and graded answers.
void write_places(json_writer& json, const outcome& what) {
  if (what.reference)
    json.key("reference").number(static_cast<std::uint64_t>(*what.reference));
  if (what.graded)
    json.key("graded").number(static_cast<std::uint64_t>(*what.graded));
}

void write_suggestions(json_writer& json, const std::vector<suggestion>& suggestions) {
  json.key("resources").begin_array();
  for (const auto& s : suggestions) {
    json.begin_object().key("id").string(s.resource).key("title").string(s.title).key("url").string(s.url);
    json.key("similarity").number(s.similarity).key("addresses").string(s.addresses).end_object();
  }
  json.end_array();
}

void write_summary(json_writer& json, const outcome& what) {
  write_text(json, "summary", what.summary);
  json.key("sentences");
  write_sentences(json, what.sentences);
  write_optional(json, "confidence", what.confidence);
}

void write_range(json_writer& json, std::size_t start, std::size_t end) {
  json.key("start").number(static_cast<std::uint64_t>(start)).key("end").number(static_cast<std::uint64_t>(end));
}

void write_answer(json_writer& json, const outcome& what) {
  json.key("answer");
  if (what.answer) {
    json.begin_object().key("text").string(what.answer->text);
    if (!what.answer->passage.empty()) {
      write_range(json, what.answer->start, what.answer->end);
      json.key("passage").string(what.answer->passage).key("title").string(what.answer->title);
    }
    json.end_object();
  } else {
    json.null();
  }
  write_optional(json, "confidence", what.confidence);
}

void write_passages(json_writer& json, const std::vector<cited_passage>& passages) {
  json.key("passages").begin_array();
  for (const auto& p : passages) {
    json.begin_object().key("id").string(p.id).key("title").string(p.title).key("source").string(p.source);
    write_range(json, p.start, p.end);
    json.key("text").string(p.text).key("similarity").number(p.similarity);
    write_optional(json, "score", p.score);
    json.end_object();
  }
  json.end_array();
}

void write_timing(json_writer& json, const timing& spent) {
  json.key("timing").begin_object();
  json.key("queue").number(rounded(spent.queue)).key("prepare").number(rounded(spent.prepare));
  json.key("compute").number(rounded(spent.compute)).key("total").number(rounded(spent.total)).end_object();
}

} // namespace

void write_verdict(json_writer& json, const outcome& what) {
  json.key("decision").string(what.verdict == decision::review ? "review" : "auto");
  json.key("reasons").begin_array();
  for (const auto& note : what.reasons)
    json.string(note.sentence);
  json.end_array();
}

void write_model(json_writer& json, std::string_view name, const model_identity* model) {
  json.key(name);
  if (!model) {
    json.null();
    return;
  }
  json.begin_object().key("name").string(model->name).key("version").string(model->version);
  json.key("digest").string(model->digest).end_object();
}

namespace {

void write_reading(json_writer& json, const outcome& what) {
  if (!what.text)
    return;
  json.key("text").string(*what.text);
  write_optional(json, "reading_confidence", what.reading_confidence);
  write_model(json, "reader", what.reader.get());
}

template <class Part>
void begin_part(json_writer& json, const Part& part) {
  json.begin_object().key("text").string(part.text).key("confidence").number(part.confidence);
}

void write_line(json_writer& json, const read_line& line) {
  begin_part(json, line);
  write_box(json, line.box);
  json.key("words").begin_array();
  for (const auto& word : line.words) {
    begin_part(json, word);
    write_box(json, word.box);
    json.end_object();
  }
  json.end_array().end_object();
}

} // namespace

void write_box(json_writer& json, const picture_box& box) {
  json.key("box").begin_array();
  for (const auto side : {box.left, box.top, box.width, box.height})
    json.number(std::uint64_t{side});
  json.end_array();
}

double rounded(double seconds) {
  return std::round(seconds * 1e6) / 1e6;
}

void write_sentences(json_writer& json, const std::vector<summary_sentence>& sentences) {
  json.begin_array();
  for (const auto& s : sentences) {
    json.begin_object();
    write_range(json, s.start, s.end);
    json.key("score").number(s.score).end_object();
  }
  json.end_array();
}

void write_pages(json_writer& json, const std::vector<recognised_page>& pages, bool read) {
  json.begin_array();
  for (const auto& page : pages) {
    if (!read) {
      json.begin_object().key("label").string(page.label).key("confidence").number(page.confidence).end_object();
      continue;
    }
    begin_part(json, page);
    json.key("width").number(std::uint64_t{page.width}).key("height").number(std::uint64_t{page.height});
    json.key("lines").begin_array();
    for (const auto& line : page.lines)
      write_line(json, line);
    json.end_array().end_object();
  }
  json.end_array();
}

std::string_view cloud_event_type(result_kind kind) noexcept {
  switch (kind) {
  case result_kind::grade:
    return "org.chalkstream.grade";
  case result_kind::recommendation:
    return "org.chalkstream.recommendation";
  case result_kind::embedding:
    return "org.chalkstream.embedding";
  case result_kind::summary:
    return "org.chalkstream.summary";
  case result_kind::translation:
    return "org.chalkstream.translation";
  case result_kind::feedback:
    return "org.chalkstream.feedback";
  case result_kind::recognition:
    return "org.chalkstream.recognition";
  case result_kind::answer:
    return "org.chalkstream.answer";
  case result_kind::echo:
    return "org.chalkstream.echo";
  }
  return "org.chalkstream.result";
}

namespace {

void write_own_fields(json_writer& json, result_kind kind, const outcome& what) {
  switch (kind) {
  case result_kind::grade:
    write_grade(json, what);
    write_verdict(json, what);
    write_strings(json, "missed", what.missed);
    json.key("feedback").string(what.feedback);
    write_places(json, what);
    write_model(json, "model", what.model.get());
    if (what.encoder)
      write_model(json, "encoder", what.encoder.get());
    write_reading(json, what);
    break;
  case result_kind::recommendation:
    write_verdict(json, what);
    write_strings(json, "missed", what.missed);
    write_suggestions(json, what.suggestions);
    json.key("feedback").string(what.feedback);
    write_model(json, "model", what.model.get());
    break;
  case result_kind::embedding:
    write_verdict(json, what);
    json.key("embedding").begin_array();
    for (auto x : what.embedding)
      json.number(x);
    json.end_array();
    write_model(json, "model", what.model.get());
    break;
  case result_kind::summary:
    write_summary(json, what);
    write_verdict(json, what);
    write_model(json, "model", what.model.get());
    break;
  case result_kind::answer:
    write_answer(json, what);
    write_verdict(json, what);
    write_passages(json, what.passages);
    write_model(json, "retriever", what.retriever.get());
    write_model(json, "model", what.model.get());
    break;
  case result_kind::translation:
    write_text(json, "translation", what.translation);
    json.key("language").string(what.language);
    write_verdict(json, what);
    write_model(json, "model", what.model.get());
    break;
  case result_kind::feedback:
    write_text(json, "feedback", what.feedback);
    write_verdict(json, what);
    write_model(json, "model", what.model.get());
    break;
  case result_kind::recognition:
    if (what.text)
      json.key("text").string(*what.text);
    else
      write_text(json, "label", what.label);
    write_optional(json, "confidence", what.confidence);
    write_verdict(json, what);
    write_pages(json.key("pages"), what.pages, what.text.has_value());
    write_model(json, "model", what.model.get());
    break;
  case result_kind::echo:
    json.key("bytes");
    if (what.bytes)
      json.number(*what.bytes);
    else
      json.null();
    break;
  }
}

} // namespace

std::string encode_result(const outcome& what, const std::function<void(json_writer&)>& own_fields) {
  std::string out;
  out.reserve(640 + what.embedding.size() * 13);
  json_writer json{out};
  json.begin_object();
  json.key("id").string(what.id).key("event").string(what.event).key("pipeline").string(what.pipeline);
  json.key("learner").string(what.learner).key("course").string(what.course);
  json.key("assignment").string(what.assignment).key("item").string(what.item);
  own_fields(json);
  write_timing(json, what.timing);
  std::string completed;
  append_timestamp(completed, what.completed_at);
  json.key("completed_at").string(completed).end_object();
  return out;
}

std::string encode_result(result_kind kind, const outcome& what) {
  return encode_result(what, [&](json_writer& json) { write_own_fields(json, kind, what); });
}

std::vector<header> result_headers(result_kind kind, const outcome& what) {
  return result_headers(cloud_event_type(kind), what);
}

std::vector<header> result_headers(std::string_view type, const outcome& what) {
  std::vector<header> headers;
  headers.reserve(7);
  headers.push_back({"ce_specversion", "1.0"});
  headers.push_back({"ce_type", std::string{type}});
  headers.push_back({"ce_source", "/chalkstream/" + what.pipeline});
  headers.push_back({"ce_id", what.id});
  headers.push_back({"ce_time", format_timestamp(what.completed_at)});
  headers.push_back({"ce_subject", what.event});
  headers.push_back({"content-type", "application/json"});
  return headers;
}

std::string result_id(std::string_view topic, std::int32_t partition, std::int64_t offset,
                      std::string_view pipeline) {
  std::string source{topic};
  source.append(1, '\0').append(std::to_string(partition)).append(1, '\0').append(std::to_string(offset));
  source.append(1, '\0').append(pipeline);
  return sha256_hex(source).substr(0, 32);
}

} // namespace chalkstream::education
