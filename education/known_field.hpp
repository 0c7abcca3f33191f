// Fields that decoders know, read with one rule each. Private to education/: only its sources include this header,
// each with <simdjson.h>.
#pragma once

#include "core/clock.hpp"
#include "core/rejection.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace simdjson::dom {
class element;
class object;
} // namespace simdjson::dom

namespace chalkstream::education {

using maybe_rejection = std::optional<rejection>;
using maybe_element = std::optional<simdjson::dom::element>;

/// Ids and labels, in bytes.
inline constexpr std::size_t max_id_bytes = 512;

/// Puts the value of the field `names[i]` into `values[i]`; null means absent, other fields are ignored, and one that
/// is there twice is refused.
maybe_rejection collect_fields(simdjson::dom::object object, std::span<const std::string_view> names,
                               std::span<maybe_element> values);

/// `out` is untouched where there is no value.
maybe_rejection read_string(std::string_view name, const maybe_element& value, std::string_view& out);

/// A string of at most max_id_bytes without control characters; not blank if `required`.
maybe_rejection read_id(std::string_view name, const maybe_element& value, bool required, std::string_view& out);

/// RFC 3339 with an offset.
maybe_rejection read_time(std::string_view name, const maybe_element& value, std::optional<wall_time>& out);

/// Finite, and from `least` to `most`, which the refusal calls `bounds` ("must be …").
maybe_rejection read_number(std::string_view name, const maybe_element& value, double least, double most,
                            std::string_view bounds, std::optional<double>& out);

} // namespace chalkstream::education
