// A prompt with places that an event fills: "Comment on this answer: {text}". A brace that is meant is written twice.
#pragma once

#include "core/error.hpp"
#include "core/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

/// Whose prompt it is: an answering pipeline has {passages}, and needs them.
enum class prompt_use : std::uint8_t { feedback, answering };

class prompt_template {
public:
  /// invalid_configuration for a place nobody fills, a brace that stands alone, and where a needed place is missing:
  /// {text} always.
  /// {text}        what was handed in
  /// {references}  the event's references, one a line
  /// {item}, {assignment}, {course}  their ids
  /// {max_score}   as in the event, or nothing
  /// {language}    the event's tag, or nothing
  /// {passages}    of answering: what was found for the question
  static result<prompt_template> parse(std::string_view text, prompt_use use = prompt_use::feedback);

  /// With `answer` in the place of the event's text. Never anything about the learner.
  std::string fill(const event& from, std::string_view answer, std::string_view passages = {}) const;

private:
  enum class place : std::uint8_t { text, references, item, assignment, course, max_score, language, passages };

  struct part {
    std::string words; // before the place
    place then;
  };

  std::vector<part> parts_;
  std::string end_;
};

} // namespace chalkstream::pipelines
