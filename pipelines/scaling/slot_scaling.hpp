// What the autoscaler inside a process is made of, from the configuration.
#pragma once

#include "actors/autoscaler.hpp"
#include "monitoring/registry.hpp"
#include "pipelines/configuration/configuration.hpp"
#include "pipelines/model_shelf.hpp"

#include <optional>
#include <vector>

namespace chalkstream::pipelines {

/// Nothing unless the mode is `slots`. Lets each of `models`, which are in the configuration's order, hold as many
/// slots as its policy may ask for, and models of several devices move between them. `counts` and `journal` outlive
/// the engine.
result<std::optional<actors::autoscaler_settings>> slot_scaling(const configuration& wanted, const model_shelf& shelf,
                                                                std::vector<actors::scheduled_model>& models,
                                                                monitoring::registry& counts, log& journal);

} // namespace chalkstream::pipelines
