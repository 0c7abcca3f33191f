#include "models/vision/vision_directory.hpp"

#include "models/device.hpp"
#include "models/loading.hpp"
#include "models/vision/network_cost.hpp"
#include "models/vision/vision_family.hpp"
#include "models/vision/vision_model.hpp"

#include <future>
#include <optional>
#include <string>
#include <utility>

namespace chalkstream::models::vision {
namespace {

struct described_network {
  std::shared_ptr<const tensor_archive> weights;
  network steps;
  /// Each of no width where the network has no such ending.
  network_cost to_embedding;
  network_cost to_logits;
  network_cost to_regions;
  std::optional<text_tower_description> texts;
};

result<described_network> describe(const std::filesystem::path& directory, const image_input& input) {
  CHALK_TRY(const auto root, read_configuration(directory));
  const settings configuration((directory / "config.json").string(), root);
  CHALK_TRY(const auto* family, find_family(configuration));
  if (family == nullptr)
    return error{errc::unsupported, configuration.file() + ": model_type is not a family of vision models"};
  CHALK_TRY(auto archive, tensor_archive::open(directory));
  described_network found;
  found.weights = std::make_shared<const tensor_archive>(std::move(archive));
  auto steps = family->describe(configuration, *found.weights, input);
  if (!steps)
    return located(directory, steps.error());
  found.steps = std::move(*steps);
  const auto cost = [&](const std::vector<step>& ending) -> result<network_cost> {
    if (ending.empty())
      return network_cost{};
    auto made = cost_of(input, found.steps.trunk, ending);
    return made ? made : located(directory, made.error());
  };
  CHALK_TRY(found.to_embedding, cost(found.steps.embedding));
  CHALK_TRY(found.to_logits, cost(found.steps.logits));
  CHALK_TRY(found.to_regions, cost(found.steps.regions));
  // A directory may have the image tower alone, with or without what projects it.
  if (family->describe_texts != nullptr && found.weights->find("text_projection.weight") != nullptr
      && found.weights->find("visual_projection.weight") != nullptr) {
    auto texts = family->describe_texts(configuration, *found.weights);
    if (!texts)
      return located(directory, texts.error());
    found.texts = std::move(*texts);
  }
  return found;
}

result<void> check_head(const load_request& request, const network& has) {
  if (has.regions.empty() != (request.output != head::regions))
    return {errc::invalid_configuration,
            request.directory.string()
                + (has.regions.empty()
                       ? ": finds no regions in images: it gives embeddings, or logits of classes"
                       : ": finds regions in images, with a class each: it gives no embeddings, and no "
                         "class of the whole")};
  if (request.output == head::regions)
    return {};
  if (request.output != head::embedding && request.output != head::logits)
    return {errc::invalid_configuration,
            request.directory.string() + ": is a model of images: it gives embeddings, or logits of classes"};
  if (request.output == head::logits && has.logits.empty())
    return {errc::invalid_configuration,
            request.directory.string() + ": has no classification head (architectures in config.json)"};
  return {};
}

struct chosen_ending {
  std::span<const step> steps;
  const network_cost& cost;
};

chosen_ending ending_for(head output, const described_network& found) {
  switch (output) {
  case head::logits:
    return {found.steps.logits, found.to_logits};
  case head::regions:
    return {found.steps.regions, found.to_regions};
  default:
    return {found.steps.embedding, found.to_embedding};
  }
}

// Null: none of them.
result<const vision_family*> family_in(const std::filesystem::path& directory) {
  std::error_code none;
  const auto file = directory / "config.json";
  if (!std::filesystem::exists(file, none))
    return nullptr;
  CHALK_TRY(const auto root, read_configuration(directory));
  return find_family(settings(file.string(), root));
}

} // namespace

result<bool> takes_images(const std::filesystem::path& directory) {
  CHALK_TRY(const auto* family, family_in(directory));
  return family != nullptr;
}

result<bool> finds_regions(const std::filesystem::path& directory) {
  CHALK_TRY(const auto* family, family_in(directory));
  return family != nullptr && family->finds_regions;
}

result<loaded_model> load_network(const load_request& request, const image_input& input, observer& watcher) {
  CHALK_TRY(const auto where, parse_device(request.device));
  CHALK_TRY(auto found, describe(request.directory, input));
  CHALK_CHECK(check_head(request, found.steps));

  auto digesting = std::async(std::launch::async, [&] { return digest_of(request, found.weights->files()); });

  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  const auto [ending, cost] = ending_for(request.output, found);
  CHALK_TRY(auto compute, make_torch_network(input, found.steps.trunk, ending, *found.weights, where,
                                             [&](double fraction) { watcher.progress(step, 0.9 * fraction); }));
  vision_model::parts parts;
  parts.compute = std::move(compute);
  parts.form = {input.size, input.channels, input.own_sizes};
  parts.width = cost.width;
  parts.image_tokens = tokens_of(cost);
  parts.one_by_one = where.kind == device_kind::cpu;
  const bool embeds = request.output == head::embedding;
  if (found.texts && embeds) {
    CHALK_TRY(parts.texts, make_text_tower(*found.texts, *found.weights, where));
  }
  CHALK_TRY(const auto digest, digesting.get());
  parts.identity = identity_of(request, digest);
  CHALK_TRY(auto loaded, ready_model(std::move(parts)));
  watcher.progress(step, 1);

  if (found.texts && embeds)
    loaded.texts = text_space{found.texts->scale, found.texts->stack.positions};
  loaded.has_classifier = !found.steps.logits.empty();
  loaded.finds_regions = !found.steps.regions.empty();
  loaded.labels = std::move(found.steps.labels);
  loaded.problem_type = std::move(found.steps.problem_type);
  return loaded;
}

result<void> inspect_network(const std::filesystem::path& directory, const image_input& input) {
  CHALK_TRY(const auto found, describe(directory, input));
  return {};
}

} // namespace chalkstream::models::vision
