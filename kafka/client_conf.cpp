#include "kafka/client_conf.hpp"

#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace chalkstream::kafka {
namespace {

struct owned_property {
  std::string_view name;
  std::string_view why;
};

constexpr std::string_view promise = "exactly-once delivery depends on its value";
constexpr std::string_view elsewhere = "the configuration has a setting of its own for it";
constexpr std::array owned = {
    owned_property{"bootstrap.servers", elsewhere},
    owned_property{"metadata.broker.list", elsewhere},
    owned_property{"group.id", elsewhere},
    owned_property{"group.instance.id", "it is made of the group, the host and the instance"},
    owned_property{"transactional.id", "it is made of the group, the host and the instance"},
    owned_property{"session.timeout.ms", elsewhere},
    owned_property{"transaction.timeout.ms", elsewhere},
    owned_property{"message.max.bytes", elsewhere},
    owned_property{"message.timeout.ms", "it follows the transaction timeout"},
    owned_property{"delivery.timeout.ms", "it follows the transaction timeout"},
    owned_property{"enable.auto.commit", promise},
    owned_property{"enable.auto.offset.store", promise},
    owned_property{"auto.commit.interval.ms", promise},
    owned_property{"enable.idempotence", promise},
    owned_property{"isolation.level", promise},
    owned_property{"acks", promise},
    owned_property{"request.required.acks", promise},
    owned_property{"check.crcs", promise},
    owned_property{"auto.offset.reset", "a new group starts at the earliest record; an offset that the log no longer "
                                        "holds stops the pipeline instead of skipping records"},
    owned_property{"partition.assignment.strategy", "it depends on the version of librdkafka"},
    owned_property{"group.protocol", "revocation with grace is built on the classic protocol"},
    owned_property{"group.remote.assignor", "revocation with grace is built on the classic protocol"},
    owned_property{"enable.partition.eof", "the measurement of lag depends on it"},
    owned_property{"delivery.report.only.error", promise},
    owned_property{"partitioner", "the order of a key depends on it"},
    owned_property{"batch.size", "it follows what the brokers accept"},
    owned_property{"plugin.library.paths", "the engine loads no code named in a configuration"},
    owned_property{"interceptors", "the engine loads no code named in a configuration"},
    owned_property{"log.queue", "the engine has its own log"},
};

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  auto* context = client == nullptr ? nullptr : static_cast<client_context*>(rd_kafka_opaque(client));
  if (context == nullptr)
    return;
  const std::string_view message = text;
  // Our shared settings name consumer and producer properties alike; each client says which it ignores.
  if (message.find("property and will be ignored by this") != std::string_view::npos)
    return;
  const auto severity = level <= 3   ? log_level::error
                        : level == 4 ? log_level::warning
                        : level <= 6 ? log_level::info
                                     : log_level::debug;
  context->out.load()->write(severity, "kafka", std::string{facility} + ": " + text);
}

void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  auto* context = static_cast<client_context*>(opaque);
  // The same trouble is reported again and again while it lasts.
  const auto now = clock::system().now();
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    context->out.load()->error("kafka", reason);
  } else if (code != context->last_trouble || now - context->last_trouble_at > std::chrono::seconds(30)) {
    context->out.load()->warning("kafka", describe(code) + ": " + reason);
    context->last_trouble = code;
    context->last_trouble_at = now;
  }
  if (context->trouble)
    context->trouble(code);
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto* context = static_cast<client_context*>(opaque);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && context->undelivered)
    context->undelivered(message->err, reinterpret_cast<std::uintptr_t>(message->_private));
}

void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  auto* context = static_cast<client_context*>(opaque);
  if (context->rebalanced)
    context->rebalanced(code, partitions);
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0')
    return "localhost";
  return name.data();
}

void set_common(client_conf& conf, std::string_view brokers) {
  conf.set("bootstrap.servers", brokers)
      .set("client.id", "chalkstream")
      .set("socket.keepalive.enable", "true")
      .set("socket.nagle.disable", "true")
      .set("socket.timeout.ms", 10000)
      .set("reconnect.backoff.ms", 100)
      .set("reconnect.backoff.max.ms", 2000)
      .set("log.connection.close", "false")
      .set("allow.auto.create.topics", "false");
}

} // namespace

