#include "pipelines/summary_head_directory.hpp"

#include "education/json_writer.hpp"
#include "models/digest.hpp"
#include "models/document.hpp"
#include "models/new_file.hpp"
#include "models/safetensors.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace chalkstream::pipelines {

namespace {

namespace fs = std::filesystem;
using education::sentence_feature_names;
using education::summary_head;
using models::json_value;

constexpr std::string_view description_name = "summary_head.json";
constexpr std::string_view weights_name = "summary_head.safetensors";
constexpr std::size_t most_phrases = 500'000;

error wrong(const fs::path& file, std::string what) {
  return {errc::invalid_configuration, file.string() + ": " + std::move(what)};
}

result<std::vector<std::string>> read_names(const json_value& root, const fs::path& file, std::string_view key) {
  const auto* found = root.find(key);
  const auto* list = found == nullptr ? nullptr : found->as<json_value::array>();
  if (list == nullptr || list->size() > most_phrases)
    return wrong(file,
                 "'" + std::string{key} + "' must be a list of texts, " + std::to_string(most_phrases) + " at most");
  std::vector<std::string> names;
  for (const auto& entry : *list) {
    const auto* name = entry.as<std::string>();
    if (name == nullptr || name->empty())
      return wrong(file, "'" + std::string{key} + "' has an entry that is not a text");
    names.push_back(*name);
  }
  return names;
}

result<std::vector<std::string>> read_phrases(const fs::path& file) {
  CHALK_TRY(const auto root, models::read_json(file));
  const auto* members = root.as<json_value::object>();
  if (members == nullptr)
    return wrong(file, "must be an object");
  for (const auto& [key, value] : *members)
    if (key != "features" && key != "phrases")
      return wrong(file, "has an unknown key '" + key + "'; there are features and phrases");
  CHALK_TRY(const auto features, read_names(root, file, "features"));
  if (features.size() != sentence_feature_names.size())
    return wrong(file, "names " + std::to_string(features.size()) + " features; this build has "
                           + std::to_string(sentence_feature_names.size()));
  for (std::size_t i = 0; i < features.size(); ++i)
    if (features[i] != sentence_feature_names[i])
      return wrong(file, "feature " + std::to_string(i + 1) + " is '" + features[i] + "'; this build has '"
                             + std::string{sentence_feature_names[i]} + "' there");
  CHALK_TRY(auto phrases, read_names(root, file, "phrases"));
  if (std::adjacent_find(phrases.begin(), phrases.end(), std::greater_equal<>()) != phrases.end())
    return wrong(file, "'phrases' must be sorted by bytes, each once");
  return phrases;
}

result<std::vector<float>> read_tensor(const models::tensor_archive& archive, const fs::path& file,
                                       std::string_view name, std::size_t size) {
  const auto* found = archive.find(name);
  if (found == nullptr)
    return error{errc::corrupt, file.string() + ": there is no tensor '" + std::string{name} + "'"};
  const std::array<std::size_t, 1> shape{size};
  if (!std::equal(found->shape.begin(), found->shape.end(), shape.begin(), shape.end()))
    return error{errc::corrupt, file.string() + ": tensor '" + std::string{name} + "' has the shape "
                                    + models::to_string(found->shape) + "; it must be " + models::to_string(shape)};
  auto values = models::to_finite_float(*found);
  if (!values)
    return error{values.error().code, file.string() + ": " + values.error().message};
  return values;
}

} // namespace

result<std::shared_ptr<const summary_head>> read_summary_head(const fs::path& directory) {
  const auto description = directory / description_name;
  const auto weights = directory / weights_name;
  std::error_code ignored;
  const bool described = fs::exists(description, ignored), weighed = fs::exists(weights, ignored);
  if (!described && !weighed)
    return std::shared_ptr<const summary_head>{};
  if (!described || !weighed)
    return error{errc::not_found, directory.string() + ": has "
                                      + std::string{described ? description_name : weights_name} + " and no "
                                      + std::string{described ? weights_name : description_name}};
  auto head = std::make_shared<summary_head>();
  CHALK_TRY(head->phrases, read_phrases(description));
  CHALK_TRY(const auto archive, models::tensor_archive::open_file(weights));
  CHALK_TRY(const auto features, read_tensor(archive, weights, "features.weight", sentence_feature_names.size()));
  CHALK_TRY(head->phrase_weights, read_tensor(archive, weights, "phrases.weight", head->phrases.size()));
  CHALK_TRY(const auto bias, read_tensor(archive, weights, "bias", 1));
  CHALK_TRY(const auto unit, read_tensor(archive, weights, "unit", 1));
  for (const auto& tensor : archive.tensors())
    if (constexpr std::array known{"features.weight", "phrases.weight", "bias", "unit"};
        std::find(known.begin(), known.end(), tensor.name) == known.end())
      return error{errc::corrupt, weights.string() + ": tensor '" + tensor.name + "' is no part of a summary head"};
  if (unit.front() < 0)
    return error{errc::corrupt, weights.string() + ": 'unit' must not be negative"};
  std::copy(features.begin(), features.end(), head->feature_weights.begin());
  head->bias = bias.front();
  head->unit = unit.front();
  return std::shared_ptr<const summary_head>{std::move(head)};
}

result<void> write_summary_head(const fs::path& directory, const summary_head& head) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed)
    return {errc::io, directory.string() + ": cannot be created: " + failed.message()};
  std::string text;
  education::json_writer json{text};
  json.begin_object().key("features").begin_array();
  for (const auto name : sentence_feature_names)
    json.string(name);
  json.end_array().key("phrases").begin_array();
  for (const auto& phrase : head.phrases)
    json.string(phrase);
  json.end_array().end_object();
  CHALK_CHECK(models::write_file(directory / description_name, text + "\n"));
  const auto tensor = [](std::string name, std::span<const float> values) {
    return models::tensor_view{std::move(name), models::element_type::f32, {values.size()}, std::as_bytes(values)};
  };
  const std::array tensors{tensor("bias", {&head.bias, 1}), tensor("features.weight", head.feature_weights),
                           tensor("phrases.weight", head.phrase_weights), tensor("unit", {&head.unit, 1})};
  return models::write_safetensors(directory / weights_name, tensors);
}

result<void> copy_encoder(const fs::path& from, const fs::path& to) {
  CHALK_TRY(const auto weights, models::tensor_archive::open(from));
  std::vector<fs::path> files;
  for (const auto& stamp : weights.files())
    files.push_back(stamp.path);
  CHALK_TRY(const auto digest, models::digest_model(from, files, {}));
  files.clear();
  for (const auto& stamp : digest.files)
    files.push_back(stamp.path.lexically_relative(from));
  std::stable_partition(files.begin(), files.end(), [](const fs::path& file) { return file != "config.json"; });
  for (const auto& file : files) {
    if (file.string().starts_with("summary_head."))
      continue; // of an encoder that had learnt before
    const auto place = to / file;
    const auto fresh = place.string() + ".new";
    std::error_code failed;
    fs::create_directories(place.parent_path(), failed);
    if (!failed)
      fs::copy_file(from / file, fresh, fs::copy_options::overwrite_existing, failed);
    if (!failed)
      fs::rename(fresh, place, failed);
    if (failed)
      return {errc::io, place.string() + ": cannot be written: " + failed.message()};
  }
  return {};
}

} // namespace chalkstream::pipelines
