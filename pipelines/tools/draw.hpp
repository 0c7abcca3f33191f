// `chalkstream draw`: pictures of the labels that a model has learnt to draw, as a folder to learn from or as one
// sheet to practise on. The same settings give the same pictures.
#pragma once

#include "core/error.hpp"
#include "models/drawing/picture_drawer.hpp"
#include "pipelines/tools/picture_sheet.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct draw_settings {
  std::filesystem::path model;
  /// Empty: all that the model has.
  std::vector<std::string> labels;
  /// Of each label.
  std::size_t count = 16;
  models::drawing::drawing_settings drawing;
  std::string device = "cpu";
  /// A folder for each label in it, with PNG files of the pictures. One of these two is not empty.
  std::filesystem::path folder;
  std::filesystem::path sheet;
  /// Of the sheet. 0 columns: as many as `count`, up to 16.
  sheet_form form{0, 1, 2, 64, false};
};

/// Returns how many were drawn. `done` hears of progress, from 0 to 1. Errors are those of the model's directory;
/// invalid_argument for a label it has not, or whose name is not one a folder may have, for a folder that is not
/// empty, and for a sheet beyond most_sheet_pixels; io.
result<std::size_t> draw_pictures(const draw_settings& settings, const std::function<void(double)>& done);

inline constexpr std::size_t most_sheet_pixels = std::size_t{1} << 28;

} // namespace chalkstream::pipelines::tools
