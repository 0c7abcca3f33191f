// Percent-encoding (RFC 3986, section 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chalkstream::pipelines {

/// None for a % that is not followed by two hexadecimal digits, and for a NUL.
std::optional<std::string> percent_decoded(std::string_view text);

/// Every byte but letters, digits, "-._~" and slashes, with upper-case digits: as signatures of S3 want it.
std::string percent_encoded(std::string_view path);

} // namespace chalkstream::pipelines
