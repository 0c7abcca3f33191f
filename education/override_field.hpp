// The fields of an override, whatever form it came in. Private to education/: only sources that include <simdjson.h>
// include this header.
#pragma once

#include "education/known_field.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace chalkstream::education {

namespace override_field {

enum place : std::size_t {
  id,
  tenant,
  learner,
  reviewer,
  course,
  assignment,
  item,
  graded_event,
  graded_result,
  label,
  id_count, // those up to here are ids
  type = id_count,
  score,
  max_score,
  reason,
  occurred_at,
  count
};

inline constexpr std::array<std::string_view, count> names{
    "id",     "tenant", "learner", "reviewer", "course",    "assignment", "item",       "event",
    "result", "label",  "type",    "score",    "max_score", "reason",     "occurred_at"};

} // namespace override_field

using override_values = std::array<maybe_element, override_field::count>;

} // namespace chalkstream::education
