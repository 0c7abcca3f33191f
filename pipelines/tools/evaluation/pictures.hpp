// Pictures of an evaluation as inline SVG, without scripts and without anything fetched. Colours come from the page's
// style sheet: classes ink, line, faint, mark.
#pragma once

#include "education/measures/calibration_error.hpp"
#include "education/measures/confusion_matrix.hpp"
#include "education/measures/score_measures.hpp"

#include <span>
#include <string>

namespace chalkstream::pipelines::tools {

/// More classes than this cannot be read in a picture.
inline constexpr std::size_t most_drawn_classes = 30;

/// A row for each right label, a column for each predicted one; a cell is as dark as its share of its row. Empty for
/// more than `most_drawn_classes`.
std::string confusion_picture(std::span<const std::string> labels,
                              const education::measures::confusion_matrix& matrix);

/// Accuracy against confidence: a bar for each bin, the diagonal on which they agree, and below how many verdicts a
/// bin has.
std::string reliability_picture(std::span<const education::measures::reliability_bin> bins);

/// Predicted against right scores, with the diagonal; at most 2,000 points, evenly taken from the rows.
std::string scatter_picture(const education::measures::scored_rows::trait& scores);

} // namespace chalkstream::pipelines::tools
