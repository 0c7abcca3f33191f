#include "core/log.hpp"

#include <string>

namespace chalkstream {

namespace {

class silent_log final : public log {
public:
  void write(log_level, std::string_view, std::string_view) override {}
};

} // namespace

void log::write_traced(log_level level, std::string_view component, std::string_view message,
                       std::string_view trace) {
  if (trace.empty())
    write(level, component, message);
  else
    write(level, component, std::string(message).append(" trace_id=").append(trace));
}

log& log::none() {
  static silent_log instance;
  return instance;
}

} // namespace chalkstream
