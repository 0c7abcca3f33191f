// What `helm template` wrote of our chart: the configuration that its processes would have, and who they are.
#pragma once

#include "core/error.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace chalkstream::pipelines {

struct rendered_chart {
  std::string name; // of the StatefulSet
  std::string space;
  std::string configuration; // the text of the file
  std::string checksum;      // of that text, as the chart has it
};

/// `file` stands for the text in messages. A text that is no YAML is `corrupt`; one that has not one StatefulSet and
/// one configuration in it, `invalid_argument`.
result<rendered_chart> parse_rendered_chart(std::string_view text, std::string_view file);

/// "-" is standard input.
result<rendered_chart> load_rendered_chart(const std::filesystem::path& file);

/// PromQL matchers of its processes, by the labels that the Prometheus operator gives to a ServiceMonitor's targets.
std::string matchers_of(const rendered_chart& chart);

} // namespace chalkstream::pipelines
