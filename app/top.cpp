#include "app/top_view.hpp"

#include "app/commands.hpp"
#include "app/failure.hpp"
#include "app/progress.hpp"
#include "app/signals.hpp"
#include "core/clock.hpp"
#include "monitoring/http_request.hpp"
#include "pipelines/configuration/configuration.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>
#include <unistd.h>

namespace chalkstream::app {

namespace {

using namespace std::chrono_literals;
using monitoring::http_address;

constexpr auto patience = 2s;
constexpr std::size_t max_page_bytes = std::size_t{16} << 20;

struct watched {
  std::string shown; // as it was given
  http_address where;
};

/// A process listens on every interface where its configuration names none.
std::string reachable(const std::string& listen) {
  return listen.starts_with(':') ? "127.0.0.1" + listen : listen;
}

result<std::vector<watched>> addresses(const top_options& options) {
  auto given = options.addresses;
  if (given.empty() && !options.configuration.empty()) {
    CHALK_TRY(const auto all, pipelines::load_configuration(options.configuration));
    if (all.listen.empty() || all.listen.ends_with(":0"))
      return {errc::invalid_configuration, all.file + ": monitoring.listen is '"
                                               + (all.listen.empty() ? "off" : all.listen)
                                               + "', which says no port: --address host:port is needed"};
    given.push_back(reachable(all.listen));
  }
  if (given.empty())
    given.push_back(reachable(pipelines::configuration{}.listen));
  std::vector<watched> list;
  for (const auto& text : given) {
    CHALK_TRY(auto where, monitoring::read_http_address(text));
    list.push_back({text, std::move(where)});
  }
  return list;
}

process_reading read(const watched& process) {
  process_reading reading{process.shown, {}};
  const auto answer = monitoring::http_get(process.where, process.where.path.empty() ? "/metrics" : "",
                                           {.timeout = patience, .max_bytes = max_page_bytes});
  if (!answer) {
    reading.problem = answer.error().message;
  } else if (answer->status != 200) {
    reading.problem = "answered with status " + std::to_string(answer->status);
  } else if (auto page = monitoring::scraped_page::parse(answer->body); page) {
    reading.page = std::move(page).value();
  } else {
    reading.problem = page.error().message;
  }
  return reading;
}

/// All at once: one that hangs holds up none of the others.
std::vector<process_reading> read(const std::vector<watched>& processes) {
  std::vector<std::future<process_reading>> asked;
  asked.reserve(processes.size());
  for (const auto& p : processes)
    asked.push_back(std::async(std::launch::async, [&p] { return read(p); }));
  std::vector<process_reading> readings;
  readings.reserve(asked.size());
  for (auto& a : asked)
    readings.push_back(a.get());
  return readings;
}

void sleep_until(std::chrono::steady_clock::time_point then, const stop_signals& signals) {
  while (!signals.asked() && std::chrono::steady_clock::now() < then)
    std::this_thread::sleep_for(20ms);
}

} // namespace

int top(const top_options& options) {
  stop_signals signals;
  const auto processes = addresses(options);
  if (!processes)
    return report_failure(processes.error());
  const auto out = write_to(STDOUT_FILENO);
  const auto interval = std::chrono::duration_cast<std::chrono::milliseconds>(of_seconds(options.interval));
  auto before = read(*processes);
  auto taken = std::chrono::steady_clock::now();
  std::size_t drawn = 0;
  while (!signals.asked()) {
    sleep_until(taken + interval, signals);
    auto now = read(*processes);
    const auto at = std::chrono::steady_clock::now();
    const auto screen = terminal::of(STDOUT_FILENO);
    const auto rows = rows_between(before, now, in_seconds(at - taken));
    const auto lines = format_top(
        rows, now, screen.interactive ? screen.width - std::min<std::size_t>(screen.width, 1) : std::string::npos);
    std::string text = screen.interactive ? erase_lines(drawn) : drawn > 0 ? "\n" : "";
    for (const auto& line : lines)
      text += line + "\n";
    out(text);
    drawn = lines.size();
    if (options.once)
      return rows.processes > 0 ? exit_ok : exit_failed;
    before = std::move(now);
    taken = at;
  }
  return exit_ok;
}

} // namespace chalkstream::app
