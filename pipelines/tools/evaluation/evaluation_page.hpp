// An evaluation as one HTML page for people: the figures with their intervals, by subgroup and by class, and pictures
// of them. The page is complete in itself, runs no script, fetches nothing, and escapes whatever it shows. It holds
// file names, labels and subgroups, but no text of the rows and none of their ids.
#pragma once

#include "pipelines/tools/evaluation/evaluation.hpp"

namespace chalkstream::pipelines::tools {

std::string to_page(const evaluation& made);

/// What a figure's name means, in a sentence for people; empty for a name it does not know. Traits are looked past.
std::string_view meaning_of(std::string_view figure);

} // namespace chalkstream::pipelines::tools
