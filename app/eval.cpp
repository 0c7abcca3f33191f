// eval: predictions against a reference, on the screen and into files.
#include "app/commands.hpp"
#include "app/evaluation_table.hpp"
#include "app/failure.hpp"
#include "app/progress.hpp"
#include "app/written_file.hpp"
#include "pipelines/tools/evaluation/evaluation_json.hpp"
#include "pipelines/tools/evaluation/evaluation_page.hpp"

#include <cstdio>
#include <unistd.h>

namespace chalkstream::app {

namespace tools = pipelines::tools;

namespace {

constexpr std::size_t width_of_a_file = 160;

tools::evaluation_settings settings_of(const eval_options& options) {
  tools::evaluation_settings settings;
  settings.task = *tools::evaluated_task_from(options.task);
  settings.predictions = options.predictions;
  settings.references = options.references;
  settings.group = options.group;
  settings.bootstrap.resamples = options.bootstrap;
  settings.bootstrap.seed = options.seed;
  settings.scale = options.scale;
  settings.bins = options.bins;
  settings.rouge.stem = options.stem;
  if (options.any_script)
    settings.rouge.words = education::measures::words_of::any_script;
  settings.tokenizer = *education::measures::bleu_tokenizer_from(options.tokenizer);
  return settings;
}

} // namespace

int eval(const eval_options& options) {
  const auto made = tools::evaluate(settings_of(options));
  if (!made)
    return report_failure(made.error());
  const auto screen = terminal::of(STDOUT_FILENO);
  std::fputs(format_evaluation(*made, screen.interactive ? screen.width : width_of_a_file).c_str(), stdout);
  if (!options.json.empty())
    if (auto written = write_file(options.json, to_json(*made) + "\n"); !written)
      return report_failure(written.error());
  if (!options.report.empty())
    if (auto written = write_file(options.report, to_page(*made)); !written)
      return report_failure(written.error());
  return exit_ok;
}

} // namespace chalkstream::app
