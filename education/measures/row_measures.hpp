// Figures of a table's rows, of all of them and of each subgroup, each with its interval. What the rows are and which
// figures they have is up to a set of measures: label_measures, score_measures, text_measures.
#pragma once

#include "education/measures/bootstrap.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::education::measures {

/// A table with its figures. What can be computed of a row alone was computed when the set was made, so that asking
/// for a subgroup or a resample is cheap. Immutable, hence thread-safe.
class row_measures {
public:
  virtual ~row_measures() = default;

  /// Below 2³².
  virtual std::size_t rows() const = 0;
  virtual const std::vector<std::string>& names() const = 0;

  /// One for each name, in that order; NaN where the rows do not define it.
  virtual std::vector<double> of(row_list rows) const = 0;
};

struct figure {
  std::string name;
  double value = 0;
  /// NaN at both ends without a bootstrap.
  interval range;
};

struct group_figures {
  std::string group; // empty for all rows
  std::size_t rows = 0;
  std::vector<figure> figures;
};

struct measured {
  group_figures all;
  /// In ascending order of their names; empty without subgroups.
  std::vector<group_figures> groups;
};

/// `groups` names the subgroup of each row, or is empty. Each subgroup is resampled by itself, with the same seed.
measured measure(const row_measures& set, std::span<const std::string> groups, const bootstrap_settings& settings);

} // namespace chalkstream::education::measures
