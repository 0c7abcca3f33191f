// The two files of `chalkstream eval` as one table: each reference with the prediction of the same id, in the
// references' order.
#pragma once

#include "education/measures/score_measures.hpp"
#include "education/measures/text_measures.hpp"
#include "pipelines/tools/evaluation/value_lines.hpp"

#include <iosfwd>

namespace chalkstream::pipelines::tools {

struct joined_rows {
  std::size_t count = 0;
  /// One a row; empty if no subgroup was asked for.
  std::vector<std::string> groups;

  // The task's own, the others stay empty.
  std::vector<std::string> predicted_labels;
  std::vector<std::string> reference_labels;
  std::vector<double> confidence; // empty if the predictions have none
  education::measures::scored_rows scores;
  education::measures::text_rows texts;
};

struct named_input {
  std::istream& in;
  /// As errors call it.
  std::string name;
};

struct join_settings {
  evaluated_task task = evaluated_task::classify;
  /// The field that names a row's subgroup; empty: no subgroups.
  std::string group;
  /// The labels there are; empty: any.
  std::vector<std::string> scale;
};

/// Reads both to their end; blank lines are passed over. The subgroup is read from the reference, or from the
/// prediction where the reference has none. Malformed lines, an id twice or on one side alone, a missing subgroup, a
/// label that is not on the scale, different traits and a confidence on some lines alone are mistakes; the error has
/// all of them, a line each with "file:line: ", up to twenty. No rows at all are an error too.
result<joined_rows> read_joined(named_input predictions, named_input references, const join_settings& settings);

} // namespace chalkstream::pipelines::tools
