// librdkafka's objects as owned pointers; internal to this folder. Its header is included by sources only, so the
// types are named here without being defined.
#pragma once

#include "core/error.hpp"

#include <memory>
#include <string>
#include <string_view>

struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_error_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_s;
struct rd_kafka_topic_partition_list_s;

namespace chalkstream::kafka {

struct handle_deleter {
  /// Blocks until librdkafka's threads have ended. Messages and topics made from it must be gone before.
  void operator()(rd_kafka_s* client) const noexcept;
  void operator()(rd_kafka_conf_s* conf) const noexcept;
  void operator()(rd_kafka_error_s* what) const noexcept;
  void operator()(rd_kafka_queue_s* queue) const noexcept;
  void operator()(rd_kafka_topic_s* topic) const noexcept;
  void operator()(rd_kafka_topic_partition_list_s* list) const noexcept;
};

using client_ptr = std::unique_ptr<rd_kafka_s, handle_deleter>;
using conf_ptr = std::unique_ptr<rd_kafka_conf_s, handle_deleter>;
using error_ptr = std::unique_ptr<rd_kafka_error_s, handle_deleter>;
using queue_ptr = std::unique_ptr<rd_kafka_queue_s, handle_deleter>;
using topic_ptr = std::unique_ptr<rd_kafka_topic_s, handle_deleter>;
using partition_list_ptr = std::unique_ptr<rd_kafka_topic_partition_list_s, handle_deleter>;

/// "Broker: Topic authorization failed (TOPIC_AUTHORIZATION_FAILED)", for a code of rd_kafka_resp_err_t.
std::string describe(int code);

/// The same for an error object, with librdkafka's own words about the occasion.
std::string describe(const rd_kafka_error_s& what);

/// Whether the code says that trying again may help.
errc to_errc(int code) noexcept;

} // namespace chalkstream::kafka
