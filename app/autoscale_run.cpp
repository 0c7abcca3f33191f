#include "app/commands.hpp"
#include "app/console_log.hpp"
#include "app/failure.hpp"
#include "app/signals.hpp"
#include "pipelines/configuration/yaml_tree.hpp"
#include "pipelines/scaling/manifests.hpp"
#include "pipelines/scaling/process_scaler.hpp"
#include "pipelines/scaling/rendered_chart.hpp"
#include "pipelines/versions.hpp"

#include <cstdio>
#include <filesystem>

namespace chalkstream::app {

namespace {

// Beyond what a process allows itself to drain.
constexpr auto more_grace = std::chrono::seconds(10);

pipelines::manifest_kind kind_of(const std::string& name) {
  return name == "hpa"     ? pipelines::manifest_kind::hpa
         : name == "rules" ? pipelines::manifest_kind::rules
                           : pipelines::manifest_kind::keda;
}

// Models, keys and material are for the processes to read, which are another user, or elsewhere.
result<pipelines::configuration> policy_in(const std::filesystem::path& file) {
  CHALK_TRY(const auto text, pipelines::read_yaml(file));
  return pipelines::parse_configuration(text, file.string(), "/");
}

result<std::string> manifests(const autoscale_manifests_options& options) {
  pipelines::manifest_wish wish{.kind = kind_of(options.kind),
                                .space = options.space,
                                .matchers = options.matchers,
                                .partitions = options.partitions,
                                .authentication = options.authentication};
  if (!options.target.empty())
    wish.target = options.target;
  if (options.chart.empty()) {
    CHALK_TRY(const auto wanted, policy_in(options.configuration));
    return pipelines::scaling_manifests(wanted, wish);
  }
  CHALK_TRY(const auto chart, pipelines::load_rendered_chart(options.chart));
  CHALK_TRY(const auto wanted,
            pipelines::parse_configuration(chart.configuration, "the chart's chalkstream.yaml", "/"));
  if (options.target.empty())
    wish.target = "StatefulSet/" + chart.name;
  if (options.space.empty())
    wish.space = chart.space;
  if (options.matchers.empty())
    wish.matchers = pipelines::matchers_of(chart);
  wish.checksum = chart.checksum;
  return pipelines::scaling_manifests(wanted, wish);
}

} // namespace

int autoscale_run(const autoscale_run_options& options) {
  stop_signals signals;
  auto wanted =
      options.spawn ? pipelines::load_configuration(options.configuration) : policy_in(options.configuration);
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
  const auto text = manifests(options);
  if (!text)
    return report_failure(text.error());
  std::fputs(text->c_str(), stdout);
  return exit_ok;
}

} // namespace chalkstream::app
