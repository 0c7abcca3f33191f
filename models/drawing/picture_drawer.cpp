#include "models/drawing/picture_drawer.hpp"

#include "models/drawing/drawing_layers.hpp"
#include "models/drawing/drawn_latents.hpp"
#include "models/loading.hpp"
#include "models/training/guarded.hpp"
#include "models/vision/nets/net_layers.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <utility>

namespace chalkstream::models::drawing {

struct picture_drawer::parts {
  parts(drawing_description n, const tensor_archive& weights, const device& there)
      : net(std::move(n)), where(there), draws(net, weights, there), judges(net, weights, there) {}

  drawing_description net;
  device where;
  generator draws;
  discriminator judges;
};

picture_drawer::picture_drawer(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
picture_drawer::~picture_drawer() = default;

const drawing_description& picture_drawer::description() const noexcept {
  return parts_->net;
}

result<std::unique_ptr<picture_drawer>> picture_drawer::open(const std::filesystem::path& directory,
                                                             const std::string& device) {
  CHALK_TRY(const auto root, read_configuration(directory));
  CHALK_TRY(auto net, describe_drawing(settings((directory / "config.json").string(), root)));
  CHALK_TRY(const auto weights, tensor_archive::open(directory));
  auto wanted = generator_tensors(net);
  for (auto& tensor : discriminator_tensors(net))
    wanted.push_back(std::move(tensor));
  if (const auto good = nets::check_tensors(wanted, drawing_type, weights); !good)
    return located(directory, good.error());
  return training::guarded([&]() -> result<std::unique_ptr<picture_drawer>> {
    CHALK_TRY(const auto where, parse_device(device));
    CHALK_CHECK(prepare_device(where));
    if (where.kind == device_kind::cpu)
      at::set_num_threads(1);
    const c10::InferenceMode no_gradients;
    return std::unique_ptr<picture_drawer>(
        new picture_drawer(std::make_unique<parts>(std::move(net), weights, where)));
  });
}

result<picture> picture_drawer::draw(std::size_t label, std::size_t number, const drawing_settings& settings) const {
  return training::guarded([&]() -> result<picture> {
    const c10::InferenceMode no_gradients;
    std::vector<std::uint64_t> seeds;
    for (std::size_t i = 0; i < settings.best_of; ++i)
      seeds.push_back(picture_seed(settings.seed, label, number * settings.best_of + i));
    const std::vector<std::size_t> goals(seeds.size(), label);
    const auto labels = label_tensor(goals, parts_->where);
    const auto latents = latents_of(seeds, parts_->net.latent_size, settings.spread, parts_->where);
    auto made = parts_->draws.pictures(latents, labels, norms::remembered);
    if (seeds.size() > 1) {
      const auto best = parts_->judges.realness(made, labels, norms::remembered).argmax().item<std::int64_t>();
      made = made.narrow(0, best, 1);
    }
    return std::move(to_pictures(made).front());
  });
}

} // namespace chalkstream::models::drawing
