// eval: predictions against a reference, on the screen and into files.
#include "app/commands.hpp"
#include "app/evaluation_table.hpp"
#include "app/failure.hpp"
#include "app/progress.hpp"
#include "pipelines/tools/evaluation/evaluation_json.hpp"
#include "pipelines/tools/evaluation/evaluation_page.hpp"

#include <cstdio>
#include <fstream>
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

result<void> write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << text;
  file.close();
  return file ? result<void>{} : result<void>{errc::io, path.string() + " cannot be written"};
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
