// A server that says what the test wants, whatever it is asked: HTTP or not, at once, late, or a byte at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace chalkstream::test {

struct scripted_answer {
  std::string bytes;
  /// Before the first byte, and between each two where it drips.
  std::chrono::milliseconds wait{0};
  bool drips = false;
};

/// One client at a time, on 127.0.0.1; closes after each answer.
class scripted_server {
public:
  /// Called with the whole request, on the server's thread.
  using script = std::function<scripted_answer(const std::string& request)>;

  explicit scripted_server(script says);
  ~scripted_server();
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
  void serve();
  void talk(int client) const;

  script says_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

/// A complete response with a JSON body.
std::string http_response(std::string_view body, std::string_view status = "200 OK");

/// What `key` was given in a form-encoded request's body, decoded; empty if it is not there.
std::string form_value(std::string_view request, std::string_view key);

} // namespace chalkstream::test
