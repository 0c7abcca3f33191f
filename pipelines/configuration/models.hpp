// The section `models`, and the keys of pipelines that name one of them.
#pragma once

#include "pipelines/configuration/config_file.hpp"
#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/devices.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

/// `token_budget`: auto, which is nothing, or a number; `otherwise` if it is absent.
std::optional<std::size_t> read_budget(config_section& section, std::optional<std::size_t> otherwise);

class model_sections {
public:
  /// The file outlives it.
  explicit model_sections(const config_file& file) : file_(file) {}

  /// In the file's order.
  model_configuration read(const yaml_entry& entry, const engine_configuration& engine,
                           const device_sections& devices);

  /// The index of the model that `key` names. Its output becomes what this pipeline needs, unless the file says it
  /// or another pipeline needs it otherwise, which is complained of.
  std::optional<std::size_t> named(config_section& section, std::string_view key, models::head needed,
                                   std::vector<model_configuration>& models);

private:
  const config_file& file_;
  std::vector<bool> outputs_said_; // of each model: its output is settled
};

} // namespace chalkstream::pipelines
