#include "tests/kafka/frame_proxy.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace chalkstream::test {
namespace {

constexpr std::size_t frame_head = 4;    // length
constexpr std::size_t request_head = 12; // length, kind, version, correlation
constexpr std::size_t response_head = 8; // length, correlation

template <class T>
T number_at(const std::string& bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  if constexpr (sizeof value == 2)
    return static_cast<T>(ntohs(static_cast<std::uint16_t>(value)));
  else
    return static_cast<T>(ntohl(static_cast<std::uint32_t>(value)));
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

bool send_all(int to, const char* bytes, std::size_t size) {
  while (size > 0) {
    const auto sent = ::send(to, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

} // namespace

struct frame_proxy::link {
  int client = -1;
  int broker = -1;
  std::string from_client;
  std::string from_broker;
  std::map<std::int32_t, std::int16_t> kinds; // of requests without response yet

  ~link() {
    ::close(client);
    ::close(broker);
  }

  static bool receive(int from, std::string& into) {
    char chunk[65536];
    const auto got = ::recv(from, chunk, sizeof chunk, 0);
    if (got > 0)
      into.append(chunk, static_cast<std::size_t>(got));
    return got > 0;
  }

  // Passes on all complete frames that `keep` wants.
  template <class Keep>
  static bool pass(std::string& bytes, std::size_t head, int to, Keep keep) {
    while (bytes.size() >= head) {
      const auto size = frame_head + static_cast<std::size_t>(number_at<std::int32_t>(bytes, 0));
      if (bytes.size() < size)
        return true;
      if (keep(bytes) && !send_all(to, bytes.data(), size))
        return false;
      bytes.erase(0, size);
    }
    return true;
  }
};

frame_proxy::frame_proxy() {
  listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  ::listen(listener_, 64);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

frame_proxy::~frame_proxy() {
  ending_ = true;
  thread_.join();
  ::close(listener_);
}

void frame_proxy::heal() {
  lost_response_ = -1;
  lost_request_ = -1;
}

void frame_proxy::cut() {
  cut_ = true;
  while (cut_)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void frame_proxy::serve() {
  std::vector<std::unique_ptr<link>> links;
  while (!ending_) {
    if (cut_) {
      links.clear();
      cut_ = false;
    }
    std::vector<pollfd> wanted{{listener_, POLLIN, 0}};
    for (const auto& l : links) {
      wanted.push_back({l->client, POLLIN, 0});
      wanted.push_back({l->broker, POLLIN, 0});
    }
    if (::poll(wanted.data(), wanted.size(), 5) <= 0)
      continue;
    std::vector<std::unique_ptr<link>> alive;
    for (std::size_t i = 0; i < links.size(); ++i) {
      auto& l = *links[i];
      bool good = true;
      if (wanted[1 + 2 * i].revents != 0)
        good = link::receive(l.client, l.from_client)
               && link::pass(l.from_client, request_head, l.broker, [&](const std::string& frame) {
                    const auto kind = number_at<std::int16_t>(frame, 4);
                    if (kind == lost_request_) {
                      ++lost_;
                      return false;
                    }
                    l.kinds[number_at<std::int32_t>(frame, 8)] = kind;
                    return true;
                  });
      if (good && wanted[2 + 2 * i].revents != 0)
        good = link::receive(l.broker, l.from_broker)
               && link::pass(l.from_broker, response_head, l.client, [&](const std::string& frame) {
                    const auto at = l.kinds.find(number_at<std::int32_t>(frame, 4));
                    const auto kind = at == l.kinds.end() ? std::int16_t{-1} : at->second;
                    if (at != l.kinds.end())
                      l.kinds.erase(at);
                    if (kind != -1 && kind == lost_response_) {
                      ++lost_;
                      return false;
                    }
                    return true;
                  });
      if (good)
        alive.push_back(std::move(links[i]));
    }
    links = std::move(alive);
    if (wanted[0].revents != 0) {
      auto fresh = std::make_unique<link>();
      fresh->client = ::accept(listener_, nullptr, nullptr);
      fresh->broker = ::socket(AF_INET, SOCK_STREAM, 0);
      const auto address = loopback(target_);
      const int on = 1;
      ::setsockopt(fresh->client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(fresh->broker, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (::connect(fresh->broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        links.push_back(std::move(fresh));
    }
  }
}

} // namespace chalkstream::test
