#include "models/training/starting_net.hpp"

#include "models/training/drawn_tensors.hpp"
#include "models/training/trainable_net.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>
#include <numeric>

namespace chalkstream::models::training {

result<std::shared_ptr<const tensor_archive>>
start_tensors(std::span<const nets::net_tensor> tensors, std::uint64_t seed,
              const std::function<double(const nets::net_tensor&)>& deviation) {
  drawn_tensors drawn(seed);
  for (const auto& tensor : tensors) {
    switch (tensor.role) {
    case nets::net_role::weight:
      drawn.draw_normal(tensor.name, tensor.shape, deviation(tensor));
      break;
    case nets::net_role::direction:
      drawn.draw_normal(tensor.name, tensor.shape, 1);
      break;
    case nets::net_role::bias:
    case nets::net_role::running_mean:
      drawn.fill(tensor.name, tensor.shape, 0);
      break;
    case nets::net_role::scale:
    case nets::net_role::running_variance:
      drawn.fill(tensor.name, tensor.shape, 1);
      break;
    }
  }
  return std::move(drawn).archive();
}

result<std::shared_ptr<const tensor_archive>> start_net(const nets::net_description& net, std::uint64_t seed) {
  return start_tensors(nets::tensors_of(net), seed, [](const nets::net_tensor& tensor) {
    const auto& shape = tensor.shape;
    const auto inputs = std::accumulate(shape.begin() + 1, shape.end(), std::size_t{1}, std::multiplies<>());
    const double share = tensor.name == "classifier.weight" ? 0.1 : 1;
    return share * std::sqrt(2 / static_cast<double>(inputs));
  });
}

std::string preprocessor_configuration(const nets::net_description& net, std::span<const channel_scale> scales) {
  nlohmann::ordered_json means = nlohmann::ordered_json::array();
  nlohmann::ordered_json deviations = means;
  for (const auto& scale : scales) {
    means.push_back(scale.mean);
    deviations.push_back(scale.deviation);
  }
  const nlohmann::ordered_json config = {{"image_processor_type", "ViTImageProcessor"},
                                         {"do_resize", true},
                                         {"size", {{"height", net.height}, {"width", net.width}}},
                                         {"resample", 2},
                                         {"do_rescale", true},
                                         {"rescale_factor", 1.0 / 255},
                                         {"do_normalize", true},
                                         {"image_mean", means},
                                         {"image_std", deviations}};
  return config.dump(2) + "\n";
}

} // namespace chalkstream::models::training
