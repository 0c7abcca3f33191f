// How grading gets from a short answer to a grade: vectors of the answer, its references and the graded answers that
// came with it, then, if a cross-encoder is configured, a look at the answer beside the closest references and the
// most similar right answers, then the verdict. Each step leaves a state for the next.
#pragma once

#include "core/task.hpp"
#include "pipelines/grading.hpp"

namespace chalkstream::pipelines {

/// What grading leaves for complete().
struct grading_state : task_state {
  explicit grading_state(outcome what) : result(std::move(what)) {}
  virtual task_step conclude(const grading_settings& settings, const output_rows& rows, reference_cache& cache,
                             const timing& spent) const = 0;
  outcome result;
};

/// The first step; `what` is the outline of a grade with its max_score. The event has a reference. A text no model
/// can read is an outcome with a reason and no score.
std::variant<work, rejection, outcome> first_step(const grading_settings& settings, outcome what, const event& from,
                                                  reference_cache& cache);

/// Adds a reason if the confidence is below the threshold; without any reason the decision is automatic.
reply decide(const grading_settings& settings, outcome what, double review_below, const timing& spent);

} // namespace chalkstream::pipelines
