// The configured models, loaded once on each of their devices however many pipelines use them.
#pragma once

#include "actors/scheduler.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/observer.hpp"
#include "education/summary_head.hpp"
#include "models/repository.hpp"
#include "models/text/tokenizer.hpp"
#include "monitoring/registry.hpp"
#include "pipelines/configuration/configuration.hpp"
#include "pipelines/model_places.hpp"
#include "pipelines/text_task.hpp"

#include <string>
#include <vector>

namespace chalkstream::pipelines {

struct shelved_model {
  /// On the first device that it was loaded on.
  models::loaded_model loaded;
  /// Null of a model that sees images, unless it writes to them or has words to compare them with.
  std::shared_ptr<const text::tokenizer> tokenizer;
  std::vector<std::string> languages;
  /// Of an encoder whose directory has one, else null.
  std::shared_ptr<const education::summary_head> summary_head;

  /// Else it reads texts.
  bool sees_images() const noexcept { return loaded.pictures != nullptr || loaded.reads_pages; }

  /// As a task needs to know it; `index` is its place in that pipeline's list.
  task_model for_task(std::size_t index) const;
};

class model_shelf {
public:
  /// Loads and warms up all of them, several at once. Blocks. An error names the place in the configuration.
  static result<model_shelf> load(const configuration& wanted, observer& watch, log& journal);

  /// By its index in configuration::models.
  const shelved_model& at(std::size_t model) const { return models_.at(model); }

  /// The scheduler's devices, in the configuration's order.
  static std::vector<actors::scheduled_device> devices(const configuration& wanted, monitoring::registry& counts);

  /// Its models, in theirs. Budgets found by search are kept under state_dir. The last three
  /// outlive the engine. A model that is loaded again must be what it was: results name its digest.
  std::vector<actors::scheduled_model> scheduled(const configuration& wanted, monitoring::registry& counts,
                                                 observer& watch, log& journal) const;

private:
  std::vector<shelved_model> models_;
  std::vector<std::vector<held_model>> places_; // by model
};

} // namespace chalkstream::pipelines
