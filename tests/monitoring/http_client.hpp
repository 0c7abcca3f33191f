// The least HTTP client a test needs: bytes out, bytes in, over a plain socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace chalkstream::test {

/// An open connection to 127.0.0.1.
class http_client {
public:
  explicit http_client(std::uint16_t port);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  bool connected() const noexcept { return socket_ >= 0; }

  /// False when the other side has gone.
  bool send(std::string_view bytes) const;

  /// What arrives until the other side closes, or `wait` is over, or `enough(text so far)`.
  template <class Enough>
  std::string receive(std::chrono::milliseconds wait, Enough&& enough) const {
    const auto end = std::chrono::steady_clock::now() + wait;
    std::string text;
    while (!enough(text) && std::chrono::steady_clock::now() < end && read_some(text)) {
    }
    return text;
  }

  /// One response whose length its header gives; empty if none came in time.
  std::string response(bool body = true) const;

  /// Whether the other side closes the connection within `wait`.
  bool closes_within(std::chrono::milliseconds wait) const;

private:
  bool read_some(std::string& text) const;
  int socket_ = -1;
};

/// Connects, asks, and returns the whole response, head and body.
std::string http_get(std::uint16_t port, std::string_view path, std::string_view method = "GET");

/// What follows the empty line.
std::string body_of(std::string_view response);

} // namespace chalkstream::test
