// Base64 with padding (RFC 4648, section 4).
#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>

namespace chalkstream {

/// The bytes. `corrupt` for anything else, line breaks and missing padding included.
result<std::string> decode_base64(std::string_view text);

std::string encode_base64(std::string_view bytes);

} // namespace chalkstream
