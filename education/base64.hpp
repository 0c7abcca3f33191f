// RFC 4648's base64, as JSON carries bytes. Private to education/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chalkstream::education {

/// The bytes; none if the text is not base64 with its padding (white space is not skipped).
std::optional<std::string> decode_base64(std::string_view text);

} // namespace chalkstream::education
