// A real Prometheus for as long as a test needs it: it scrapes what it is told, exemplars included, on a port of its
// own, and can be killed, frozen and started again over the same data.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace chalkstream::test {

struct prometheus_plan {
  /// host:port each.
  std::vector<std::string> targets;
  std::chrono::milliseconds interval{200};
};

class prometheus_server {
public:
  explicit prometheus_server(prometheus_plan plan);
  ~prometheus_server();
  prometheus_server(const prometheus_server&) = delete;
  prometheus_server& operator=(const prometheus_server&) = delete;

  /// Starts, or starts again on the same port and data. False if it was not ready within half a minute: log() says why
  /// ("prometheus" is Debian's package of that name).
  bool start();

  /// At once, as the kernel does it when memory is short.
  void kill();

  /// It keeps its port and answers nobody, until thaw().
  void freeze() const;
  void thaw() const;

  /// 0 before the first start.
  std::uint16_t port() const noexcept { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string log() const;

private:
  prometheus_plan plan_;
  std::filesystem::path folder_;
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

} // namespace chalkstream::test
