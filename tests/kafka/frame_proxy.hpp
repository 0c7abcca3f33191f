// A TCP proxy between a client and a broker that understands where Kafka's requests and responses begin and of which
// kind they are, so that a test can lose one of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace chalkstream::test {

class frame_proxy {
public:
  /// Listens on a free port; set_target() before clients come.
  frame_proxy();
  ~frame_proxy();
  frame_proxy(const frame_proxy&) = delete;
  frame_proxy& operator=(const frame_proxy&) = delete;

  int port() const noexcept { return port_; }
  void set_target(int port) noexcept { target_ = port; }

  /// From now on responses to requests of this kind are thrown away (the broker has done the work).
  void lose_responses(std::int16_t api_key) { lost_response_ = api_key; }
  /// From now on requests of this kind never reach the broker.
  void lose_requests(std::int16_t api_key) { lost_request_ = api_key; }
  /// Everything passes again.
  void heal();
  /// Breaks every connection.
  void cut();

  /// Frames thrown away so far.
  int lost() const noexcept { return lost_; }

private:
  struct link;
  void serve();

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> target_{0};
  std::atomic<std::int16_t> lost_response_{-1};
  std::atomic<std::int16_t> lost_request_{-1};
  std::atomic<bool> cut_{false};
  std::atomic<bool> ending_{false};
  std::atomic<int> lost_{0};
  std::thread thread_;
};

} // namespace chalkstream::test
