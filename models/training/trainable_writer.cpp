#include "models/training/trainable_writer.hpp"

#include <string>

namespace chalkstream::models::training {

result<void> check_tokens(std::span<const std::int32_t> ids, std::size_t most, std::size_t vocabulary,
                          const char* what) {
  if (ids.empty() || ids.size() > most)
    return {errc::invalid_argument, std::string("a ") + what + " of " + std::to_string(ids.size())
                                        + " tokens; the model takes 1 to " + std::to_string(most)};
  for (const auto id : ids)
    if (id < 0 || static_cast<std::size_t>(id) >= vocabulary)
      return {errc::invalid_argument, std::string("a ") + what + " has token " + std::to_string(id)
                                          + "; the model's vocabulary has " + std::to_string(vocabulary)};
  return {};
}

} // namespace chalkstream::models::training
