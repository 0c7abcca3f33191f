// Makes each configured pipeline's task: which models it uses, with which settings.
#pragma once

#include "core/log.hpp"
#include "core/observer.hpp"
#include "core/task.hpp"
#include "pipelines/configuration/configuration.hpp"
#include "pipelines/model_shelf.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <vector>

namespace chalkstream::pipelines {

struct pipeline_task {
  std::shared_ptr<const task> steps;
  /// work::model is an index into this list of indices into configuration::models.
  std::vector<std::size_t> models;
};

/// What tasks are made with beside their own settings and models.
struct task_surroundings {
  std::shared_ptr<const education::pseudonymiser> pseudonyms;
  /// Where passages' vectors are kept.
  std::filesystem::path state_dir;
  /// Ends what is being fetched from other machines.
  std::stop_token stop = {};
  /// For what follows a topic beside its own.
  std::string brokers = {};
  kafka::client_properties client = {};
  /// That may embed at once, before anything is served.
  std::size_t cores = 1;
  std::shared_ptr<const result_groups> groups = nullptr;
  observer* watch = &observer::none();
  log* journal = &log::none();
};

/// Blocks while a catalogue or course material is read and embedded. Errors name the place in the configuration.
result<pipeline_task> make_task(const pipeline_configuration& wanted, const model_shelf& shelf,
                                const task_surroundings& with);

/// Whether its catalogue or course material can be read, and what files of other machines are fetched with, without a model. Errors name the place in the configuration,
/// the file and the line.
result<void> check_task(const pipeline_configuration& wanted);

} // namespace chalkstream::pipelines
