// A Kafka inside the process, for a first look, demos and tests of error paths: librdkafka's mock cluster. It speaks
// real TCP on 127.0.0.1 (a port librdkafka chooses), with consumer groups and transaction calls, and any client can
// connect: kcat, another process, this engine itself.
//
// What it does not do, and therefore cannot prove:
// - Exactly once. Offsets sent in a transaction are thrown away, records of an aborted transaction are visible to
//   read_committed readers, and a second producer of the same name does not stop the first.
// - Keep anything. Each partition holds about 5 MiB and drops its oldest records silently; the rest ends with the
//   process.
// - Security, quotas, administration (topics are made by this class, or by asking for them as ensure_topics() does),
//   compaction, replication.
// - Answer quickly when there is nothing to read: a fetch waits its whole time. `client()` says how to keep it short.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "kafka/session.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::kafka {

class embedded_broker {
public:
  struct topic {
    std::string name;
    int partitions = 1;
  };

  /// Listens when it returns.
  static result<embedded_broker> start(std::span<const topic> topics, log& out);

  embedded_broker(embedded_broker&&) noexcept;
  embedded_broker& operator=(embedded_broker&&) noexcept;
  ~embedded_broker();

  /// Makes a topic; one that exists is an error.
  result<void> create(const topic& t);

  /// host:port, for any client.
  const std::string& bootstrap() const noexcept;

  /// Properties for clients of this broker, beside the user's own.
  static client_properties client();

  /// The next requests of this kind (its number in Kafka's protocol) are answered with these error codes, one each.
  /// For tests.
  void fail_next(int api_key, std::span<const int> codes);
  /// Takes it off the network and back. For tests.
  void set_reachable(bool reachable);

private:
  struct state;
  explicit embedded_broker(std::unique_ptr<state> s);

  std::unique_ptr<state> state_;
};

} // namespace chalkstream::kafka
