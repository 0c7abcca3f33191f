#include "tests/support/scripted_server.hpp"

#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chalkstream::test {

namespace {

bool readable_within(int socket, int milliseconds) {
  pollfd watched{socket, POLLIN, 0};
  return poll(&watched, 1, milliseconds) > 0;
}

// Head and body of one request; what came so far when the client stops for half a second.
std::string read_request(int client) {
  std::string text;
  char piece[4096];
  while (readable_within(client, 500)) {
    const auto n = recv(client, piece, sizeof piece, 0);
    if (n <= 0)
      break;
    text.append(piece, static_cast<std::size_t>(n));
    const auto head = text.find("\r\n\r\n");
    const auto length = text.find("Content-Length: ");
    const auto body = length < head ? std::strtoul(text.c_str() + length + 16, nullptr, 10) : 0;
    if (head != std::string::npos && text.size() >= head + 4 + body)
      break;
  }
  return text;
}

} // namespace

scripted_server::scripted_server(script says)
    : says_(std::move(says)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof at;
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&at), length) == 0 && listen(listener_, 16) == 0
      && getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &length) == 0)
    port_ = ntohs(at.sin_port);
  thread_ = std::thread([this] { serve(); });
}

scripted_server::~scripted_server() {
  over_ = true;
  thread_.join();
  close(listener_);
}

void scripted_server::serve() {
  while (!over_) {
    if (!readable_within(listener_, 50))
      continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0)
      continue;
    talk(client);
    close(client);
  }
}

void scripted_server::talk(int client) const {
  const auto answer = says_(read_request(client));
  const auto wait = [&] {
    for (auto left = answer.wait; left.count() > 0 && !over_; left -= std::chrono::milliseconds(10))
      std::this_thread::sleep_for(std::min(left, std::chrono::milliseconds(10)));
  };
  std::string_view left = answer.bytes;
  const auto step = answer.drips ? std::size_t{1} : std::max<std::size_t>(left.size(), 1);
  do {
    wait();
    const auto sent = send(client, left.data(), std::min(step, left.size()), MSG_NOSIGNAL);
    if (sent < 0)
      return;
    left.remove_prefix(static_cast<std::size_t>(sent));
  } while (!left.empty() && !over_);
}

std::string http_response(std::string_view body, std::string_view status) {
  return "HTTP/1.1 " + std::string{status} + "\r\nContent-Type: application/json\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + std::string{body};
}

std::string form_value(std::string_view request, std::string_view key) {
  auto body = request.substr(std::min(request.find("\r\n\r\n"), request.size()));
  const auto at = body.find(std::string{key} + "=");
  if (at == std::string_view::npos)
    return {};
  body = body.substr(at + key.size() + 1);
  body = body.substr(0, body.find('&'));
  std::string value;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const bool escaped = body[i] == '%' && i + 2 < body.size();
    value += escaped ? static_cast<char>(std::stoi(std::string{body.substr(i + 1, 2)}, nullptr, 16)) : body[i];
    i += escaped ? 2 : 0;
  }
  return value;
}

} // namespace chalkstream::test
