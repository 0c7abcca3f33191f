// RFC 3339 date-times as they appear in events and results, kept as UTC milliseconds.
#pragma once

#include "core/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chalkstream::education {

/// A complete date-time with an offset ("2026-11-24T09:30:00.250+01:00", "…Z"). Fractions beyond milliseconds are
/// cut, a leap second counts as the next second. Nothing else is accepted: no missing offset, no impossible date.
std::optional<wall_time> parse_timestamp(std::string_view text) noexcept;

/// Appends "2026-11-24T08:30:00.250Z", always with three digits and Z. Years outside 0…9999 are clamped.
void append_timestamp(std::string& out, wall_time when);
std::string format_timestamp(wall_time when);

} // namespace chalkstream::education
