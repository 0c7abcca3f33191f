#include "pipelines/tools/draw.hpp"

#include "models/image/png_file.hpp"
#include "models/new_file.hpp"
#include "pipelines/configuration/spelling.hpp"

#include <algorithm>
#include <cstdio>

namespace chalkstream::pipelines::tools {

namespace {

namespace fs = std::filesystem;
using models::drawing::picture_drawer;

constexpr std::size_t longest_name = 200;

result<std::vector<std::size_t>> chosen_labels(const draw_settings& settings, const picture_drawer& drawer) {
  const auto& known = drawer.description().labels;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < known.size() && settings.labels.empty(); ++i)
    chosen.push_back(i);
  for (const auto& wanted : settings.labels) {
    const auto found = std::find(known.begin(), known.end(), wanted);
    const std::vector<std::string_view> names(known.begin(), known.end());
    if (found == known.end())
      return error{errc::invalid_argument,
                   settings.model.string() + ": has no label '" + wanted + "'" + did_you_mean(wanted, names)};
    chosen.push_back(static_cast<std::size_t>(found - known.begin()));
  }
  return chosen;
}

/// A label comes out of a file, and must not lead out of the folder.
result<void> check_folder_name(const std::string& label) {
  const bool bad = label.empty() || label == "." || label == ".." || label.size() > longest_name
                   || label.find('/') != std::string::npos || label.find('\0') != std::string::npos;
  return bad ? result<void>(errc::invalid_argument, "a label of the model is no name that a folder may have; draw "
                                                    "others by --label, or a --sheet")
             : result<void>();
}

class drawing_run {
public:
  drawing_run(const draw_settings& settings, const picture_drawer& drawer, std::vector<std::size_t> labels,
              const std::function<void(double)>& done)
      : settings_(settings), drawer_(drawer), labels_(std::move(labels)), done_(done) {}

  result<void> fill_folder() {
    const auto& names = drawer_.description().labels;
    std::error_code failed;
    if (fs::exists(settings_.folder, failed) && !fs::is_empty(settings_.folder, failed))
      return {errc::invalid_argument,
              settings_.folder.string() + ": is not an empty folder; name a new one by --out"};
    for (const auto label : labels_) {
      CHALK_CHECK(check_folder_name(names[label]));
      const auto folder = settings_.folder / names[label];
      fs::create_directories(folder, failed);
      if (failed)
        return {errc::io, folder.string() + ": cannot be created: " + failed.message()};
      for (std::size_t i = 0; i < settings_.count; ++i) {
        CHALK_TRY(const auto image, next(label, i));
        CHALK_TRY(const auto file, image::png_file(image));
        char name[32];
        std::snprintf(name, sizeof name, "drawn-%06zu.png", i);
        CHALK_CHECK(models::write_file(folder / name, file));
      }
    }
    return {};
  }

  /// Each label begins a row.
  result<void> write_sheet() {
    const auto& net = drawer_.description();
    auto form = settings_.form;
    if (form.columns == 0)
      form.columns = std::min<std::size_t>(settings_.count, 16);
    const auto rows = labels_.size() * ((settings_.count + form.columns - 1) / form.columns);
    const auto pixels = (net.width * form.scale + form.gap) * (net.height * form.scale + form.gap);
    if (rows > most_sheet_pixels / form.columns || rows * form.columns > most_sheet_pixels / pixels)
      return {errc::invalid_argument, "a sheet of " + std::to_string(rows) + " rows of "
                                          + std::to_string(form.columns) + " pictures is too large; draw fewer by "
                                          + "--count, or smaller ones by --scale"};
    if (form.inverted)
      form.paper = 255;
    const auto blank = static_cast<std::uint8_t>(form.inverted ? 255 - form.paper : form.paper);
    std::vector<picture> all;
    for (const auto label : labels_) {
      for (std::size_t i = 0; i < settings_.count; ++i) {
        CHALK_TRY(all.emplace_back(), next(label, i));
      }
      while (all.size() % form.columns != 0)
        all.push_back({net.width, net.height, net.channels,
                       std::vector<std::uint8_t>(net.width * net.height * net.channels, blank)});
    }
    CHALK_TRY(const auto file, image::png_file(sheet_of(all, form)));
    return models::write_file(settings_.sheet, file);
  }

private:
  result<picture> next(std::size_t label, std::size_t number) {
    auto made = drawer_.draw(label, number, settings_.drawing);
    ++drawn_;
    if (done_)
      done_(static_cast<double>(drawn_) / static_cast<double>(labels_.size() * settings_.count));
    return made;
  }

  const draw_settings& settings_;
  const picture_drawer& drawer_;
  std::vector<std::size_t> labels_;
  const std::function<void(double)>& done_;
  std::size_t drawn_ = 0;
};

} // namespace

result<std::size_t> draw_pictures(const draw_settings& settings, const std::function<void(double)>& done) {
  if (settings.folder.empty() == settings.sheet.empty())
    return error{errc::invalid_argument, "say by --out which folder the pictures go to, or by --sheet which file"};
  CHALK_TRY(const auto drawer, picture_drawer::open(settings.model, settings.device));
  CHALK_TRY(auto labels, chosen_labels(settings, *drawer));
  const auto count = labels.size() * settings.count;
  drawing_run run(settings, *drawer, std::move(labels), done);
  CHALK_CHECK(settings.folder.empty() ? run.write_sheet() : run.fill_folder());
  return count;
}

} // namespace chalkstream::pipelines::tools
