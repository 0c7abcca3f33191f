// A part to learn from and a part to judge by, that share no group: a model must not be judged by answers to
// questions, or by texts of writers, that it has seen. Never by row.
#pragma once

#include "pipelines/tools/training/examples.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chalkstream::pipelines::tools {

struct split_examples {
  example_set training;
  example_set validation;
};

/// Whole groups go to the validation part, in an order drawn with the seed, until it has `share` of the rows; the
/// first one that would take it further away from that share than leaving it out is left out, unless nothing has gone
/// yet. invalid_argument if there are not two groups.
result<split_examples> split_by_group(example_set all, double share, std::uint64_t seed);

/// invalid_argument if either part is empty or, where the rows have groups, one is in both; names it by file and
/// line.
result<void> check_apart(const split_examples& parts);

} // namespace chalkstream::pipelines::tools
