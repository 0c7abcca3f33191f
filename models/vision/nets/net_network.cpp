#include "models/vision/nets/net_network.hpp"

#include "models/vision/nets/net_layers.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace chalkstream::models::nets {

namespace {

class net_network final : public vision::torch_network {
public:
  net_network(const net_description& net, const vision::image_input& input, const tensor_archive& weights,
              const device& where)
      : net_(net), input_(input), where_(where), layers_(net, weights, where) {}

  void compute(std::span<const picture* const> images, std::span<float> rows) const override {
    const c10::InferenceMode no_gradients;
    const auto pixels = pixels_of(images, net_, std::span(input_.values).first(net_.channels), where_);
    const auto logits = layers_.logits(pixels).to(at::kCPU, at::kFloat).contiguous();
    TORCH_CHECK(logits.numel() == static_cast<std::int64_t>(rows.size()), "the net gives rows of another width");
    std::copy_n(logits.const_data_ptr<float>(), rows.size(), rows.begin());
  }

  std::size_t weight_bytes() const noexcept override { return layers_.bytes(); }

private:
  net_description net_;
  vision::image_input input_;
  device where_;
  net_layers layers_;
};

} // namespace

result<std::unique_ptr<vision::torch_network>> make_net_network(const net_description& net,
                                                                const vision::image_input& input,
                                                                const tensor_archive& weights, const device& where) {
  CHALK_CHECK(prepare_device(where));
  if (where.kind == device_kind::cpu)
    at::set_num_threads(1);
  return std::unique_ptr<vision::torch_network>(std::make_unique<net_network>(net, input, weights, where));
}

} // namespace chalkstream::models::nets
