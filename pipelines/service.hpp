// A configuration becomes a running, drainable engine: models loaded, tasks made, consumers in their groups, metrics
// served. This is the only place that assembles real parts for serving.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "monitoring/pipeline_snapshot.hpp"
#include "monitoring/process_probe.hpp"
#include "pipelines/configuration/configuration.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

struct service_environment {
  /// Outlives the service.
  log* journal = &log::none();
  monitoring::build_facts built;
  /// Lines the log has dropped so far, if it can drop any; asked now and then.
  std::function<std::uint64_t()> dropped_log_lines;
  /// How far a start-up step is, 0 to 1; from any thread.
  std::function<void(std::string_view step, double fraction)> progress;
};

class service {
public:
  /// Validates against the real world (models, key, topics), then starts. Blocks until the consumers are started, not
  /// until they have partitions. Errors say what a person should change.
  static result<std::unique_ptr<service>> start(const configuration& wanted, const service_environment& with);

  /// What `check` does: everything start() would find wrong before it consumes, without starting anything. With
  /// `offline` no broker is asked.
  static result<void> check(const configuration& wanted, bool offline, log& journal);

  ~service();

  /// Every consumer has its assignment; nothing after `timeout`, an error if the engine ended instead.
  std::optional<result<void>> wait_ready(std::chrono::nanoseconds timeout);
  bool ready() const;

  /// Waits for the end; nothing if `timeout` passes first.
  std::optional<result<void>> wait_for(std::chrono::nanoseconds timeout);

  /// Asks for an orderly end within the configured grace. Returns at once, from any thread.
  void drain();

  std::string brokers() const;
  /// "127.0.0.1:9464"; the real port where 0 was asked for. Empty if metrics are off.
  std::string metrics_address() const;
  std::vector<monitoring::pipeline_snapshot> snapshots() const;

private:
  struct state;
  explicit service(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace chalkstream::pipelines
