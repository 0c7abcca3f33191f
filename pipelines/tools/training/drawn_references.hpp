// Rows of short answers to learn to grade by, each beside references that are drawn: a model that always saw the same
// answer beside the same reference would learn the answers by heart, not the comparison.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/examples.hpp"

#include <cstddef>
#include <cstdint>

namespace chalkstream::pipelines::tools {

/// Each row `times` times in place of once, beside a reference of its list or, as often where there are some, another
/// answer to the same question that is labelled correct; one in four of those with a label with the two changed over,
/// since what contradicts or restates does so both ways. Rows that share their list of references answer the same
/// question. The same seed draws the same. invalid_argument names a row that has no list, and a set that would have
/// more than 5 million rows.
result<example_set> draw_references(const example_set& from, std::size_t times, std::uint64_t seed);

} // namespace chalkstream::pipelines::tools
