// The devices that a model is on. Where a device's memory is bounded by the configuration, models come there in the
// order of their urgency, as long as there is room; who may be somewhere else as well need not be there.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/observer.hpp"
#include "models/repository.hpp"
#include "pipelines/configuration/configuration.hpp"

#include <memory>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

/// A model on one device.
struct held_model {
  std::string device;
  /// Null: not there yet, or there is no room for it.
  std::shared_ptr<const model> compute = {};
  /// It is to be there when it can be.
  bool wanted = true;
};

/// Weights alone: no tokenizer. Blocks. An error names the place in the configuration.
result<models::loaded_model> load_weights(const model_configuration& wanted, const std::string& device,
                                          const std::filesystem::path& state_dir, observer& watch, log& journal);

/// What it takes on a device, as far as that is known: its weights, and room for texts where it writes.
std::size_t bytes_of(const model_configuration& wanted, const models::loaded_model& loaded);

/// That of the most urgent pipeline that uses it; bulk if none does.
priority urgency_of(const configuration& all, std::size_t model);

/// Which of its devices each model is loaded on first, by the configuration's order: the first of them without a
/// bound, or else the first.
std::vector<std::size_t> first_devices(const configuration& all);

/// Loads each model, which `loaded` has on the first of its devices, on the others too. A device that has no memory
/// for one leaves it out, with a warning. By model, then by model_configuration::devices.
result<std::vector<std::vector<held_model>>> load_elsewhere(const configuration& all,
                                                            const std::vector<const models::loaded_model*>& loaded,
                                                            observer& watch, log& journal);

/// The weights go with the last who holds them, and the memory that the allocators would keep for later.
std::shared_ptr<const model> giving_memory_back(std::shared_ptr<const model> loaded, const std::string& device);

} // namespace chalkstream::pipelines
