// store_server.py as a process of its own, and the certificates that it and others show.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace chalkstream::test {

/// Ends with its object.
class store_server {
public:
  enum class protocol : std::uint8_t { http, https };

  /// `folder` has what make_certificates made, and gets the server's log.
  store_server(const std::filesystem::path& folder, protocol spoken);
  ~store_server();
  store_server(const store_server&) = delete;
  store_server& operator=(const store_server&) = delete;

  /// 0: it did not start.
  std::uint16_t port() const noexcept { return port_; }

  /// Paths that were asked for, in order.
  std::vector<std::string> requests() const;

private:
  std::filesystem::path log_;
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

/// By openssl: authority.pem, that signed server.pem (with server.key) for scans.test and localhost, and
/// stranger.pem, that signed nothing here. False where one failed.
bool make_certificates(const std::filesystem::path& folder);

} // namespace chalkstream::test
