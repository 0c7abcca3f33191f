// The fields `image` and `video` of an event. Private to education/: only its sources include this header, each with
// <simdjson.h>.
#pragma once

#include "core/event.hpp"
#include "core/rejection.hpp"

#include <optional>
#include <string_view>

namespace simdjson::dom {
class element;
}

namespace chalkstream::education {

/// {"media_type"?, "data" (base64) or "uri", "sha256"?}; other members are ignored, null means absent. `has_bytes`:
/// the file is the record's value, so that neither data nor uri is wanted.
std::optional<rejection> read_file(std::string_view field, const simdjson::dom::element& value, bool has_bytes,
                                   submitted_image& out);

} // namespace chalkstream::education
