// A real Apache Kafka of a test's own, by deploy/kafka/kafka.sh, on free ports and in a directory of its own. It dies
// with the test program, whatever happens to that.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::test {

class real_broker {
public:
  struct options {
    /// Lines for server.properties.
    std::vector<std::string> settings;
    /// Where clients of a second listener are sent (a proxy); 0 makes none.
    int advertised_port = 0;
  };

  /// Java, or the broker's files; empty if nothing is missing.
  static std::string what_is_missing();

  real_broker();
  explicit real_broker(options o);
  ~real_broker();
  real_broker(const real_broker&) = delete;
  real_broker& operator=(const real_broker&) = delete;

  /// host:port.
  std::string bootstrap() const;
  /// Where the second listener is; its clients are told the advertised port from then on.
  int proxied_port() const noexcept { return proxied_port_; }

  /// SIGKILL. The data stays.
  void kill();
  /// Starts again on the same port and waits until it answers.
  void start();
  /// SIGSTOP and SIGCONT.
  void freeze();
  void thaw();

private:
  options options_;
  std::filesystem::path data_;
  int port_ = 0;
  int proxied_port_ = 0;
  int pid_ = -1;
};

/// A port nobody listens on.
int free_port();

/// One broker for all tests of the program that do not hurt it; started when first asked for.
real_broker& shared_broker();

} // namespace chalkstream::test
