#include "kafka/messages.hpp"

#include <librdkafka/rdkafka.h>

namespace chalkstream::kafka {
namespace {

std::optional<std::string_view> view(const void* bytes, std::size_t size) {
  if (bytes == nullptr)
    return {};
  return std::string_view{static_cast<const char*>(bytes), size};
}

} // namespace

void message_deleter::operator()(rd_kafka_message_s* message) const noexcept {
  rd_kafka_message_destroy(message);
}

record to_record(message_ptr message, std::shared_ptr<const void> owner) {
  record r;
  r.partition = message->partition;
  r.offset = message->offset;
  rd_kafka_timestamp_type_t kind{};
  const auto milliseconds = rd_kafka_message_timestamp(message.get(), &kind);
  r.timestamp = wall_time{std::chrono::milliseconds{milliseconds < 0 ? 0 : milliseconds}};
  r.key = view(message->key, message->key_len);
  r.value = view(message->payload, message->len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message.get(), &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto count = rd_kafka_header_cnt(headers);
    r.headers.reserve(count);
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i)
      if (rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR)
        r.headers.push_back({name, view(value, size)});
  }
  r.memory = std::shared_ptr<const void>(message.release(), [owner = std::move(owner)](const void* m) {
    rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(const_cast<void*>(m)));
  });
  return r;
}

} // namespace chalkstream::kafka
