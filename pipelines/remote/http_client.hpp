// GET over HTTPS, by libcurl, from servers that may be anything and anybody. No redirection is followed, no proxy,
// cookie or compression used; certificates are checked, always. What is unbounded elsewhere has a bound here: size,
// head, time, slowness.
#pragma once

#include "core/clock.hpp"
#include "pipelines/remote/s3_credentials.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace chalkstream::pipelines::remote {

struct http_settings {
  /// Connections to addresses that are not public are allowed. Otherwise each is held against is_public as it is
  /// opened, whatever DNS said before.
  bool private_addresses = false;
  /// Certificates to trust instead of the system's.
  std::optional<std::filesystem::path> ca_file;
  duration connect_timeout{};
  std::chrono::seconds slow_after{};
  std::vector<std::string> resolved; // as in remote_settings
  /// Requests are signed (AWS Signature Version 4, for the service s3) for this region.
  std::optional<s3_credentials> sign_with;
  std::string region;
  /// http:// is spoken where a URL says so.
  bool plain = false;
};

struct http_answer {
  int status = 0;
  /// Of status 200; empty otherwise.
  std::string body;
  /// What the server asks for before another try.
  std::optional<std::chrono::seconds> retry_after;
};

enum class http_failure {
  away,              // not found, not connected, cut off, too slow: the next try may go through
  untrusted,         // its certificate is not one of that name that the trusted have signed
  forbidden_address, // it has no address that may be connected to
  too_large,         // longer than allowed, whatever it said before
  unreadable_head,   // headers of more than 64 KiB
  stopped,           // as asked
};

/// Keeps connections, and opens as many as there are callers. Thread-safe.
class http_client {
public:
  explicit http_client(http_settings settings);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Blocks for `timeout` at most, and for about a second after `stop` asks it to end.
  std::variant<http_answer, http_failure> get(const std::string& url, std::size_t max_bytes, duration timeout,
                                              const std::stop_token& stop) const;

private:
  struct handles;

  http_settings settings_;
  std::unique_ptr<handles> handles_;
};

} // namespace chalkstream::pipelines::remote
