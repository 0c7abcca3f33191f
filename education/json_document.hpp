// One JSON document in memory that does not trust its sender: size, depth, UTF-8 and trailing bytes are checked before
// anybody looks at a field. Private to education/: only its sources include this header.
#pragma once

#include "core/rejection.hpp"

#include <cstddef>
#include <optional>
#include <simdjson.h>
#include <string_view>
#include <variant>

namespace chalkstream::education {

/// The object in `value`, valid until this thread's next call; or why there is none. A value of several megabytes
/// does not leave its memory behind.
std::variant<simdjson::dom::object, rejection> parse_object(std::optional<std::string_view> value,
                                                            std::size_t max_bytes, std::size_t max_depth);

rejection refuse(reject_reason reason, std::string_view field, std::string_view what);

} // namespace chalkstream::education
