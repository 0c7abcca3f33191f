#include "kafka/session.hpp"

#include "kafka/at_least_once_sink.hpp"
#include "kafka/client_conf.hpp"
#include "kafka/consumer.hpp"
#include "kafka/transactional_sink.hpp"

#include <librdkafka/rdkafka.h>

namespace chalkstream::kafka {
namespace {

error wrong(std::string what) {
  return {errc::invalid_configuration, std::move(what)};
}

result<void> check_topic_name(std::string_view role, const std::string& name) {
  const auto bad = name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
  if (name.empty() || name.size() > 249 || name == "." || name == ".." || bad != std::string::npos)
    return wrong(std::string{role} + " topic '" + name
                 + "': Kafka allows 1 to 249 letters, digits, '.', '_' and '-', and neither '.' nor '..'");
  return {};
}

/// librdkafka checks what settings mean together, and loads certificates, only when a client is made. Without brokers
/// it contacts nobody.
result<void> try_out(client_conf conf, bool consumer) {
  client_context context{log::none()};
  conf.set("bootstrap.servers", "");
  auto made = consumer ? std::move(conf).make_consumer(context) : std::move(conf).make_producer(context);
  if (!made)
    return std::move(made).error();
  return {};
}

} // namespace

result<void> check_settings(const session_settings& settings) {
  CHALK_CHECK(check_brokers(settings.brokers));
  if (settings.group.empty())
    return wrong("the consumer group has no name");
  CHALK_CHECK(check_topic_name("input", settings.topic));
  CHALK_CHECK(check_topic_name("results", settings.results_topic));
  CHALK_CHECK(check_topic_name("dead-letters", settings.dead_letters_topic));
  if (settings.topic == settings.results_topic || settings.topic == settings.dead_letters_topic)
    return wrong("topic '" + settings.topic
                 + "' is read and written by the same pipeline: its results would come back "
                   "as input");
  for (const auto& [name, value] : settings.client)
    if (const auto why = why_refused(name))
      return wrong("'" + name + "' cannot be set: " + *why);
  for (const auto& [name, value] : settings.client)
    if (client_conf one; one.set(name, value).refused())
      return wrong("'" + name + "': " + one.refused()->message);
  CHALK_CHECK(try_out(consumer_conf(settings), true));
  return try_out(producer_conf(settings, first_batch_bytes), false);
}

result<session> make_session(const session_settings& settings, log& out) {
  CHALK_CHECK(check_settings(settings));
  for (const auto& [name, value] : settings.client)
    if ((name == "ssl.endpoint.identification.algorithm" && value == "none")
        || (name == "enable.ssl.certificate.verification" && value == "false"))
      out.warning("kafka", std::string("with ").append(name).append("=").append(value).append(
                               " anybody on the way can pose as the broker"));
  auto shared = std::make_shared<member>(settings, out);
  session made;
  made.counters = shared->counters;
  made.source = std::make_unique<consumer>(shared);
  if (settings.guarantee == delivery::exactly_once)
    made.sink = std::make_unique<transactional_sink>(shared);
  else
    made.sink = std::make_unique<at_least_once_sink>(shared);
  return made;
}

std::string library_version() {
  return rd_kafka_version_str();
}

} // namespace chalkstream::kafka
