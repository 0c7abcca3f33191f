// The field `graded` of an event (event_decoder.hpp has the rule). Private to education/, as json_document.hpp is:
// only sources that include <simdjson.h> include this header.
#pragma once

#include "core/event.hpp"
#include "core/rejection.hpp"

#include <optional>
#include <vector>

namespace simdjson::dom {
class element;
}

namespace chalkstream::education {

/// A rejection's detail names the entry and quotes nothing of it. Scores are out of `full_marks`.
std::optional<rejection> read_graded_answers(const simdjson::dom::element& field, double full_marks,
                                             std::vector<graded_answer>& out);

} // namespace chalkstream::education
