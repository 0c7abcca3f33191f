#include "tests/monitoring/http_client.hpp"

#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace chalkstream::test {

http_client::http_client(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval step{0, 100'000};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &step, sizeof step);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    close(socket_);
    socket_ = -1;
  }
}

http_client::~http_client() {
  if (socket_ >= 0)
    close(socket_);
}

bool http_client::send(std::string_view bytes) const {
  return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

// False when the connection is over; nothing within a tenth of a second is not the end.
bool http_client::read_some(std::string& text) const {
  char piece[4096];
  const auto n = recv(socket_, piece, sizeof piece, 0);
  if (n > 0)
    text.append(piece, static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

std::string http_client::response(bool body) const {
  return receive(std::chrono::seconds(10), [body](const std::string& text) {
    const auto head = text.find("\r\n\r\n");
    if (head == std::string::npos)
      return false;
    const auto length = text.find("Content-Length: ");
    if (!body || length == std::string::npos || length > head)
      return true;
    return text.size() - head - 4 >= std::strtoul(text.c_str() + length + 16, nullptr, 10);
  });
}

bool http_client::closes_within(std::chrono::milliseconds wait) const {
  const auto end = std::chrono::steady_clock::now() + wait;
  for (std::string text; read_some(text);)
    if (std::chrono::steady_clock::now() >= end)
      return false;
  return true;
}

std::string http_get(std::uint16_t port, std::string_view path, std::string_view method) {
  const http_client client(port);
  if (!client.connected())
    return {};
  client.send(std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  return client.receive(std::chrono::seconds(10), [](const std::string&) { return false; });
}

std::string body_of(std::string_view response) {
  const auto head = response.find("\r\n\r\n");
  return head == std::string_view::npos ? std::string{} : std::string(response.substr(head + 4));
}

} // namespace chalkstream::test
