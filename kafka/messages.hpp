// A message of librdkafka as a record that borrows it; internal to this folder.
#pragma once

#include "core/record.hpp"

#include <memory>

struct rd_kafka_message_s;

namespace chalkstream::kafka {

struct message_deleter {
  void operator()(rd_kafka_message_s* message) const noexcept;
};
using message_ptr = std::unique_ptr<rd_kafka_message_s, message_deleter>;

/// `owner` keeps the client alive, which a message must not outlive; copies of the record share both.
record to_record(message_ptr message, std::shared_ptr<const void> owner);

} // namespace chalkstream::kafka
