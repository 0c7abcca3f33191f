#include "core/review_reason.hpp"

namespace chalkstream {

std::string_view to_string(review_reason reason) noexcept {
  switch (reason) {
  case review_reason::unsure:
    return "unsure";
  case review_reason::not_all_read:
    return "not_all_read";
  case review_reason::language:
    return "language";
  case review_reason::suspicious:
    return "suspicious";
  case review_reason::contradiction:
    return "contradiction";
  case review_reason::nothing_found:
    return "nothing_found";
  case review_reason::no_model:
    return "no_model";
  case review_reason::upstream:
    return "upstream";
  case review_reason::other:
    return "other";
  }
  return "unknown";
}

} // namespace chalkstream
