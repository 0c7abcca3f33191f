// The nearest word to a misspelt one, for messages about configurations and command lines.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace chalkstream::pipelines {

/// The candidate that a hasty typist may have meant; nothing if none is near.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

/// "; did you mean 'brokers'?" for the end of a message; empty if none is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

} // namespace chalkstream::pipelines
