// Writes records to a topic, for demos, benchmarks and tests. Not for results: those leave through a session.
#pragma once

#include "core/log.hpp"
#include "core/record.hpp"
#include "kafka/session.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace chalkstream::kafka {

/// What a record is made of when it is written. Nothing given is null, which differs from empty.
struct new_record {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::span<const header> headers{};
  /// -1: by key, as Java clients do, or any without a key.
  std::int32_t partition = -1;
  /// The epoch: now.
  wall_time timestamp{};
};

class topic_writer {
public:
  static result<topic_writer> make(const std::string& brokers, const std::string& topic,
                                   const client_properties& client, log& out);

  topic_writer(topic_writer&&) noexcept;
  topic_writer& operator=(topic_writer&&) noexcept;
  /// Waits a few seconds for what is still on its way; what is not confirmed by then is dropped with a warning.
  ~topic_writer();

  /// Queues a copy; waits for room in the queue. An error is the library's at once (too large, no such partition);
  /// failures of delivery are counted.
  result<void> write(const new_record& r);

  /// Waits until everything is confirmed. An error says how many were not.
  result<void> flush(std::chrono::milliseconds timeout);

  std::uint64_t confirmed() const noexcept;
  std::uint64_t failed() const noexcept;

private:
  struct state;
  explicit topic_writer(std::unique_ptr<state> s);

  std::unique_ptr<state> state_;
};

} // namespace chalkstream::kafka
