// Reads a topic, all partitions, without a group: for demos, benchmarks and tests, and for what follows a topic
// beside the records it works on.
#pragma once

#include "core/log.hpp"
#include "core/record.hpp"
#include "kafka/session.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::kafka {

/// `uncommitted` sees what aborted transactions left behind too.
enum class isolation : std::uint8_t { committed, uncommitted };

class topic_reader {
public:
  /// Waits for the topic's partitions to be known, `timeout` at most.
  static result<topic_reader> open(const std::string& brokers, const std::string& topic, isolation level,
                                   const client_properties& client, std::chrono::milliseconds timeout, log& out);

  /// The same of committed records, from near the end: the newest `records`, an even share of each partition. Control
  /// records of transactions count.
  static result<topic_reader> open_at_newest(const std::string& brokers, const std::string& topic,
                                             std::size_t records, const client_properties& client,
                                             std::chrono::milliseconds timeout, log& out);

  topic_reader(topic_reader&&) noexcept;
  topic_reader& operator=(topic_reader&&) noexcept;
  ~topic_reader();

  /// Up to `max` records; waits for the first one, `timeout` at most. Records stay valid after the reader is gone.
  result<std::vector<record>> read(std::size_t max, std::chrono::milliseconds timeout);

  /// Whether everything up to the end of every partition has been read, as of the last read().
  bool at_end() const noexcept;

private:
  struct state;
  explicit topic_reader(std::shared_ptr<state> s);
  static result<topic_reader> open(const std::string& brokers, const std::string& topic, isolation level,
                                   std::optional<std::size_t> newest, const client_properties& client,
                                   std::chrono::milliseconds timeout, log& out);

  std::shared_ptr<state> state_;
};

} // namespace chalkstream::kafka
