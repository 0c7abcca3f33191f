#include "education/override_result.hpp"

#include "education/answer_class.hpp"
#include "education/json_writer.hpp"
#include "education/result_encoder.hpp"
#include "education/timestamp.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::education {

namespace {

std::optional<float> share_of(const remembered_grade& grade) {
  const double most = grade.max_score.value_or(1);
  if (!grade.score || !std::isfinite(*grade.score) || !std::isfinite(most) || most <= 0)
    return std::nullopt;
  return static_cast<float>(std::clamp(*grade.score / most, 0.0, 1.0));
}

agreement between_scores(const compared_grades::pair& scores, std::size_t steps) {
  const auto place = [steps](float share) {
    return std::lround(static_cast<double>(share) * static_cast<double>(steps));
  };
  const auto apart = std::abs(place(scores.person) - place(scores.engine));
  return apart == 0 ? agreement::exact : apart == 1 ? agreement::adjacent : agreement::apart;
}

agreement between_labels(const std::string& person, const std::string& engine) {
  if (person.empty() || engine.empty())
    return agreement::unknown;
  const auto as_class = answer_class_of(person);
  return person == engine || (as_class && as_class == answer_class_of(engine)) ? agreement::exact : agreement::apart;
}

void write(json_writer& json, std::string_view name, const std::string& text) {
  json.key(name);
  if (text.empty())
    json.null();
  else
    json.string(text);
}

void write(json_writer& json, std::string_view name, std::optional<double> value) {
  json.key(name);
  if (value)
    json.number(*value);
  else
    json.null();
}

void write_person(json_writer& json, const grade_override& by_person) {
  json.key("override").string(by_person.id).key("reviewer").string(by_person.reviewer);
  write(json, "score", by_person.score);
  json.key("max_score").number(by_person.max_score);
  write(json, "label", by_person.label);
  write(json, "reason", by_person.reason);
  write(json, "occurred_at", by_person.occurred_at ? format_timestamp(*by_person.occurred_at) : std::string{});
}

void write_engine(json_writer& json, const remembered_grade& grade) {
  json.key("result").string(grade.id);
  write(json, "graded_by", grade.pipeline);
  write(json, "engine_score", grade.score);
  write(json, "engine_max_score", grade.max_score);
  write(json, "engine_label", grade.label);
  write(json, "engine_confidence", grade.confidence);
  json.key("engine_decision").string(grade.verdict == decision::review ? "review" : "auto");
}

void write_no_engine(json_writer& json, const grade_override& by_person) {
  write(json, "result", by_person.result);
  for (const auto name :
       {"graded_by", "engine_score", "engine_max_score", "engine_label", "engine_confidence", "engine_decision"})
    json.key(name).null();
}

} // namespace

compared_grades compare_grades(const grade_override& by_person, const remembered_grade* grade, std::size_t steps) {
  if (grade == nullptr)
    return {};
  const auto engine = share_of(*grade);
  if (!by_person.score || !engine)
    return {between_labels(by_person.label, grade->label), std::nullopt};
  const compared_grades::pair scores{static_cast<float>(*by_person.score / by_person.max_score), *engine};
  return {between_scores(scores, steps), scores};
}

encoded_result encode_override(const outcome& about, const grade_override& by_person, const remembered_grade* grade,
                               const compared_grades& compared) {
  auto value = encode_result(about, [&](json_writer& json) {
    write_person(json, by_person);
    if (grade != nullptr)
      write_engine(json, *grade);
    else
      write_no_engine(json, by_person);
    json.key("agreement").string(to_string(compared.how));
    json.key("difference");
    if (compared.scores)
      json.number(
          rounded(static_cast<double>(compared.scores->person) - static_cast<double>(compared.scores->engine)));
    else
      json.null();
  });
  return {std::move(value), result_headers("org.chalkstream.override", about)};
}

} // namespace chalkstream::education