std::optional<std::string> why_refused(std::string_view property) {
  if (property.starts_with("test.mock."))
    return "a mock cluster keeps none of the promises; 'brokers: embedded' starts one that says so";
  for (const auto& p : owned)
    if (p.name == property)
      return std::string{p.why};
  return {};
}

result<void> check_brokers(std::string_view brokers) {
  if (brokers.empty())
    return {errc::invalid_configuration, "no brokers are named; write host:port, separated by commas"};
  while (!brokers.empty()) {
    auto one = brokers.substr(0, brokers.find(','));
    brokers.remove_prefix(std::min(one.size() + 1, brokers.size()));
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    one.remove_suffix(one.size() - (one.find_last_not_of(' ') + 1));
    const auto wrong = [&](std::string_view what) {
      return result<void>{errc::invalid_configuration, "broker '" + std::string{one} + "' " + std::string{what}};
    };
    if (one.find("://") != std::string_view::npos)
      return wrong("has a scheme; write host:port and choose the protocol by security.protocol");
    const auto colon = one.rfind(':');
    const bool bare_ipv6 = one.starts_with('[') && one.ends_with(']');
    const auto host = bare_ipv6 ? one : one.substr(0, colon);
    if (host.empty())
      return wrong("has no host; write host:port");
    if (host.find_first_of(" /\t\r\n") != std::string_view::npos)
      return wrong("is not a host and a port");
    if (colon == std::string_view::npos || bare_ipv6)
      return wrong("has no port; write host:port");
    unsigned port = 0;
    const auto digits = one.substr(colon + 1);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (problem != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535)
      return wrong("has no port between 1 and 65535");
  }
  return {};
}

client_conf::client_conf() : conf_(rd_kafka_conf_new()) {}

