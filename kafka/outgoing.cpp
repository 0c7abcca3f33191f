#include "kafka/outgoing.hpp"

#include "core/clock.hpp"
#include "core/dead_letter.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>

#ifdef __clang__
#pragma clang diagnostic ignored "-Wgnu-statement-expression" // RD_KAFKA_V_… check their arguments with one
#endif

namespace chalkstream::kafka {
namespace {

/// A longer key is left out of a claim check.
constexpr std::size_t longest_key = 4096;

std::string_view payload(const output& o) noexcept {
  return o.borrowed ? *o.borrowed : std::string_view{o.value};
}

} // namespace

std::size_t wire_bytes(const output& o) noexcept {
  std::size_t bytes = 64 + (o.key ? o.key->size() : 0) + (o.null_value ? 0 : payload(o).size());
  for (const auto& h : o.headers)
    bytes += 12 + h.name.size() + (h.value ? h.value->size() : 0);
  return bytes;
}

output claim_check(const output& o, std::string_view topic, std::string_view engine) {
  record source;
  source.partition = o.partition;
  source.offset = o.offset;
  source.timestamp = o.timestamp;
  if (o.key && o.key->size() <= longest_key)
    source.key = *o.key;
  const rejection why{reject_reason::result_too_large, stage::publish,
                      "a message of " + std::to_string(wire_bytes(o)) + " bytes is more than the topic accepts", 1};
  auto check = make_dead_letter(source, why, topic, engine);
  if (o.to == destination::results)
    return check;
  check.headers.clear();
  for (const auto& h : o.headers)
    if (h.name.starts_with("chalkstream_"))
      check.headers.push_back(h);
  check.headers.push_back({"chalkstream_omitted_bytes", std::to_string(payload(o).size())});
  return check;
}

output_topics::output_topics(rd_kafka_s* producer, const session_settings& settings)
    : producer_(producer), results_(rd_kafka_topic_new(producer, settings.results_topic.c_str(), nullptr)),
      dead_letters_(rd_kafka_topic_new(producer, settings.dead_letters_topic.c_str(), nullptr)) {}

int output_topics::produce(const output& o, std::uintptr_t tag) const {
  auto* topic = o.to == destination::results ? results_.get() : dead_letters_.get();
  if (topic == nullptr)
    return RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
  rd_kafka_headers_t* headers = nullptr;
  if (!o.headers.empty()) {
    headers = rd_kafka_headers_new(o.headers.size());
    for (const auto& h : o.headers)
      rd_kafka_header_add(headers, h.name.data(), static_cast<ssize_t>(h.name.size()),
                          h.value ? h.value->data() : nullptr, h.value ? static_cast<ssize_t>(h.value->size()) : 0);
  }
  // A broker refuses times far ahead of its own clock, and with them the whole transaction, for ever.
  const auto now = clock::system().wall_now();
  const auto time = std::min(o.timestamp, now).time_since_epoch().count();
  const auto bytes = payload(o);
  const char* key = o.key ? o.key->data() : nullptr;
  const auto key_size = o.key ? o.key->size() : 0;
  const char* value = o.null_value ? nullptr : bytes.data() == nullptr ? "" : bytes.data();
  const auto value_size = o.null_value ? 0 : bytes.size();
  const auto code = rd_kafka_producev(
      producer_, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_size),
      RD_KAFKA_V_VALUE(const_cast<char*>(value), value_size), RD_KAFKA_V_TIMESTAMP(std::max<std::int64_t>(time, 0)),
      RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(tag)), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR && headers != nullptr) // taken over only by a success
    rd_kafka_headers_destroy(headers);
  return code;
}

std::size_t smaller_batch(std::size_t bytes) noexcept {
  return bytes > 8192 ? bytes / 8 : 1;
}

} // namespace chalkstream::kafka
