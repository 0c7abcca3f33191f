// The real logger behind core's log port: one line a message, written by a thread of its own.
//
// Whoever writes never waits for the destination: the queue is bounded, and when it is full the oldest line goes and
// is counted. A line is "2026-11-24T03:08:38.123Z warning kafka: message", or one JSON object with time, level,
// component and message. About a record that is part of a trace it ends with "trace_id=…", or has that field. Control
// characters are escaped, so that no message can pose as another line.
#pragma once

#include "core/clock.hpp"
#include "core/log.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace chalkstream::app {

struct console_log_settings {
  log_level level = log_level::info;
  bool json = false;
  /// Lines that may wait to be written.
  std::size_t queue = 4096;
  /// Takes one line without its end, on the log's thread; must not throw. None: standard error.
  std::function<void(std::string_view line)> destination = {};
  /// So many lines were dropped; called by whoever writes next, must return at once.
  std::function<void(std::size_t lines)> dropped = {};
  const clock* time = &clock::system();
};

class console_log final : public log {
public:
  explicit console_log(console_log_settings settings = {});

  /// Writes what waits, which takes as long as the destination does.
  ~console_log() override;

  void write(log_level level, std::string_view component, std::string_view message) override;
  void write_traced(log_level level, std::string_view component, std::string_view message,
                    std::string_view trace) override;

  /// Lines dropped so far.
  std::uint64_t dropped() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// One line as it is written; a message longer than 8 KiB is cut.
std::string format_line(bool json, wall_time at, log_level level, std::string_view component,
                        std::string_view message, std::string_view trace = {});

} // namespace chalkstream::app
