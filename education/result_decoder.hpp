// Reads a grade back from its topic: what a pipeline that follows grading (recommendation) needs of it.
#pragma once

#include "core/outcome.hpp"
#include "core/rejection.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

namespace chalkstream::education {

/// A grade as encode_result wrote it. Required: id, event, learner and decision; score, max_score, label, confidence,
/// missed, course, assignment and item are read where present, null means absent, the rest is ignored.
/// Size, depth, UTF-8 and types are checked as in event_decoder. Thread-safe.
std::variant<outcome, rejection> decode_grade(std::optional<std::string_view> value, std::size_t max_bytes = 1 << 20);

} // namespace chalkstream::education
