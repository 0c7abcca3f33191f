// Grades that people give in a learning system, as its own events say them: Caliper's GradeEvent, xAPI's "scored" and
// Canvas' grade_change. Private to education/, as json_document.hpp is: only sources that include <simdjson.h>
// include this header.
//
//               a Caliper event, alone or       an xAPI statement              Canvas Live Events
//               as the one of its envelope
//   is one if   type is GradeEvent              it has a verb                  it has metadata and a body
//   id          id                              id                             metadata.request_id
//   learner     object.assignee                 actor                          body.student_id
//   assignment  object.assignable               object.id                      body.assignment_id
//   reviewer    actor, which must be a Person   context.instructor             body.grader_id, null if automatic
//   score       generated.scoreGiven, maxScore  result.score.raw, max; scaled  body.score, points_possible
//   label                                                                      body.grade
//   reason      generated.comment               result.response
//   time        eventTime                       timestamp                      metadata.event_time
// Caliper's entities may be objects or their ids alone. An xAPI agent is the name of its account, its mbox,
// mbox_sha1sum or openid. What a program graded is no override. None of them names the submission's event: the newest
// grade of the learner's assignment is meant.
#pragma once

#include "education/override_field.hpp"

namespace chalkstream::education {

/// Whether it has one of these forms rather than the native one.
bool is_lms_event(simdjson::dom::object in);

/// Finds its fields and leaves their checks to whoever reads them. Refused: unknown_type for another event, or a
/// grade that no person gave; invalid_value for an envelope of several events.
maybe_rejection read_lms_override(simdjson::dom::object in, override_values& out);

} // namespace chalkstream::education
