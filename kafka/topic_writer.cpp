#include "kafka/topic_writer.hpp"

#include "kafka/client_conf.hpp"

#include <librdkafka/rdkafka.h>

#ifdef __clang__
#pragma clang diagnostic ignored "-Wgnu-statement-expression" // RD_KAFKA_V_… check their arguments with one
#endif

namespace chalkstream::kafka {

struct topic_writer::state {
  explicit state(log& out) : context(out) {}

  client_context context;
  client_ptr client;
  topic_ptr topic;
  std::uint64_t queued = 0;
  std::atomic<std::uint64_t> failed{0};
};

result<topic_writer> topic_writer::make(const std::string& brokers, const std::string& topic,
                                        const client_properties& client, log& out) {
  CHALK_CHECK(check_brokers(brokers));
  auto s = std::make_unique<state>(out);
  s->context.undelivered = [p = s.get()](int, std::uintptr_t) { ++p->failed; };
  client_conf conf = plain_conf(brokers, {});
  conf.set("enable.idempotence", "true")
      .set("partitioner", "murmur2_random")
      .set("compression.codec", "lz4")
      .set("linger.ms", 5)
      .set("message.max.bytes", 67'108'864)
      .set("queue.buffering.max.kbytes", 262'144)
      .set("delivery.report.only.error", "true")
      .set_all(client);
  CHALK_TRY(s->client, std::move(conf).make_producer(s->context));
  s->topic.reset(rd_kafka_topic_new(s->client.get(), topic.c_str(), nullptr));
  if (!s->topic)
    return {errc::invalid_argument, "'" + topic + "' is not the name of a topic"};
  return topic_writer{std::move(s)};
}

topic_writer::topic_writer(std::unique_ptr<state> s) : state_(std::move(s)) {}
topic_writer::topic_writer(topic_writer&&) noexcept = default;
topic_writer& topic_writer::operator=(topic_writer&&) noexcept = default;

topic_writer::~topic_writer() {
  if (!state_)
    return;
  if (const auto done = flush(std::chrono::seconds(5)); !done)
    state_->context.out.load()->warning("kafka", done.error().message);
  rd_kafka_purge(state_->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

result<void> topic_writer::write(const new_record& r) {
  const auto end = [](const std::optional<std::string_view>& v) { return v ? v->size() : 0; };
  const auto begin = [](const std::optional<std::string_view>& v) {
    return const_cast<char*>(!v ? nullptr : v->data() == nullptr ? "" : v->data());
  };
  while (true) {
    rd_kafka_headers_t* headers = r.headers.empty() ? nullptr : rd_kafka_headers_new(r.headers.size());
    for (const auto& h : r.headers)
      rd_kafka_header_add(headers, h.name.data(), static_cast<ssize_t>(h.name.size()),
                          h.value ? h.value->data() : nullptr, h.value ? static_cast<ssize_t>(h.value->size()) : 0);
    const auto code = rd_kafka_producev(
        state_->client.get(), RD_KAFKA_V_RKT(state_->topic.get()), RD_KAFKA_V_PARTITION(r.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(begin(r.key), end(r.key)),
        RD_KAFKA_V_VALUE(begin(r.value), end(r.value)), RD_KAFKA_V_TIMESTAMP(r.timestamp.time_since_epoch().count()),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++state_->queued;
      return {};
    }
    if (headers != nullptr)
      rd_kafka_headers_destroy(headers);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return {to_errc(code), describe(code)};
    rd_kafka_poll(state_->client.get(), 10);
  }
}

result<void> topic_writer::flush(std::chrono::milliseconds timeout) {
  rd_kafka_flush(state_->client.get(), static_cast<int>(timeout.count()));
  const auto open = rd_kafka_outq_len(state_->client.get());
  if (open == 0 && state_->failed == 0)
    return {};
  return {errc::unavailable, std::to_string(open) + " records are not confirmed yet and "
                                 + std::to_string(state_->failed.load()) + " were refused"};
}

std::uint64_t topic_writer::confirmed() const noexcept {
  return state_->queued - state_->failed - static_cast<std::uint64_t>(rd_kafka_outq_len(state_->client.get()));
}

std::uint64_t topic_writer::failed() const noexcept {
  return state_->failed;
}

} // namespace chalkstream::kafka
