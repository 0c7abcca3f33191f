#include "pipelines/tools/picture_sheet.hpp"

namespace chalkstream::pipelines::tools {

picture sheet_of(std::span<const picture> pictures, const sheet_form& form) {
  const auto& first = pictures.front();
  const auto rows = (pictures.size() + form.columns - 1) / form.columns;
  const auto step_x = first.width * form.scale + form.gap;
  const auto step_y = first.height * form.scale + form.gap;
  picture made{form.columns * step_x + form.gap, rows * step_y + form.gap, first.channels, {}};
  made.values.assign(made.width * made.height * made.channels, form.paper);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto left = form.gap + i % form.columns * step_x;
    const auto top = form.gap + i / form.columns * step_y;
    for (std::size_t y = 0; y < first.height * form.scale; ++y)
      for (std::size_t x = 0; x < first.width * form.scale; ++x) {
        const auto* from =
            pictures[i].values.data() + (y / form.scale * first.width + x / form.scale) * first.channels;
        auto* to = made.values.data() + ((top + y) * made.width + left + x) * first.channels;
        for (std::size_t c = 0; c < first.channels; ++c)
          to[c] = form.inverted ? static_cast<std::uint8_t>(255 - from[c]) : from[c];
      }
  }
  return made;
}

} // namespace chalkstream::pipelines::tools
