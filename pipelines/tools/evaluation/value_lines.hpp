// One line of `chalkstream eval`'s files. Other fields than those named here are passed over, so that the output of
// `infer` and a data set's own lines can be read as they are.
//
//            prediction                             reference
// classify   {"id","label"[,"confidence"]}          {"id","label"}
// regress    {"id","score"}                         {"id","score"}
// span       {"id","answer"}                        {"id","answers":[…]} or {"id","answer"}
// the texts  {"id","text"}                          {"id","references":[…]} or {"id","text"}
//
// id           a string or a number; the same on both sides
// label        a string, a number or a boolean
// confidence   0 … 1; without it, the softmax of an array "logits" at its largest entry
// score        a number, or an object with a number for each trait; without it, the only entry of "logits"
// answers      may be empty: the question has no answer
// references   at least one
#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

enum class evaluated_task : std::uint8_t { classify, regress, span, summary, translation };
enum class line_side : std::uint8_t { prediction, reference };

struct value_line {
  /// As JSON, so that 1 and "1" differ.
  std::string id;
  /// The field that names the row's subgroup, as text; absent if there is none or none was asked for.
  std::optional<std::string> group;

  // The task's own, the others stay empty.
  std::string label;
  std::optional<double> confidence;
  std::vector<std::pair<std::string, double>> scores; // by trait in ascending order; a single score has no name
  std::vector<std::string> texts;                     // one of a prediction
};

/// Or what is wrong with the line, in an error without place. Thread-safe.
result<value_line> parse_value_line(std::string_view line, evaluated_task task, line_side side,
                                    std::string_view group_key);

} // namespace chalkstream::pipelines::tools
