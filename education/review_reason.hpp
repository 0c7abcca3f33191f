// The sentences that tell a person why a result is theirs, as one of a few reasons that can be counted.
#pragma once

#include "core/result_tally.hpp"

#include <string_view>

namespace chalkstream::education {

/// By the phrases that the tasks' sentences have; what has none of them is `other`.
review_reason review_reason_of(std::string_view sentence) noexcept;

} // namespace chalkstream::education
