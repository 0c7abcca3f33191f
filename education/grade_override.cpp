#include "education/grade_override.hpp"

#include "education/json_document.hpp"
#include "education/lms_override.hpp"

#include <array>
#include <limits>
#include <simdjson.h>

namespace chalkstream::education {

namespace {

constexpr std::size_t max_reason_bytes = 4096;

using namespace override_field;

constexpr bool is_required(std::size_t f) {
  return f == id || f == learner || f == reviewer;
}

maybe_rejection read_type(const maybe_element& value) {
  std::string_view written;
  if (!value)
    return refuse(reject_reason::missing_field, "type", "is required");
  if (auto refused = read_string("type", value, written))
    return refused;
  if (written != "override")
    return refuse(reject_reason::unknown_type, "type", "must be override");
  return std::nullopt;
}

maybe_rejection read_score(const maybe_element& given, const maybe_element& highest, grade_override& out) {
  std::optional<double> most;
  if (auto refused = read_number("max_score", highest, std::numeric_limits<double>::min(),
                                 std::numeric_limits<double>::max(), "must be finite and above 0", most))
    return refused;
  out.max_score = most.value_or(1);
  return read_number("score", given, 0, out.max_score, "must be from 0 to max_score (1 if there is none)", out.score);
}

maybe_rejection read_reason(const maybe_element& value, std::string& out) {
  std::string_view written;
  if (auto refused = read_string("reason", value, written))
    return refused;
  if (written.size() > max_reason_bytes)
    return refuse(reject_reason::invalid_value, "reason", "is longer than 4096 bytes");
  out = written;
  return std::nullopt;
}

maybe_rejection read_fields(simdjson::dom::object object, override_values& out) {
  if (is_lms_event(object))
    return read_lms_override(object, out);
  if (auto refused = collect_fields(object, names, out))
    return refused;
  return read_type(out[type]);
}

} // namespace

override_decoder::override_decoder(std::shared_ptr<const pseudonymiser> pseudonyms, decoder_limits limits,
                                   std::string tenant)
    : pseudonyms_(std::move(pseudonyms)), limits_(limits), tenant_(std::move(tenant)) {}

std::variant<grade_override, rejection> override_decoder::decode(std::optional<std::string_view> value) const {
  simdjson::dom::object object;
  if (auto refused = parse_object(value, limits_.max_bytes, limits_.max_depth, object))
    return std::move(*refused);
  override_values values;
  if (auto refused = read_fields(object, values))
    return std::move(*refused);
  std::array<std::string_view, id_count> ids;
  for (std::size_t f = 0; f < id_count; ++f)
    if (auto refused = read_id(names[f], values[f], is_required(f), ids[f]))
      return std::move(*refused);
  grade_override out;
  maybe_rejection refused;
  if ((refused = read_score(values[score], values[max_score], out))
      || (refused = read_reason(values[reason], out.reason))
      || (refused = read_time(names[occurred_at], values[occurred_at], out.occurred_at)))
    return std::move(*refused);
  if (!out.score && ids[label].empty())
    return refuse(reject_reason::missing_field, "score", "or label is required");
  if (ids[graded_event].empty() && ids[assignment].empty())
    return refuse(reject_reason::missing_field, "event", "or assignment is required");
  if (ids[tenant].empty())
    ids[tenant] = tenant_;
  out.id = ids[id];
  out.tenant = ids[tenant];
  out.course = ids[course];
  out.assignment = ids[assignment];
  out.item = ids[item];
  out.event = ids[graded_event];
  out.result = ids[graded_result];
  out.label = ids[label];
  out.learner = pseudonyms_->pseudonym(ids[tenant], ids[learner]);
  out.reviewer = pseudonyms_->pseudonym(ids[tenant], ids[reviewer]);
  return out;
}

} // namespace chalkstream::education
