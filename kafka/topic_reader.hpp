// Reads a topic from its start, all partitions, without a group: for demos, benchmarks and tests.
#pragma once

#include "core/log.hpp"
#include "core/record.hpp"
#include "kafka/session.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
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

  std::shared_ptr<state> state_;
};

} // namespace chalkstream::kafka
