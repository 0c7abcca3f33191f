#include "app/commands.hpp"
#include "app/console_log.hpp"
#include "app/failure.hpp"
#include "app/progress.hpp"
#include "app/signals.hpp"
#include "pipelines/service.hpp"
#include "pipelines/versions.hpp"

#include <cstdio>
#include <optional>
#include <unistd.h>

namespace chalkstream::app {

int serve(const serve_options& options) {
  stop_signals signals;
  auto wanted = pipelines::load_configuration(options.configuration);
  if (!wanted)
    return report_failure(wanted.error());
  if (!options.listen.empty())
    wanted->listen = options.listen;
  console_log journal{{.level = wanted->log, .json = wanted->log_as_json}};

  // A bar on a terminal; elsewhere the log says it.
  std::optional<progress> bar;
  if (const auto screen = terminal::of(STDERR_FILENO); screen.interactive)
    bar.emplace(screen, write_to(STDERR_FILENO));
  pipelines::service_environment environment;
  environment.journal = &journal;
  environment.built = pipelines::build_facts();
  environment.dropped_log_lines = [&journal] { return journal.dropped(); };
  environment.progress = [&bar](std::string_view step, double fraction) {
    if (bar)
      bar->update(step, fraction);
  };
  auto started = pipelines::service::start(*wanted, environment);
  if (!started)
    return report_failure(started.error());
  auto& service = **started;
  signals.on_first([&service, &journal] {
    journal.info("serve", "asked to stop: finishing what is on a device, committing, leaving the group");
    service.drain();
  });

  std::optional<result<void>> ready;
  while (!ready)
    ready = service.wait_ready(std::chrono::seconds(1));
  bar.reset();
  if (!*ready && ready->error().code != errc::cancelled)
    return report_failure(ready->error());
  if (*ready) {
    std::printf("ready: brokers %s, metrics http://%s/metrics\n", service.brokers().c_str(),
                service.metrics_address().c_str());
    std::fflush(stdout);
  }
  std::optional<result<void>> end;
  while (!end)
    end = service.wait_for(std::chrono::seconds(5));
  return *end ? exit_ok : report_failure(end->error());
}

} // namespace chalkstream::app
