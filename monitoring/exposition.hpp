// Shows the process to monitoring systems over HTTP: /metrics (in the form of page_format that is asked for),
// /healthz (200 while the process is alive) and /readyz (200, or 503 with the reasons). GET and HEAD only; nothing
// about learners is served.
//
// One thread serves every connection without waiting for any: a slow client costs a socket, not a scrape. Requests
// are bounded in size, connections in number (the one that has been quiet longest makes room) and in time.
#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace chalkstream::monitoring {

class registry;

struct readiness {
  bool ready = false;
  /// What is missing, one line each; shown as they are, so they hold nothing private.
  std::vector<std::string> reasons;
};

struct exposition_settings {
  /// "127.0.0.1:9464", "[::1]:9464", "localhost:0"; ":9464" listens on every address. Port 0 takes a free one.
  std::string listen = "127.0.0.1:9464";
  std::size_t max_connections = 256;
  /// For a whole request to arrive and, apart, for its answer to be taken.
  duration patience = std::chrono::seconds(10);
};

class exposition {
public:
  /// Listens before it returns; an address that is taken or unknown is an `io` error that names it. `state` is asked
  /// on the server's thread for every /readyz and must neither block nor throw. The registry outlives the exposition.
  static result<std::unique_ptr<exposition>> start(const exposition_settings& settings, const registry& counts,
                                                   std::function<readiness()> state);

  /// Closes every connection and ends the thread; at once.
  ~exposition();
  exposition(const exposition&) = delete;
  exposition& operator=(const exposition&) = delete;

  std::uint16_t port() const noexcept;

  /// "127.0.0.1:43817", with the real port.
  std::string address() const;

private:
  class server;
  explicit exposition(std::unique_ptr<server> running);
  std::unique_ptr<server> server_;
};

} // namespace chalkstream::monitoring
