#include "education/graded_answer_field.hpp"

#include "education/answer_class.hpp"
#include "education/characters.hpp"
#include "education/json_document.hpp"

#include <algorithm>
#include <array>
#include <simdjson.h>
#include <string>
#include <utility>

namespace chalkstream::education {

namespace {

constexpr std::size_t max_graded = 256;

std::optional<rejection> read_graded_answer(simdjson::dom::object object, const std::string& name, double full_marks,
                                            graded_answer& out) {
  std::array<bool, 3> seen{};
  for (auto [key, value] : object) {
    constexpr std::array<std::string_view, 3> known{"text", "label", "score"};
    const auto which = static_cast<std::size_t>(std::find(known.begin(), known.end(), key) - known.begin());
    if (which == known.size())
      continue;
    const auto member = name + "." + std::string{key};
    if (std::exchange(seen[which], true))
      return refuse(reject_reason::invalid_value, member, "appears twice");
    if (value.is_null())
      continue;
    if (key == "score") {
      double number = 0;
      if (value.get_double().get(number))
        return refuse(reject_reason::wrong_type, member, "must be a number");
      if (!(number >= 0 && number <= full_marks))
        return refuse(reject_reason::invalid_value, member, "must be from 0 to max_score (1 if the event has none)");
      out.score = number;
      continue;
    }
    std::string_view written;
    if (value.get_string().get(written))
      return refuse(reject_reason::wrong_type, member, "must be a string");
    if (key == "label" && !answer_class_of(written))
      return refuse(reject_reason::invalid_value, member, "is not one of " + answer_labels());
    (key == "label" ? out.label : out.text) = written;
  }
  if (is_blank(out.text))
    return refuse(reject_reason::invalid_value, name + ".text", "is missing or empty");
  if (out.label.empty() && !out.score)
    return refuse(reject_reason::missing_field, name, "needs a label or a score");
  return std::nullopt;
}

} // namespace

std::optional<rejection> read_graded_answers(const simdjson::dom::element& field, double full_marks,
                                             std::vector<graded_answer>& out) {
  simdjson::dom::array list;
  if (field.get_array().get(list))
    return refuse(reject_reason::wrong_type, "graded", "must be an array of objects");
  if (list.size() > max_graded)
    return refuse(reject_reason::invalid_value, "graded", "has more than 256 entries");
  out.reserve(list.size());
  for (auto entry : list) {
    simdjson::dom::object object;
    const auto name = "graded[" + std::to_string(out.size()) + "]";
    if (entry.get_object().get(object))
      return refuse(reject_reason::wrong_type, name, "must be an object");
    graded_answer one;
    if (auto refused = read_graded_answer(object, name, full_marks, one))
      return refused;
    out.push_back(std::move(one));
  }
  return std::nullopt;
}

} // namespace chalkstream::education
