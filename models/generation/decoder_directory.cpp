#include "models/generation/decoder_directory.hpp"

#include "models/document.hpp"
#include "models/families/generating/generating_family.hpp"
#include "models/generation/make_decoder.hpp"
#include "models/loading.hpp"
#include "models/vision/directory_pictures.hpp"

#include <new>
#include <utility>
#include <variant>

namespace chalkstream::models {
namespace {

struct described_decoder {
  std::shared_ptr<const tensor_archive> weights;
  std::string family;
  std::variant<generator_description, recurrent_description> model;
  std::shared_ptr<const image::preprocessor> pictures;
};

result<described_decoder> describe(const std::filesystem::path& directory) {
  CHALK_TRY(const auto root, read_configuration(directory));
  const settings configuration((directory / "config.json").string(), root);
  CHALK_TRY(const auto* family, families::generating_family_of(configuration));
  CHALK_TRY(auto archive, tensor_archive::open(directory));
  described_decoder found;
  found.weights = std::make_shared<const tensor_archive>(std::move(archive));
  found.family = family->model_type;
  if (family->describe_recurrent != nullptr) {
    CHALK_TRY(found.model, family->describe_recurrent(configuration, *found.weights));
  } else if (family->describe_seeing != nullptr) {
    CHALK_TRY(auto pictures, vision::read_pictures(directory));
    CHALK_TRY(found.model, family->describe_seeing(configuration, *found.weights, pictures.input));
    found.pictures = std::move(pictures.prepare);
  } else {
    CHALK_TRY(found.model, family->describe(configuration, *found.weights));
  }
  return found;
}

result<made_decoder> make(const generator_description& model, std::shared_ptr<const tensor_archive> weights,
                          const device& where, std::size_t cache_bytes, const load_progress& progress) {
  return where.kind == device_kind::cpu
             ? make_cpu_decoder(model, std::move(weights), kernels::best(), cache_bytes, progress)
             : make_torch_decoder(model, std::move(weights), where, cache_bytes, progress);
}

result<made_decoder> make(const recurrent_description& model, std::shared_ptr<const tensor_archive> weights,
                          const device& where, std::size_t cache_bytes, const load_progress& progress) {
  if (where.kind != device_kind::cpu)
    return error{errc::unsupported, "recurrent models run on a CPU; device 'cpu' is for them"};
  return make_lstm_decoder(model, std::move(weights), kernels::best(), cache_bytes, progress);
}

result<opened_decoder> make(described_decoder found, const device& where, std::size_t cache_bytes,
                            const load_progress& progress) {
  opened_decoder opened;
  opened.family = std::move(found.family);
  opened.files = found.weights->files();
  opened.pictures = std::move(found.pictures);
  if (const auto* model = std::get_if<generator_description>(&found.model); model != nullptr && model->pictures)
    opened.image_tokens = vision::tokens_of(model->pictures->cost);
  auto weights = std::move(found.weights);
  CHALK_TRY(
      auto made,
      std::visit([&](const auto& model) { return make(model, std::move(weights), where, cache_bytes, progress); },
                 found.model));
  opened.compute = std::move(made.compute);
  opened.weight_bytes = made.weight_bytes;
  return opened;
}

// Every message begins with where the trouble is, and no exception goes further.
template <class Open>
auto guarded(const std::filesystem::path& directory, Open open) -> decltype(open()) {
  try {
    auto opened = open();
    if (!opened)
      return located(directory, opened.error());
    return opened;
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, directory.string() + ": the weights do not fit into memory"};
  } catch (const std::exception& e) {
    return error{errc::internal, directory.string() + ": " + e.what()};
  }
}

} // namespace

result<bool> writes(const std::filesystem::path& directory) {
  return guarded(directory, [&]() -> result<bool> {
    CHALK_TRY(const auto root, read_configuration(directory));
    return families::names_a_writer(settings((directory / "config.json").string(), root));
  });
}

result<bool> writes_to_pictures(const std::filesystem::path& directory) {
  std::error_code none;
  if (!std::filesystem::exists(directory / "config.json", none))
    return false;
  CHALK_TRY(const bool writer, writes(directory));
  if (!writer)
    return false;
  CHALK_TRY(const auto root, read_configuration(directory));
  const auto family = families::generating_family_of(settings((directory / "config.json").string(), root));
  return family && (*family)->describe_seeing != nullptr;
}

result<opened_decoder> open_decoder(const std::filesystem::path& directory, const device& where,
                                    std::size_t cache_bytes, const load_progress& progress) {
  return guarded(directory, [&]() -> result<opened_decoder> {
    CHALK_TRY(auto found, describe(directory));
    return make(std::move(found), where, cache_bytes, progress);
  });
}

result<void> inspect_decoder(const std::filesystem::path& directory) {
  return guarded(directory, [&]() -> result<void> {
    CHALK_TRY(const auto found, describe(directory));
    return {};
  });
}

} // namespace chalkstream::models
