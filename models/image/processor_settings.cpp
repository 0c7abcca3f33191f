#include "models/image/processor_settings.hpp"

#include <cmath>
#include <string>

#include "models/image/processor_classes.hpp"
#include "models/text/json_section.hpp"
#include "models/text/tokenizer_json.hpp"

namespace chalkstream::image {
namespace {

using text::json_document;
using text::section;

constexpr std::size_t max_file_bytes = 1 << 20;
constexpr std::int64_t max_edge = 16384; // of what a model may take

result<json_document> read_document(const std::filesystem::path& directory, const char* file) {
  CHALK_TRY(const auto text, text::read_file(directory / file, max_file_bytes));
  return json_document::parse(text, file);
}

result<const processor_class*> class_of(const section& part, const std::filesystem::path& directory) {
  for (const char* key : {"image_processor_type", "feature_extractor_type"})
    if (part.find(key)) {
      CHALK_TRY(const auto type, part.string(key));
      const auto* known = processor_class_of(type);
      if (known == nullptr)
        return part.failure(errc::unsupported, "the image processor " + type + " is not known to this build");
      return known;
    }
  CHALK_TRY(const auto document, read_document(directory, "config.json"));
  CHALK_TRY(const auto config, section::of(document.root(), "", "config.json"));
  CHALK_TRY(const auto model_type, config.string("model_type"));
  const auto* known = processor_class_of_model(model_type);
  if (known == nullptr)
    return part.failure(errc::unsupported,
                        "there is no image_processor_type, and none is known for model_type " + model_type);
  return known;
}

result<std::size_t> edge(const section& part, const char* key) {
  CHALK_TRY(const auto value, part.number(key, max_edge));
  if (value == 0)
    return part.failure(errc::corrupt, std::string(key) + " is 0");
  return static_cast<std::size_t>(value);
}

// A number for both edges, [height, width], or {"height", "width"}.
result<picture_size> exact_size(const section& part, const char* key) {
  const auto value = part.find(key);
  if (value && value->is_integer()) {
    CHALK_TRY(const auto both, edge(part, key));
    return picture_size{both, both};
  }
  if (value && value->is_array() && value->size() == 2) {
    const auto height = (*value)[0].natural(), width = (*value)[1].natural();
    if (height && width && *height > 0 && *width > 0 && *height <= max_edge && *width <= max_edge)
      return picture_size{*width, *height};
  }
  if (!value || !value->is_object())
    return part.failure(errc::corrupt, std::string(key) + " is neither a number nor height and width");
  CHALK_TRY(const auto inside, section::of(*value, key, "preprocessor_config.json"));
  CHALK_CHECK(inside.knows({"height", "width"}));
  CHALK_TRY(const auto height, edge(inside, "height"));
  CHALK_TRY(const auto width, edge(inside, "width"));
  return picture_size{width, height};
}

size_rule by_edges(std::size_t shortest, std::size_t longest) {
  return {longest == 0 ? size_rule::kind::shortest : size_rule::kind::within, {}, shortest, longest};
}

result<size_rule> read_size(const section& part, const processor_class& its) {
  const auto value = part.find("size");
  if (!value) {
    if (its.size.height == 0)
      return by_edges(its.size.width, its.longest);
    return size_rule{size_rule::kind::exact, its.size};
  }
  CHALK_TRY(const bool square, part.flag_or("default_to_square", its.square));
  if (value->is_integer() && !square) {
    CHALK_TRY(const auto shortest, edge(part, "size"));
    if (its.longest == 0)
      return by_edges(shortest, 0);
    CHALK_TRY(const auto longest, part.find("max_size") ? edge(part, "max_size") : result<std::size_t>(its.longest));
    return by_edges(shortest, longest);
  }
  if (value->is_object() && value->find("shortest_edge")) {
    CHALK_TRY(const auto inside, section::of(*value, "size", "preprocessor_config.json"));
    CHALK_CHECK(inside.knows({"shortest_edge", "longest_edge", "height", "width"}));
    CHALK_TRY(const auto shortest, edge(inside, "shortest_edge"));
    if (!inside.find("longest_edge"))
      return by_edges(shortest, 0);
    CHALK_TRY(const auto longest, edge(inside, "longest_edge"));
    return by_edges(shortest, longest);
  }
  CHALK_TRY(const auto exact, exact_size(part, "size"));
  return size_rule{size_rule::kind::exact, exact};
}

// ConvNext resizes small pictures to a little more than it takes, and others to squares.
result<void> read_crop_share(const section& part, const processor_class& its, processor_settings& made) {
  if (made.size.by != size_rule::kind::shortest)
    return part.failure(errc::corrupt, "size has no shortest_edge");
  double share = its.crop_share;
  if (const auto value = part.find("crop_pct")) {
    const auto number = value->number();
    if (!number || !(*number > 0.01 && *number <= 1))
      return part.failure(errc::corrupt, "crop_pct is not a number between 0.01 and 1");
    share = *number;
  }
  const auto taken = made.size.shortest;
  constexpr std::size_t taken_whole = 384;
  if (taken >= taken_whole) {
    made.size = {size_rule::kind::exact, {taken, taken}};
    return {};
  }
  made.size.shortest = static_cast<std::size_t>(static_cast<double>(taken) / share);
  made.crops.push_back({taken, taken});
  return {};
}

result<void> read_shape(const section& part, const processor_class& its, processor_settings& made) {
  CHALK_TRY(const bool resized, part.flag_or("do_resize", true));
  if (resized) {
    CHALK_TRY(made.size, read_size(part, its));
    if (its.longest != 0 && made.size.by == size_rule::kind::shortest)
      return part.failure(errc::corrupt, "size has no longest_edge");
    made.by = its.by;
    if (part.find("resample")) {
      CHALK_TRY(const auto number, part.number("resample", static_cast<int>(filter::hamming)));
      made.by = static_cast<filter>(number);
    }
    if (its.crop_share != 0)
      CHALK_CHECK(read_crop_share(part, its, made));
  }
  CHALK_TRY(const bool cropped, part.flag_or("do_center_crop", its.cropped));
  if (cropped && its.longest == 0) { // DETR's processors have the key, and do nothing with it
    if (!part.find("crop_size") && its.crop.width == 0)
      return part.failure(errc::corrupt, "do_center_crop is set, and crop_size is missing");
    CHALK_TRY(const auto size,
              part.find("crop_size") ? exact_size(part, "crop_size") : result<picture_size>(its.crop));
    made.crops.push_back(size);
  }
  CHALK_TRY(const bool padded, part.flag_or("do_pad", false));
  if (padded
      && part.find("pad_size")) { // without it, pictures of a batch would be made alike, which packing needs not
    CHALK_TRY(made.pad, exact_size(part, "pad_size"));
  }
  return {};
}

// A number for all channels, or one for each of 3, or of the one of grey images.
result<std::vector<double>> read_channels(const section& part, const char* key,
                                          const std::array<double, 3>& otherwise) {
  const auto value = part.find(key);
  std::vector<double> made(otherwise.begin(), otherwise.end());
  if (!value)
    return made;
  if (const auto number = value->number()) {
    made.assign(3, *number);
  } else if (value->is_array() && (value->size() == 3 || value->size() == 1)) {
    made.clear();
    for (std::size_t i = 0; i < value->size(); ++i)
      made.push_back((*value)[i].number().value_or(std::nan("")));
  } else {
    return part.failure(errc::corrupt, std::string(key) + " is neither a number nor a list of 1 or 3");
  }
  for (const double number : made)
    if (!std::isfinite(number))
      return part.failure(errc::corrupt, std::string(key) + " has something that is no number");
  return made;
}

result<void> read_values(const section& part, const processor_class& its, processor_settings& made) {
  CHALK_TRY(const bool rescaled, part.flag_or("do_rescale", true));
  CHALK_TRY(const bool normalised, part.flag_or("do_normalize", true));
  double factor = 1.0 / 255;
  if (const auto value = part.find("rescale_factor")) {
    factor = value->number().value_or(std::nan(""));
    if (!std::isfinite(factor))
      return part.failure(errc::corrupt, "rescale_factor is not a number");
  }
  CHALK_TRY(const auto mean, read_channels(part, "image_mean", its.mean));
  CHALK_TRY(const auto deviation, read_channels(part, "image_std", its.deviation));
  if (mean.size() != deviation.size())
    return part.failure(errc::corrupt, "image_mean and image_std are of different lengths");
  made.channels = mean.size();
  made.values.resize(made.channels);
  for (std::size_t c = 0; c < made.channels; ++c) {
    if (normalised && static_cast<float>(deviation[c]) == 0.0f)
      return part.failure(errc::corrupt, "image_std has a 0");
    for (std::size_t byte = 0; byte < 256; ++byte) { // rounded where numpy rounds
      const auto exact = static_cast<double>(byte);
      const auto scaled = static_cast<float>(rescaled ? exact * factor : exact);
      made.values[c][byte] =
          normalised ? (scaled - static_cast<float>(mean[c])) / static_cast<float>(deviation[c]) : scaled;
    }
  }
  return {};
}

result<processor_settings> read_settings(const section& part, const std::filesystem::path& directory) {
  CHALK_CHECK(
      part.knows({"image_processor_type", "feature_extractor_type", "do_resize", "size", "max_size",
                  "default_to_square", "resample", "crop_pct", "do_center_crop", "crop_size", "do_rescale",
                  "rescale_factor", "do_normalize", "image_mean", "image_std", "do_convert_rgb", "do_pad", "pad_size",
                  // of labels, of other forms of input, and of where it is computed
                  "_valid_processor_keys", "auto_map", "data_format", "device", "disable_grouping",
                  "do_convert_annotations", "do_reduce_labels", "format", "image_seq_length", "input_data_format",
                  "model_input_names", "num_channels", "pad_and_return_pixel_mask", "processor_class",
                  "reduce_labels", "return_segmentation_masks", "return_tensors", "use_fast"}));
  CHALK_TRY(const auto* its, class_of(part, directory));
  processor_settings made;
  CHALK_CHECK(read_shape(part, *its, made));
  CHALK_CHECK(read_values(part, *its, made));
  return made;
}

} // namespace

result<processor_settings> processor_settings::read(const std::filesystem::path& directory) {
  constexpr const char* together = "processor_config.json";
  auto processor = read_document(directory, together);
  if (!processor && processor.error().code != errc::not_found)
    return processor.error();
  if (processor) {
    CHALK_TRY(const auto whole, section::of(processor->root(), "", together));
    if (const auto inside = whole.find("image_processor")) {
      CHALK_TRY(const auto part, section::of(*inside, "image_processor", together));
      return read_settings(part, directory);
    }
  }
  constexpr const char* alone = "preprocessor_config.json";
  CHALK_TRY(const auto document, read_document(directory, alone));
  CHALK_TRY(const auto part, section::of(document.root(), "", alone));
  return read_settings(part, directory);
}

} // namespace chalkstream::image
