// The two forms in which /metrics can be had, and which of them a client asks for.
#pragma once

#include <cstdint>
#include <string_view>

namespace chalkstream::monitoring {

enum class page_format : std::uint8_t {
  text,        // Prometheus' text format, version 0.0.4: whoever does not ask gets this
  openmetrics, // OpenMetrics 1.0: the same series, with exemplars
};

/// For the header Content-Type.
std::string_view content_type(page_format format) noexcept;

/// What suits the header Accept best (RFC 9110, 12.5.1), several of them joined by commas; whoever takes neither form
/// gets the first. Where both are as good, OpenMetrics must have been asked for by a closer name. What cannot be
/// read of the header counts as not said.
page_format negotiate(std::string_view accept);

} // namespace chalkstream::monitoring
