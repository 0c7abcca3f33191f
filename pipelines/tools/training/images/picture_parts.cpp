#include "pipelines/tools/training/images/picture_parts.hpp"

#include "models/digest.hpp"
#include "pipelines/tools/training/images/picture_files.hpp"

#include <iterator>

namespace chalkstream::pipelines::tools {

namespace {

/// Of the size, channels and labels of those to learn from.
result<picture_set> read_beside(const picture_set& learnt, std::span<const std::filesystem::path> files,
                                const picture_form& form) {
  const auto& wanted = learnt.pictures.front();
  CHALK_TRY(auto read, read_pictures(files, {form.height, form.width, wanted.channels}));
  CHALK_CHECK(take_labels(read, learnt.labels));
  const auto& first = read.pictures.front();
  if (first.height != wanted.height || first.width != wanted.width)
    return error{errc::invalid_argument, read.place(0) + ": is " + std::to_string(first.height) + " by "
                                             + std::to_string(first.width) + ", and those to learn from are "
                                             + std::to_string(wanted.height) + " by " + std::to_string(wanted.width)
                                             + ": say by --image-size what all are brought to"};
  return read;
}

result<split_pictures> real_parts(const picture_sources& sources, const picture_form& form, std::uint64_t seed) {
  CHALK_TRY(auto all, read_pictures(sources.files, form));
  if (sources.validation.empty())
    return split_by_share(std::move(all), sources.validation_share, seed);
  CHALK_TRY(auto validation, read_beside(all, sources.validation, form));
  return split_pictures{std::move(all), std::move(validation)};
}

void append(picture_set more, picture_set& to) {
  const auto files = static_cast<std::uint32_t>(to.files.size());
  for (auto& place : more.places)
    place.file += files;
  const auto move = [](auto& from, auto& into) {
    into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  move(more.files, to.files);
  move(more.pictures, to.pictures);
  move(more.goals, to.goals);
  move(more.places, to.places);
}

} // namespace

result<split_pictures> read_picture_parts(const picture_sources& sources, const picture_form& form,
                                          std::uint64_t seed) {
  CHALK_TRY(auto parts, real_parts(sources, form, seed));
  if (!sources.synthetic.empty()) {
    CHALK_TRY(auto drawn, read_beside(parts.training, sources.synthetic, form));
    append(std::move(drawn), parts.training);
  }
  return parts;
}

std::string digest_of(const split_pictures& parts) {
  std::string text;
  for (const auto* part : {&parts.training, &parts.validation}) {
    for (const auto& label : part->labels)
      text += std::to_string(label.size()) + ":" + label;
    for (std::size_t i = 0; i < part->size(); ++i) {
      const auto& image = part->pictures[i];
      text += std::to_string(part->goals[i]) + ":" + std::to_string(image.height) + ":"
              + std::to_string(image.channels) + ":";
      text.append(image.values.begin(), image.values.end());
      text = models::sha256(text);
    }
  }
  return text;
}

void add_hidden_sizes(std::span<const std::size_t> sizes, std::vector<std::pair<std::string, std::string>>& to) {
  std::string widths;
  for (const auto width : sizes)
    widths += (widths.empty() ? "" : ",") + std::to_string(width);
  to.emplace_back("hidden-sizes", widths.empty() ? "as usual" : widths);
}

void add_augmentation(const augmentation_settings& how, std::vector<std::pair<std::string, std::string>>& to) {
  const std::pair<const char*, double> numbers[] = {{"shift", how.shift}, {"rotate", how.rotation},
                                                    {"zoom", how.zoom},   {"shear", how.shear},
                                                    {"erase", how.erase}, {"flip", how.flip}};
  for (const auto& [name, value] : numbers)
    to.emplace_back(name, std::to_string(value));
}

void add_optimiser(const models::training::optimiser_settings& how,
                   std::vector<std::pair<std::string, std::string>>& to) {
  const auto add = [&to](const char* name, double value) { to.emplace_back(name, std::to_string(value)); };
  if (const auto* sgd = std::get_if<models::training::sgd_settings>(&how)) {
    to.emplace_back("optimizer", "sgd");
    add("momentum", sgd->momentum);
    add("weight-decay", sgd->weight_decay);
    add("clip", sgd->clip);
  } else {
    const auto& adamw = std::get<models::training::adamw_settings>(how);
    to.emplace_back("optimizer", "adamw");
    add("weight-decay", adamw.weight_decay);
    add("clip", adamw.clip);
  }
}

} // namespace chalkstream::pipelines::tools
