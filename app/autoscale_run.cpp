#include "app/commands.hpp"
#include "app/console_log.hpp"
#include "app/failure.hpp"
#include "app/signals.hpp"
#include "pipelines/process_scaler.hpp"
#include "pipelines/scaling_manifests.hpp"
#include "pipelines/versions.hpp"

#include <cstdio>
#include <filesystem>

namespace chalkstream::app {

namespace {

// Beyond what a process allows itself to drain.
constexpr auto more_grace = std::chrono::seconds(10);

} // namespace

int autoscale_run(const autoscale_run_options& options) {
  stop_signals signals;
  auto wanted = pipelines::load_configuration(options.configuration);
  if (!wanted)
    return report_failure(wanted.error());
  if (const auto fine = pipelines::check_process_scaling(*wanted); !fine)
    return report_failure(fine.error());
  console_log journal{{.level = wanted->log, .json = wanted->log_as_json}};
  std::unique_ptr<pipelines::process_fleet> fleet;
  if (options.spawn) {
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed).string();
    if (failed)
      return report_failure({errc::io, "/proc/self/exe: " + failed.message()});
    const auto listen = [&wanted](std::size_t number) {
      return std::vector<std::string>{"--listen", pipelines::listen_address(*wanted, number)};
    };
    fleet = pipelines::spawn_fleet({program, "serve", "--config", options.configuration.string()}, listen,
                                   wanted->engine.drain_grace + more_grace, journal);
  } else {
    fleet = pipelines::systemd_fleet(options.unit, journal);
  }
  const auto end =
      pipelines::run_process_scaling(*wanted, {options.matchers, options.listen, pipelines::build_facts()}, *fleet,
                                     journal, [&signals] { return signals.asked(); });
  return end ? exit_ok : report_failure(end.error());
}

int autoscale_manifests(const autoscale_manifests_options& options) {
  const auto wanted = pipelines::load_configuration(options.configuration);
  if (!wanted)
    return report_failure(wanted.error());
  const auto text = pipelines::scaling_manifests(
      *wanted, {options.kind == "hpa" ? pipelines::manifest_kind::hpa : pipelines::manifest_kind::keda,
                options.target, options.space, options.matchers});
  if (!text)
    return report_failure(text.error());
  std::fputs(text->c_str(), stdout);
  return exit_ok;
}

} // namespace chalkstream::app