client_conf& client_conf::set(std::string_view name, std::string_view value) {
  std::array<char, 512> reason{};
  const std::string n{name};
  const std::string v{value};
  if (rd_kafka_conf_set(conf_.get(), n.c_str(), v.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK
      && !refused_)
    refused_ = error{errc::invalid_configuration, reason.data()};
  return *this;
}

client_conf& client_conf::set_if_known(std::string_view name, std::string_view value) {
  std::array<char, 512> reason{};
  const std::string n{name};
  const std::string v{value};
  rd_kafka_conf_set(conf_.get(), n.c_str(), v.c_str(), reason.data(), reason.size());
  return *this;
}

client_conf& client_conf::set_all(const client_properties& client) {
  for (const auto& [name, value] : client)
    set(name, value);
  return *this;
}

result<client_ptr> client_conf::make_consumer(client_context& context) && {
  rd_kafka_conf_set_rebalance_cb(conf_.get(), on_rebalance);
  return std::move(*this).make(RD_KAFKA_CONSUMER, context);
}

result<client_ptr> client_conf::make_producer(client_context& context) && {
  rd_kafka_conf_set_dr_msg_cb(conf_.get(), on_delivery);
  return std::move(*this).make(RD_KAFKA_PRODUCER, context);
}

result<client_ptr> client_conf::make(int type, client_context& context) && {
  if (refused_)
    return *refused_;
  rd_kafka_conf_set_opaque(conf_.get(), &context);
  rd_kafka_conf_set_log_cb(conf_.get(), on_log);
  rd_kafka_conf_set_error_cb(conf_.get(), on_error);
  std::array<char, 512> reason{};
  client_ptr client{rd_kafka_new(static_cast<rd_kafka_type_t>(type), conf_.get(), reason.data(), reason.size())};
  if (!client)
    return {errc::invalid_configuration, reason.data()};
  static_cast<void>(conf_.release()); // it belongs to the client now
  return client;
}

client_conf consumer_conf(const session_settings& settings) {
  client_conf conf;
  set_common(conf, settings.brokers);
  const auto session_ms = settings.session_timeout.count();
  conf.set("group.id", settings.group)
      .set("session.timeout.ms", session_ms)
      .set("heartbeat.interval.ms", std::clamp<std::int64_t>(session_ms / 5, 200, 3000))
      // Polling never waits for inference, only for a commit; this is what a revoke with grace may take at most.
      .set("max.poll.interval.ms", std::max<std::int64_t>(60000, 2 * session_ms))
      .set("enable.auto.commit", "false")
      .set("enable.auto.offset.store", "false")
      .set("isolation.level", "read_committed")
      .set("auto.offset.reset", "error")
      .set("check.crcs", "true")
      .set("enable.partition.eof", "true")
      .set("topic.metadata.refresh.interval.ms", 60000)
      // A long poll is answered as soon as there is a byte; the wait only bounds how late a partition joins a fetch.
      .set("fetch.min.bytes", 1)
      .set("fetch.wait.max.ms", 100)
      .set("fetch.message.max.bytes", 1'048'576)
      .set("fetch.max.bytes", 8'388'608)
      .set("receive.message.max.bytes", 100'000'000)
      .set("fetch.error.backoff.ms", 100)
      // The bound of what is fetched ahead; the default pause of a second after reaching it would starve a fast
      // pipeline.
      .set("queued.min.messages", 20000)
      .set("queued.max.messages.kbytes", 32'768)
      .set_if_known("fetch.queue.backoff.ms", "5");
  if (cooperative_is_sound()) {
    conf.set("partition.assignment.strategy", "cooperative-sticky");
    if (settings.static_membership)
      conf.set("group.instance.id", instance_name(settings));
  } else {
    conf.set("partition.assignment.strategy", "range");
  }
  conf.set_all(settings.client);
  return conf;
}

client_conf producer_conf(const session_settings& settings, std::size_t batch_bytes) {
  client_conf conf;
  set_common(conf, settings.brokers);
  const auto transaction_ms = settings.transaction_timeout.count();
  const auto message_bytes = static_cast<std::int64_t>(settings.max_message_bytes);
  conf.set("socket.timeout.ms", std::min<std::int64_t>(10000, transaction_ms))
      .set("enable.idempotence", "true")
      .set("acks", "all")
      .set("message.timeout.ms", transaction_ms)
      .set("message.max.bytes", message_bytes)
      .set("batch.size", static_cast<std::int64_t>(batch_bytes))
      .set("queue.buffering.max.messages", 100000)
      .set("queue.buffering.max.kbytes", std::max<std::int64_t>(65'536, 2 * message_bytes / 1024))
      .set("compression.codec", "lz4")
      .set("linger.ms", 5) // a commit flushes without waiting for it
      // Between two transactions the coordinator asks to come again while the first is being finished.
      .set("retry.backoff.ms", 10)
      .set("partitioner", "murmur2_random") // where Java clients expect a key
      // Reports of success are what wakes a flush: without them it looks every 10 ms.
      .set("delivery.report.only.error", "false");
  if (settings.guarantee == delivery::exactly_once)
    conf.set("transactional.id", instance_name(settings)).set("transaction.timeout.ms", transaction_ms);
  conf.set_all(settings.client);
  return conf;
}

client_conf plain_conf(std::string_view brokers, const client_properties& client) {
  client_conf conf;
  set_common(conf, brokers);
  conf.set_all(client);
  return conf;
}

std::string instance_name(const session_settings& settings) {
  const auto exact = settings.group + "-" + host_name() + "-" + settings.instance;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_'
           || c == '-';
  };
  std::string name;
  std::uint64_t hash = 14695981039346656037ULL; // FNV-1a
  for (const char c : exact) {
    name.push_back(allowed(c) ? c : '_');
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  if (name == exact && name.size() <= 200)
    return name;
  name.resize(std::min<std::size_t>(name.size(), 200));
  return name + "-" + std::to_string(hash); // two names must stay two
}

bool cooperative_is_sound() noexcept {
  return rd_kafka_version() >= 0x020a0000;
}

} // namespace chalkstream::kafka
