// The part of the configuration that is about autoscaling.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/section.hpp"

#include <string>

namespace chalkstream::pipelines {

/// Reads `autoscaling`, once the models are read; nothing if it is absent.
std::optional<scaling_configuration> read_scaling(config_section& top,
                                                  const std::vector<model_configuration>& models);

/// As YAML that reads back the same; empty without autoscaling.
std::string describe_scaling(const std::optional<scaling_configuration>& scaling,
                             const std::vector<model_configuration>& models);

} // namespace chalkstream::pipelines
