// Reads a page in OpenMetrics' text form as strictly as the standard lets one, by other means than the page is
// written with: every line must be known, every family whole, every histogram add up.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::test {

struct read_exemplar {
  std::map<std::string, std::string> labels;
  double value = 0;
  double timestamp = 0;
};

struct read_sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
  std::optional<read_exemplar> exemplar;
};

struct read_family {
  std::string name, type, unit, help;
  std::vector<read_sample> samples;
};

struct read_page {
  std::vector<read_family> families;
  /// The first thing that is wrong, and where; empty if nothing is.
  std::string wrong;

  const read_family* family(std::string_view name) const;
  /// The sample of that name all of whose labels are these; null if there is none.
  const read_sample* sample(std::string_view name, const std::map<std::string, std::string>& labels) const;
};

read_page read_openmetrics(std::string_view text);

} // namespace chalkstream::test
