// Sending events to a running service and reading what becomes of them, for the demo and the load generator.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

class event_sender {
public:
  static result<std::unique_ptr<event_sender>> make(const std::string& brokers, const std::string& topic, log& journal);
  virtual ~event_sender() = default;

  /// Queues a copy; waits for room. No key: any partition.
  virtual result<void> send(std::optional<std::string_view> key, std::string_view value) = 0;
  /// Waits until the broker has confirmed everything.
  virtual result<void> flush(std::chrono::milliseconds timeout) = 0;
};

struct seen_result {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string value;
};

class result_watcher {
public:
  /// Reads committed records of the topic, from its start, without a group.
  static result<std::unique_ptr<result_watcher>> make(const std::string& brokers, const std::string& topic, log& journal);
  virtual ~result_watcher() = default;

  /// What is new; waits for the first one, `timeout` at most.
  virtual result<std::vector<seen_result>> read(std::chrono::milliseconds timeout) = 0;
};

} // namespace chalkstream::pipelines::tools
