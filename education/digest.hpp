// SHA-256 (FIPS 180-4) of bytes in memory.
#pragma once

#include <string>
#include <string_view>

namespace chalkstream::education {

/// 64 hexadecimal digits in lower case. Thread-safe.
std::string sha256_hex(std::string_view bytes);

} // namespace chalkstream::education
