#include "app/console_log.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>

namespace chalkstream::app {

namespace {

constexpr std::size_t longest_message = 8192;

std::string_view word(log_level level) {
  switch (level) {
  case log_level::debug:
    return "debug";
  case log_level::info:
    return "info";
  case log_level::warning:
    return "warning";
  case log_level::error:
    return "error";
  }
  return "unknown";
}

std::string timestamp(wall_time at) {
  const auto since = at.time_since_epoch().count();
  const auto seconds = static_cast<std::time_t>(since / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  const auto n = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 16> millis{};
  std::snprintf(millis.data(), millis.size(), ".%03dZ", static_cast<int>(since % 1000));
  return std::string(text.data(), n) + millis.data();
}

std::string escaped(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string all;
  all.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      all += "\\n";
    else if (byte < 0x20 || byte == 0x7f)
      all += {'\\', 'x', hex[byte >> 4U], hex[byte & 15U]};
    else
      all += c;
  }
  return all;
}

// Only the log's own thread comes here.
class line_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
  explicit line_sink(std::function<void(std::string_view)> destination) : destination_(std::move(destination)) {}

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view line(message.payload.data(), message.payload.size());
    if (destination_) {
      destination_(line);
      return;
    }
    std::string whole(line);
    whole += '\n';
    std::fwrite(whole.data(), 1, whole.size(), stderr);
  }
  void flush_() override {}

private:
  std::function<void(std::string_view)> destination_;
};

} // namespace

std::string format_line(bool json, wall_time at, log_level level, std::string_view component,
                        std::string_view message, std::string_view trace) {
  const bool cut = message.size() > longest_message;
  std::string text(message.substr(0, longest_message));
  if (cut)
    text += "...";
  if (json) {
    nlohmann::ordered_json line{
        {"time", timestamp(at)}, {"level", word(level)}, {"component", component}, {"message", text}};
    if (!trace.empty())
      line["trace_id"] = trace;
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  auto line = timestamp(at) + " " + std::string(word(level)) + " " + escaped(component) + ": " + escaped(text);
  return trace.empty() ? line : line + " trace_id=" + escaped(trace);
}

struct console_log::state {
  explicit state(console_log_settings s)
      : settings(std::move(s)), pool(std::make_shared<spdlog::details::thread_pool>(settings.queue, 1)),
        logger(std::make_shared<spdlog::async_logger>("chalkstream",
                                                      std::make_shared<line_sink>(settings.destination), pool,
                                                      spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_level(spdlog::level::trace);
  }

  console_log_settings settings;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
  std::atomic<std::size_t> reported{0};
};

console_log::console_log(console_log_settings settings) : state_(std::make_unique<state>(std::move(settings))) {}
console_log::~console_log() = default;

void console_log::write(log_level level, std::string_view component, std::string_view message) {
  write_traced(level, component, message, {});
}

void console_log::write_traced(log_level level, std::string_view component, std::string_view message,
                               std::string_view trace) {
  const auto& s = state_->settings;
  if (level < s.level)
    return;
  const auto line = format_line(s.json, s.time->wall_now(), level, component, message, trace);
  state_->logger->log(spdlog::source_loc{}, spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  if (!s.dropped)
    return;
  const std::size_t now = state_->pool->overrun_counter();
  auto before = state_->reported.load();
  while (before < now && !state_->reported.compare_exchange_weak(before, now)) {
  }
  if (before < now)
    s.dropped(now - before);
}

std::uint64_t console_log::dropped() const {
  return state_->pool->overrun_counter();
}

} // namespace chalkstream::app
