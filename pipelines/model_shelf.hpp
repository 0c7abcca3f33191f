// The configured models, loaded once each however many pipelines use them.
#pragma once

#include "actors/scheduler.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/observer.hpp"
#include "models/repository.hpp"
#include "models/text/tokenizer.hpp"
#include "monitoring/registry.hpp"
#include "pipelines/configuration.hpp"
#include "pipelines/text_task.hpp"

#include <map>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

/// A model at its place in the scheduler's list.
struct shelved_model {
  std::size_t place = 0;
  models::loaded_model loaded;
  std::shared_ptr<const text::tokenizer> tokenizer;
  std::vector<std::string> languages;

  /// As a task needs to know it; `index` is its place in that pipeline's list.
  task_model for_task(std::size_t index) const;
};

class model_shelf {
public:
  /// Loads and warms up all of them, several at once. Blocks. An error names the model.
  static result<model_shelf> load(const configuration& wanted, monitoring::registry& counts, observer& watch,
                                  log& journal);

  const shelved_model& at(const std::string& name) const { return models_.at(name); }

  /// The list for the scheduler, in the order of `place`. Budgets found by search are kept under state_dir.
  std::vector<actors::scheduled_model> scheduled(const configuration& wanted, monitoring::registry& counts,
                                                 std::size_t slots, log& journal) const;

private:
  std::map<std::string, shelved_model> models_;
};

} // namespace chalkstream::pipelines
