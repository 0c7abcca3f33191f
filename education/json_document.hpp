// One JSON document in memory that does not trust its sender: size, depth, UTF-8 and trailing bytes are checked
// before anybody looks at a field. Private to education/: only its sources include this header, each with
// <simdjson.h>.
#pragma once

#include "core/rejection.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace simdjson::dom {
class object;
}

namespace chalkstream::education {

/// Makes `out` the object in `value`, valid until this thread's next call; or says why there is none. A value of
/// several megabytes does not leave its memory behind.
std::optional<rejection> parse_object(std::optional<std::string_view> value, std::size_t max_bytes,
                                      std::size_t max_depth, simdjson::dom::object& out);

rejection refuse(reject_reason reason, std::string_view field, std::string_view what);

} // namespace chalkstream::education
