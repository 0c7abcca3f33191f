// An evaluation as one HTML page for people: the figures with their intervals, by subgroup and by class, and pictures
// of them. The page is complete in itself, runs no script, fetches nothing, and escapes whatever it shows. It holds
// file names, labels and subgroups, but no text of the rows and none of their ids.
#pragma once

#include "pipelines/tools/evaluation/evaluation.hpp"

namespace chalkstream::pipelines::tools {

/// `more` is a section of its own at the end, and HTML already; it may hold pictures as data.
std::string to_page(const evaluation& made, std::string_view more = {});

/// What a figure's name means, in a sentence for people; empty for a name it does not know. Traits are looked past.
std::string_view meaning_of(std::string_view figure);

} // namespace chalkstream::pipelines::tools
