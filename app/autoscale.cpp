// autoscale simulate: ways of scaling on traces, compared on the screen and into files.
#include "app/commands.hpp"
#include "app/failure.hpp"
#include "app/progress.hpp"
#include "app/text_table.hpp"
#include "app/written_file.hpp"
#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/spelling.hpp"
#include "pipelines/tools/evaluation/markup.hpp"
#include "pipelines/tools/scaling/comparison_json.hpp"
#include "pipelines/tools/scaling/comparison_page.hpp"
#include "pipelines/tools/scaling/oulad_trace.hpp"
#include "pipelines/tools/scaling/trace_file.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace chalkstream::app {

namespace tools = pipelines::tools;

namespace {

constexpr std::size_t width_of_a_file = 160;

// A name of ours, a folder with the dataset, or a person's own file.
result<tools::arrival_trace> read_trace(const std::string& name, const simulate_options& options) {
  const auto ours = tools::made_up_traces();
  if (std::ranges::find(ours, name) != ours.end())
    return tools::make_trace(name, options.seed);
  std::error_code ignored;
  if (!std::filesystem::exists(name, ignored))
    return error{errc::not_found,
                 "there is no trace and no file '" + name + "'" + pipelines::did_you_mean(name, ours)};
  if (std::filesystem::is_directory(name, ignored))
    return tools::read_oulad(name, options.scale.value_or(20), options.seed);
  CHALK_TRY(auto trace, tools::read_trace(name, options.work, options.scale.value_or(1), options.seed));
  trace.bursts = options.bursts;
  return trace;
}

result<std::optional<scaling_settings>> configured(const std::filesystem::path& file) {
  if (file.empty())
    return std::optional<scaling_settings>{};
  CHALK_TRY(const auto all, pipelines::load_configuration(file));
  if (!all.scaling || all.scaling->actuator != pipelines::scaling_actuator::processes)
    return error{errc::invalid_configuration,
                 file.string() + ": there is no `autoscaling` of the mode processes to simulate"};
  return std::optional(all.scaling->policy);
}

void print(const tools::scaling_comparison& c, std::size_t width) {
  text_table table({"policy", "setting", "replica-hours", "misses", "p99 drain", "turns/burst", "most"});
  for (const auto& [what, run] : tools::shown_runs(c))
    table.add({std::string(what), run->policy, tools::fixed(run->replica_hours, 1), format_count(run->misses),
               format_seconds(run->p99_drain), tools::fixed(run->turns_per_burst(c.trace), 2),
               std::to_string(run->most_replicas)});
  std::printf("%s: %s\n%s records, each due within %s\n", c.trace.name.c_str(), c.trace.about.c_str(),
              format_count(c.ours.records).c_str(), format_seconds(c.trace.work.deadline).c_str());
  for (const auto& line : table.lines(width))
    std::printf("%s\n", line.c_str());
  std::printf("ours takes %.1f %% fewer replica-hours than the fewest fixed that miss no more\n\n", 100 * c.saved());
}

} // namespace

int simulate_scaling(const simulate_options& options) {
  if (options.work.least > options.work.most)
    return report_failure({errc::invalid_argument, "--min is above --max, " + std::to_string(options.work.most)});
  const auto policy = configured(options.configuration);
  if (!policy)
    return report_failure(policy.error());
  auto names = options.traces;
  if (names.empty())
    for (const auto name : tools::made_up_traces())
      names.emplace_back(name);
  tools::simulation_settings settings;
  settings.pace.startup = options.startup;
  settings.rival_step = options.rival_step;
  if (*policy)
    settings.pace.startup = in_seconds((*policy)->startup);
  const auto screen = terminal::of(STDOUT_FILENO);
  std::vector<tools::scaling_comparison> all;
  for (const auto& name : names) {
    auto trace = read_trace(name, options);
    if (!trace)
      return report_failure(trace.error());
    if (*policy) {
      trace->work.least = (*policy)->least;
      trace->work.most = (*policy)->most;
    }
    const auto ours = policy->value_or(tools::usual_settings(*trace, settings));
    {
      progress bar{terminal::of(STDERR_FILENO), write_to(STDERR_FILENO)};
      all.push_back(tools::compare(std::move(*trace), ours, settings,
                                   [&](double done) { bar.update("simulating " + name, done); }));
    }
    print(all.back(), screen.interactive ? screen.width : width_of_a_file);
  }
  if (!options.html.empty())
    if (auto written = write_file(options.html, tools::to_page(all)); !written)
      return report_failure(written.error());
  if (!options.json.empty())
    if (auto written = write_file(options.json, tools::to_json(all, options.seed) + "\n"); !written)
      return report_failure(written.error());
  return exit_ok;
}

} // namespace chalkstream::app
