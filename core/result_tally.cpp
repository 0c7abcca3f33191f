#include "core/result_tally.hpp"

#include <algorithm>

namespace chalkstream {

std::string_view to_string(agreement how) noexcept {
  switch (how) {
  case agreement::exact:
    return "exact";
  case agreement::adjacent:
    return "adjacent";
  case agreement::apart:
    return "apart";
  case agreement::unknown:
    return "unknown";
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
