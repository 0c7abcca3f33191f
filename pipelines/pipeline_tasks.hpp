// Makes each configured pipeline's task: which models it uses, with which settings.
#pragma once

#include "core/observer.hpp"
#include "core/task.hpp"
#include "pipelines/configuration.hpp"
#include "pipelines/model_shelf.hpp"

#include <memory>
#include <vector>

namespace chalkstream::pipelines {

struct pipeline_task {
  std::shared_ptr<const task> steps;
  /// work::model is an index into this list of indices into configuration::models.
  std::vector<std::size_t> models;
};

/// Blocks while a catalogue is read and embedded. Errors name the place in the configuration.
result<pipeline_task> make_task(const pipeline_configuration& wanted, const model_shelf& shelf,
                                std::shared_ptr<const education::pseudonymiser> pseudonyms, observer& watch);

} // namespace chalkstream::pipelines
