#include "app/commands.hpp"
#include "app/console_log.hpp"
#include "app/failure.hpp"
#include "app/signals.hpp"
#include "pipelines/tools/embedded.hpp"

#include <cstdio>

namespace chalkstream::app {

int broker() {
  stop_signals signals;
  console_log journal{{.level = log_level::warning}};
  const auto started = [](const std::string& address) {
    std::printf("%s\n", address.c_str());
    std::fflush(stdout);
    std::fputs("embedded broker: in memory, 5 MiB a partition, nothing kept after exit, no exactly-once; Ctrl-C ends it\n",
               stderr);
  };
  auto done = pipelines::tools::run_embedded_broker(journal, started, [&] { return signals.asked(); });
  return done ? exit_ok : report_failure(done.error());
}

} // namespace chalkstream::app
