// Durations, sizes, numbers and texts as people write them.
#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chalkstream::pipelines {

/// "100ms", "1.5s", "2m", "12h": a number and a unit, nothing between them. Nothing if it is anything else, or more
/// than a year.
std::optional<duration> parse_duration(std::string_view text);

/// The shortest text that parse_duration reads back: "100ms", "90s", "2m".
std::string format_duration(duration d);

/// "64MiB", "16MB", "512KiB", "1000000" (bytes): a whole number and a unit. Nothing if it is anything else, or more
/// than 2^53.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// "64MiB" where it divides evenly, else plain bytes.
std::string format_bytes(std::uint64_t bytes);

/// A whole number without sign or leading zeros.
std::optional<std::uint64_t> parse_count(std::string_view text);

/// The shortest text that reads back as the same number, without an exponent.
std::string format_number(double value);

/// A text that YAML reads back as the same text.
std::string yaml_text(std::string_view text);

} // namespace chalkstream::pipelines
