// From how likely each step is each character to a text: greedy CTC (Graves et al. 2006).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::reading {

struct line_text {
  std::string text;
  /// The geometric mean of the characters' probabilities, each at the step where it is surest; of a line without text
  /// the mean of how likely each step is none. 0 to 1.
  double confidence = 0;
};

/// `logs` has a row of log-probabilities a step, class 0 (none) first. The likeliest class of each step, one of
/// several alike in a row, without the nones.
line_text greedy_text(std::span<const float> logs, const std::vector<std::string>& characters);

} // namespace chalkstream::models::reading
