#include "models/sequence_limits.hpp"

#include <algorithm>
#include <string>

namespace chalkstream::models {

result<void> sequence_limits::check(const sequence& s) const {
  if (s.ids.empty())
    return {errc::invalid_argument, "a sequence has no tokens"};
  if (s.ids.size() > positions)
    return {errc::invalid_argument, "a sequence has " + std::to_string(s.ids.size()) + " tokens; the model takes "
                                        + std::to_string(positions)};
  const auto outside = [](const std::vector<std::int32_t>& values, std::size_t size) {
    return std::any_of(values.begin(), values.end(),
                       [size](std::int32_t v) { return v < 0 || static_cast<std::size_t>(v) >= size; });
  };
  if (outside(s.ids, vocabulary))
    return {errc::invalid_argument, "a token id is outside the model's vocabulary of " + std::to_string(vocabulary)};
  if (!s.types.empty() && s.types.size() != s.ids.size())
    return {errc::invalid_argument, "a sequence has " + std::to_string(s.ids.size()) + " ids and "
                                        + std::to_string(s.types.size()) + " token types"};
  if (types > 0 && outside(s.types, types))
    return {errc::invalid_argument, "a token type is outside the model's " + std::to_string(types)};
  return {};
}

} // namespace chalkstream::models
