#include "app/commands.hpp"
#include "app/signals.hpp"
#include "kafka/embedded_broker.hpp"

#include <cstdio>
#include <thread>

namespace chalkstream::app {

int broker(const broker_options& options) {
  stop_signals signals;
  auto started = kafka::embedded_broker::start({}, options.partitions);
  if (!started) {
    std::fprintf(stderr, "chalkstream: %s\n", started.error().message.c_str());
    return exit_failed;
  }
  std::printf("%s\n", (*started)->bootstrap().c_str());
  std::fprintf(stderr, "embedded broker: in memory, 5 MiB a partition, no exactly-once promise; Ctrl-C ends it\n");
  std::fflush(stdout);
  while (!signals.asked())
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return exit_ok;
}

} // namespace chalkstream::app
