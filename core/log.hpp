// The log port. Components write through it; app binds it to the real logger. Messages never contain submission
// text, learner ids or secrets. `write` may be called from any thread and must not block on its destination.
#pragma once

#include <cstdint>
#include <string_view>

namespace chalkstream {

enum class log_level : std::uint8_t { debug, info, warning, error };

class log {
public:
  virtual ~log() = default;
  virtual void write(log_level level, std::string_view component, std::string_view message) = 0;

  /// A message about one record that is part of a trace, and the trace's id in hexadecimal; empty: of none. A log
  /// with no place of its own for the id puts it behind the message.
  virtual void write_traced(log_level level, std::string_view component, std::string_view message,
                            std::string_view trace);

  void debug(std::string_view component, std::string_view message) { write(log_level::debug, component, message); }
  void info(std::string_view component, std::string_view message) { write(log_level::info, component, message); }
  void warning(std::string_view component, std::string_view message) { write(log_level::warning, component, message); }
  void error(std::string_view component, std::string_view message) { write(log_level::error, component, message); }

  /// Discards everything. Lives as long as the process.
  static log& none();
};

} // namespace chalkstream
