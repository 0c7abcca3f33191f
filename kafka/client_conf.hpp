// Turns settings into librdkafka's configuration; internal to this folder. Our own properties come first, the user's
// after them, so a user may tune what the promises do not depend on; what they do depend on is refused by name.
#pragma once

#include "core/clock.hpp"
#include "core/log.hpp"
#include "kafka/handles.hpp"
#include "kafka/session.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct rd_kafka_message_s;

namespace chalkstream::kafka {

/// What librdkafka's callbacks reach: one per client, alive at least as long as it.
struct client_context {
  explicit client_context(log& l) : out(&l) {}

  /// Exchanged when a client outlives its owner's log.
  std::atomic<log*> out;
  /// Producers: a message that could not be delivered; on the thread that serves the client. Code and our tag for it.
  std::function<void(int code, std::uintptr_t tag)> undelivered;
  /// Consumers: an assignment or revocation, on the polling thread.
  std::function<void(int code, rd_kafka_topic_partition_list_s* partitions)> rebalanced;
  /// A connection broke or a request timed out; from the thread that serves the client.
  std::function<void(int code)> trouble;

  int last_trouble = 0;
  time_point last_trouble_at{};
};

class client_conf {
public:
  client_conf();

  /// Keeps the first refusal as the conf's error.
  client_conf& set(std::string_view name, std::string_view value);
  client_conf& set(std::string_view name, std::int64_t value) { return set(name, std::to_string(value)); }
  /// A property that older versions do not have.
  client_conf& set_if_known(std::string_view name, std::string_view value);
  /// The user's.
  client_conf& set_all(const client_properties& client);

  /// Makes the client. The context's functions are called from then on.
  result<client_ptr> make_consumer(client_context& context) &&;
  result<client_ptr> make_producer(client_context& context) &&;

  const std::optional<error>& refused() const noexcept { return refused_; }

private:
  result<client_ptr> make(int type, client_context& context) &&;

  conf_ptr conf_;
  std::optional<error> refused_;
};

/// Why a user must not set this property; nothing if he may.
std::optional<std::string> why_refused(std::string_view property);

/// host:port,… as librdkafka takes it; a scheme, an empty list or a bad port is an error.
result<void> check_brokers(std::string_view brokers);

client_conf consumer_conf(const session_settings& settings);
/// `batch_bytes`: see outgoing.hpp.
client_conf producer_conf(const session_settings& settings, std::size_t batch_bytes);
/// For topic administration, tools and tests.
client_conf plain_conf(std::string_view brokers, const client_properties& client);

/// group-host-instance; where that is too long or has other characters than letters, digits, '.', '_' and '-', they
/// are replaced and a digest keeps the name unique.
std::string instance_name(const session_settings& settings);

/// Cooperative rebalancing and static membership are sound from librdkafka 2.10 on.
bool cooperative_is_sound() noexcept;

} // namespace chalkstream::kafka
