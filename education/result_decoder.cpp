#include "education/result_decoder.hpp"

#include "education/json_document.hpp"

#include <simdjson.h>
#include <string>

namespace chalkstream::education {

namespace {

constexpr std::size_t max_depth = 32;
constexpr std::size_t max_list = 256;

/// The first thing wrong with the fields read so far.
class grade_fields {
public:
  explicit grade_fields(simdjson::dom::object object) : object_(object) {}

  std::string string(std::string_view name, bool required) {
    std::string_view text;
    if (auto value = find(name)) {
      if (value->get_string().get(text))
        fail(reject_reason::wrong_type, name, "must be a string");
      else if (required && text.empty())
        fail(reject_reason::invalid_value, name, "is empty");
    } else if (required) {
      fail(reject_reason::missing_field, name, "is required in a grade");
    }
    return std::string{text};
  }

  std::optional<double> number(std::string_view name) {
    double number = 0;
    const auto value = find(name);
    if (!value)
      return std::nullopt;
    if (value->get_double().get(number))
      fail(reject_reason::wrong_type, name, "must be a number");
    return number;
  }

  std::vector<std::string> strings(std::string_view name) {
    std::vector<std::string> list;
    const auto value = find(name);
    if (!value)
      return list;
    simdjson::dom::array array;
    if (value->get_array().get(array)) {
      fail(reject_reason::wrong_type, name, "must be an array of strings");
      return list;
    }
    for (auto entry : array) {
      std::string_view text;
      if (entry.get_string().get(text))
        fail(reject_reason::wrong_type, name, "must be an array of strings");
      else if (list.size() == max_list)
        fail(reject_reason::invalid_value, name, "has more than 256 entries");
      else
        list.emplace_back(text);
      if (refused)
        break;
    }
    return list;
  }

  void fail(reject_reason reason, std::string_view name, std::string_view what) {
    if (!refused)
      refused = refuse(reason, name, what);
  }

  std::optional<rejection> refused;

private:
  std::optional<simdjson::dom::element> find(std::string_view name) {
    simdjson::dom::element value;
    if (object_.at_key(name).get(value) || value.is_null())
      return std::nullopt;
    return value;
  }

  simdjson::dom::object object_;
};

} // namespace

std::variant<outcome, rejection> decode_grade(std::optional<std::string_view> value, std::size_t max_bytes) {
  simdjson::dom::object object;
  if (auto refused = parse_object(value, max_bytes, max_depth, object))
    return std::move(*refused);
  grade_fields fields{object};
  outcome grade;
  grade.id = fields.string("id", true);
  grade.event = fields.string("event", true);
  grade.learner = fields.string("learner", true);
  grade.pipeline = fields.string("pipeline", false);
  grade.course = fields.string("course", false);
  grade.assignment = fields.string("assignment", false);
  grade.item = fields.string("item", false);
  grade.score = fields.number("score");
  grade.max_score = fields.number("max_score");
  grade.label = fields.string("label", false);
  grade.confidence = fields.number("confidence");
  grade.missed = fields.strings("missed");
  grade.feedback = fields.string("feedback", false);
  const auto verdict = fields.string("decision", true);
  if (verdict == "review")
    grade.verdict = decision::review;
  else if (verdict != "auto")
    fields.fail(reject_reason::invalid_value, "decision", "must be auto or review");
  if (fields.refused)
    return std::move(*fields.refused);
  return grade;
}

} // namespace chalkstream::education
