// How near a grade lies to what a person made of it, and the record that keeps both.
#pragma once

#include "core/outcome.hpp"
#include "core/result_tally.hpp"
#include "core/task.hpp"
#include "education/grade_override.hpp"
#include "education/remembered_grades.hpp"

#include <cstddef>

namespace chalkstream::education {

/// Scores are rounded to the nearest of `steps` equal steps between 0 and their highest: the same one is exact, the
/// next adjacent. Where one of the two has no score, labels decide: the same one, or another name of it
/// (answer_class), is exact. Unknown where there is no grade, or nothing that both have.
compared_grades compare_grades(const grade_override& by_person, const remembered_grade* grade, std::size_t steps);

/// The fields that every result has, and
///   override, reviewer, score, max_score, label, reason, occurred_at    what the person said
///   result, graded_by                                                   the grade's id and pipeline
///   engine_score, engine_max_score, engine_label, engine_confidence, engine_decision
///   agreement, difference                                               the person's score less the engine's, each
///   of
///                                                                       its highest
/// Null what is not known; all of the engine's where there is no grade.
encoded_result encode_override(const outcome& about, const grade_override& by_person, const remembered_grade* grade,
                               const compared_grades& compared);

} // namespace chalkstream::education
