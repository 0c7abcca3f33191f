#include "core/result_tally.hpp"

#include <algorithm>

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

std::string_view to_string(group_kind kind) noexcept {
  switch (kind) {
  case group_kind::assignment:
    return "assignment";
  case group_kind::language:
    return "language";
  case group_kind::tenant:
    return "tenant";
  }
  return "unknown";
}

std::uint8_t result_groups::place(group_kind kind, std::string_view name) const noexcept {
  const auto& list = names[static_cast<std::size_t>(kind)];
  const auto at = std::find(list.begin(), list.end(), name);
  return at == list.end() ? 0 : static_cast<std::uint8_t>(at - list.begin() + 1);
}

} // namespace chalkstream
