// One HTTP request at a time, to servers that monitoring talks to: a Prometheus, another process's /metrics, a trace
// collector. Plain HTTP/1.1, no redirects, a connection for each request.
#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace chalkstream::monitoring {

/// Where to ask: "http://prometheus:9090/base" has all three.
struct http_address {
  std::string host; // a name, or an address; of IPv6 without its brackets
  std::string port;
  std::string path; // "" or "/…"; what the address itself goes on with
};

/// Reads "host:port", "[v6]:port" and "http://host[:port][/path]". https is `unsupported`, anything else
/// `invalid_argument`; the message quotes what was given, unless a password may stand in it.
result<http_address> read_http_address(std::string_view text);

struct http_limits {
  /// For the whole of it, from looking the name up to the last byte. A resolver that hangs may add its own time.
  duration timeout = std::chrono::seconds(5);
  std::size_t max_bytes = std::size_t{16} << 20; // of the answer's body
};

struct http_answer {
  unsigned status = 0;
  std::string body;
};

/// Blocks. `target` is what follows the address's path, "/api/v1/query?query=up", percent-encoded already. Any status
/// is an answer; `unavailable` where nobody listens or the connection breaks, `timed_out`, and `corrupt` for what is no
/// HTTP or is over the limit.
result<http_answer> http_get(const http_address& where, std::string_view target, const http_limits& limits = {});

/// `authorization` is the whole of that header, if not empty; no message holds it.
result<http_answer> http_post(const http_address& where, std::string_view target, std::string_view content_type,
                              std::string body, const http_limits& limits = {}, std::string_view authorization = {});

} // namespace chalkstream::monitoring
