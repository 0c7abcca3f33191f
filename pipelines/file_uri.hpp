// file:// URIs of this machine (RFC 8089).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chalkstream::pipelines {

/// "file:///scans/a%20b.png" and "file://localhost/…" as a path. None for any other URI, a path that is not absolute, a %
/// that is not followed by two hexadecimal digits, and a NUL.
std::optional<std::string> path_of_file_uri(std::string_view uri);

} // namespace chalkstream::pipelines
