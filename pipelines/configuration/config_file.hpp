// The file that is being read, as far as its sections need to know it.
#pragma once

#include "pipelines/configuration/section.hpp"
#include "pipelines/configuration/yaml_tree.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace chalkstream::pipelines {

struct config_file {
  std::string name;
  /// Where relative paths start.
  std::filesystem::path base;
  /// Outlives it.
  findings& wrong;

  std::filesystem::path resolved(const std::filesystem::path& path) const;
  /// "exams.yaml:3:5"
  std::string place(text_position at) const;
};

/// Complains of a value that is no name of a group, a model and the like.
void check_name(config_section& section, std::string_view key, const std::string& name);

} // namespace chalkstream::pipelines
