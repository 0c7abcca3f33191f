#include "app/commands.hpp"
#include "app/console_log.hpp"
#include "app/failure.hpp"
#include "app/signals.hpp"
#include "app/text_table.hpp"
#include "pipelines/tools/load.hpp"

#include <cstdio>

namespace chalkstream::app {

int bench(const bench_options& options) {
  stop_signals signals;
  console_log journal{{.level = log_level::warning}};
  pipelines::tools::load_settings settings;
  settings.brokers = options.brokers;
  settings.topic = options.topic;
  settings.results = options.results;
  settings.documents = options.documents;
  settings.type = options.type;
  settings.count = options.count;
  settings.rate = options.rate;
  settings.text_bytes = options.text_bytes;
  settings.timeout = std::chrono::seconds(static_cast<std::int64_t>(options.timeout));
  auto done = pipelines::tools::run_load(settings, journal, [&] { return signals.asked(); });
  if (!done)
    return report_failure(done.error());
  const auto rate = done->seconds > 0 ? static_cast<double>(done->answered) / done->seconds : 0;
  std::printf("sent %s, answered %s, repeated %s in %s: %s/s\np50 %s, p90 %s, p99 %s from sending to seeing\n",
              format_count(done->sent).c_str(), format_count(done->answered).c_str(),
              format_count(done->repeated).c_str(), format_seconds(done->seconds).c_str(), format_rate(rate).c_str(),
              format_seconds(done->p50).c_str(), format_seconds(done->p90).c_str(), format_seconds(done->p99).c_str());
  return done->answered == done->sent && done->repeated == 0 ? exit_ok : exit_failed;
}

} // namespace chalkstream::app
