// What a model that finds regions in pages found: its guesses as labels and boxes.
#pragma once

#include "core/model.hpp"
#include "education/region_result.hpp"
#include "pipelines/page_reader.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::pipelines {

/// A guess counts where nothing else is said if the model is surer of it than this.
inline constexpr double sure_region = 0.5;

/// Of each page the guesses whose likeliest label is likelier than `above`, the surest first; boxes in the page's own
/// pixels, rounded, without what lies beside the page, and of at least one pixel. A page that the model was given no
/// row of, or one of another form (models::loaded_model::finds_regions), or with something that is no number: none.
std::optional<std::vector<education::searched_page>> find_regions(const pages_to_read& asked, const output_rows& rows,
                                                                  std::span<const std::string> labels, double above);

/// Of the least sure region; absent without any.
std::optional<double> least_sure(std::span<const education::searched_page> pages);

} // namespace chalkstream::pipelines
