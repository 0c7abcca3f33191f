// What the recipes over pictures do once their parts are read.
#pragma once

#include "pipelines/tools/training/training_run.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

/// Makes a learner of the parts by `make`, tells `began` how many examples each part has, and runs it. A checkpoint
/// must agree with `identity`, beside the run's own settings. Errors: those of `make` and of the run.
template <class Parts, class Make>
result<run_report> run_over_parts(Parts parts, std::vector<std::pair<std::string, std::string>> identity,
                                  const run_settings& run, const run_watcher& watcher,
                                  const std::function<void(std::size_t, std::size_t)>& began, Make make) {
  auto started = run;
  started.started_with = std::move(identity);
  const auto training = parts.training.size();
  const auto validation = parts.validation.size();
  CHALK_TRY(const auto what, make(std::move(parts)));
  if (began)
    began(training, validation);
  return run_training(*what, started, watcher);
}

} // namespace chalkstream::pipelines::tools
