#include "education/lms_override.hpp"

#include "education/json_document.hpp"

#include <simdjson.h>

namespace chalkstream::education {

namespace {

using namespace override_field;
using simdjson::dom::element;

constexpr std::string_view scored = "http://adlnet.gov/expapi/verbs/scored";

/// By JSON pointer, in an object or element; none for null and for what is not there.
template <class Node>
maybe_element find(const Node& in, std::string_view pointer) {
  element found;
  if (in.at_pointer(pointer).get(found) || found.is_null())
    return std::nullopt;
  return found;
}

maybe_element first_of(element in, std::initializer_list<std::string_view> pointers) {
  for (const auto pointer : pointers)
    if (auto found = find(in, pointer))
      return found;
  return std::nullopt;
}

/// An entity is an object with an id, or the id.
template <class Node>
maybe_element entity(const Node& in, std::string_view pointer) {
  const auto found = find(in, pointer);
  return found && found->is_object() ? find(*found, "/id") : found;
}

bool says(const maybe_element& value, std::string_view word) {
  std::string_view text;
  return value && !value->get_string().get(text) && text == word;
}

rejection no_person() {
  return refuse(reject_reason::unknown_type, "the grade", "was given by no person");
}

template <class Node>
maybe_rejection read_caliper(const Node& in, override_values& out) {
  if (!says(find(in, "/type"), "GradeEvent"))
    return refuse(reject_reason::unknown_type, "type", "is not GradeEvent");
  if (!says(find(in, "/actor/type"), "Person"))
    return no_person();
  out[id] = find(in, "/id");
  out[learner] = entity(in, "/object/assignee");
  out[assignment] = entity(in, "/object/assignable");
  out[reviewer] = entity(in, "/actor");
  out[score] = find(in, "/generated/scoreGiven");
  out[max_score] = find(in, "/generated/maxScore");
  out[reason] = find(in, "/generated/comment");
  out[occurred_at] = find(in, "/eventTime");
  return std::nullopt;
}

maybe_rejection read_envelope(simdjson::dom::object in, override_values& out) {
  simdjson::dom::array events;
  if (in.at_key("data").get_array().get(events))
    return refuse(reject_reason::wrong_type, "data", "must be an array of events");
  if (events.size() != 1)
    return refuse(reject_reason::invalid_value, "data", "must be one event: a record is one override");
  return read_caliper(events.at(0).value(), out);
}

maybe_element agent(simdjson::dom::object in, std::string_view pointer) {
  const auto found = find(in, pointer);
  if (!found || !found->is_object())
    return std::nullopt;
  return first_of(*found, {"/account/name", "/mbox", "/mbox_sha1sum", "/openid"});
}

maybe_rejection read_statement(simdjson::dom::object in, override_values& out) {
  if (!says(find(in, "/verb/id"), scored))
    return refuse(reject_reason::unknown_type, "verb", "is not scored");
  out[reviewer] = agent(in, "/context/instructor");
  if (!out[reviewer])
    return no_person();
  out[id] = find(in, "/id");
  out[learner] = agent(in, "/actor");
  out[assignment] = find(in, "/object/id");
  out[reason] = find(in, "/result/response");
  out[occurred_at] = find(in, "/timestamp");
  double least = 0;
  const auto lowest = find(in, "/result/score/min");
  const bool from_zero = !lowest || (!lowest->get_double().get(least) && least == 0);
  out[max_score] = find(in, "/result/score/max");
  if (out[max_score] && from_zero)
    out[score] = find(in, "/result/score/raw");
  if (!out[score]) { // of 1
    out[score] = find(in, "/result/score/scaled");
    out[max_score] = std::nullopt;
  }
  return std::nullopt;
}

maybe_rejection read_canvas(simdjson::dom::object in, override_values& out) {
  if (!says(find(in, "/metadata/event_name"), "grade_change"))
    return refuse(reject_reason::unknown_type, "metadata.event_name", "is not grade_change");
  out[reviewer] = find(in, "/body/grader_id");
  std::string_view grader;
  if (!out[reviewer] || (!out[reviewer]->get_string().get(grader) && grader.starts_with('-'))) // a quiz, or a tool
    return no_person();
  out[id] = find(in, "/metadata/request_id");
  out[learner] = find(in, "/body/student_id");
  out[assignment] = find(in, "/body/assignment_id");
  out[score] = find(in, "/body/score");
  out[max_score] = find(in, "/body/points_possible");
  out[label] = find(in, "/body/grade");
  out[occurred_at] = find(in, "/metadata/event_time");
  return std::nullopt;
}

bool is_envelope(simdjson::dom::object in) {
  return find(in, "/sensor") && find(in, "/data");
}

bool is_canvas(simdjson::dom::object in) {
  return find(in, "/metadata") && find(in, "/body");
}

} // namespace

bool is_lms_event(simdjson::dom::object in) {
  if (says(find(in, "/type"), "override"))
    return false;
  return is_envelope(in) || is_canvas(in) || find(in, "/verb") || says(find(in, "/type"), "GradeEvent");
}

maybe_rejection read_lms_override(simdjson::dom::object in, override_values& out) {
  if (is_envelope(in))
    return read_envelope(in, out);
  if (is_canvas(in))
    return read_canvas(in, out);
  return find(in, "/verb") ? read_statement(in, out) : read_caliper(in, out);
}

} // namespace chalkstream::education
