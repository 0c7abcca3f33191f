// The parts of the configuration that say where models compute: `devices`, and each model's `device`.
#pragma once

#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/section.hpp"

#include <string>
#include <vector>

namespace chalkstream::pipelines {

/// A model's `device`, one or several, the one that is used first at the front; "cuda" is "cuda:0".
std::vector<std::string> read_device(config_section& model);

/// Reads `devices` before the models, which need to know how many slots there are, and is asked for the rest after
/// them.
class device_sections {
public:
  device_sections(config_section& top, const engine_configuration& engine, findings& wrong);

  /// Slots on all of these together.
  std::size_t slots(const std::vector<std::string>& names) const;

  /// The CPU, then what `devices` has and what models name, each once. Reports what no model names.
  std::vector<device_configuration> used_by(const std::vector<model_configuration>& models, findings& wrong) const;

private:
  struct said {
    device_configuration is;
    text_position at;
  };
  const said* find(const std::string& name) const;

  std::size_t cores_; // slots of the CPU
  std::vector<said> said_;
};

/// As YAML that reads back the same; empty where nothing needs to be said.
std::string describe_devices(const std::vector<device_configuration>& devices);

} // namespace chalkstream::pipelines
