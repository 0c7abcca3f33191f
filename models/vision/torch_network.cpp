#include "models/vision/torch_network.hpp"

#include "models/encoders/torch_layers.hpp"
#include "models/vision/torch_operation.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <string>
#include <utility>

namespace chalkstream::models::vision {
namespace {

class device_network final : public torch_network {
public:
  device_network(const image_input& input, std::span<const step> trunk, std::span<const step> ending,
                 const tensor_archive& archive, const device& where, const load_progress& progress)
      : input_(input), where_(torch_device(where)) {
    weight_loader weights(archive, where);
    const auto count = trunk.size() + ending.size();
    for (const auto steps : {trunk, ending})
      for (const auto& each : steps) {
        operations_.push_back(std::visit([&](const auto& s) { return make_operation(s, weights); }, each));
        if (progress)
          progress(static_cast<double>(operations_.size()) / static_cast<double>(count));
      }
    bytes_ = weights.bytes();
  }

  void compute(std::span<const picture* const> images, std::span<float> rows) const override {
    const c10::InferenceMode no_gradients;
    auto x = tensor_of(images).to(where_);
    for (const auto& step : operations_)
      x = step(x);
    x = x.to(at::kCPU, at::kFloat).contiguous();
    TORCH_CHECK(x.numel() == static_cast<std::int64_t>(rows.size()), "the network gives rows of another width");
    std::copy_n(x.const_data_ptr<float>(), rows.size(), rows.begin());
  }

  std::size_t weight_bytes() const noexcept override { return bytes_; }

private:
  // [images, channels, height, width], channels last as in the pictures.
  at::Tensor tensor_of(std::span<const picture* const> images) const {
    const auto channels = input_.channels;
    const auto height = images.front()->height, width = images.front()->width;
    const auto values = height * width * channels;
    auto made = at::empty({static_cast<std::int64_t>(images.size()), static_cast<std::int64_t>(height),
                           static_cast<std::int64_t>(width), static_cast<std::int64_t>(channels)},
                          at::TensorOptions(at::kFloat));
    auto* to = made.mutable_data_ptr<float>();
    for (const auto* image : images)
      for (std::size_t i = 0; i < values; i += channels)
        for (std::size_t c = 0; c < channels; ++c)
          *to++ = input_.values[c][image->values[i + c]];
    return made.permute({0, 3, 1, 2});
  }

  image_input input_;
  c10::Device where_;
  std::vector<operation> operations_;
  std::size_t bytes_ = 0;
};

} // namespace

result<std::unique_ptr<torch_network>> make_torch_network(const image_input& input, std::span<const step> trunk,
                                                          std::span<const step> ending, const tensor_archive& weights,
                                                          const device& where, const load_progress& progress) {
  CHALK_CHECK(prepare_device(where));
  try {
    if (where.kind == device_kind::cpu)
      at::set_num_threads(1);
    const c10::InferenceMode no_gradients;
    return std::unique_ptr<torch_network>(
        std::make_unique<device_network>(input, trunk, ending, weights, where, progress));
  } catch (const c10::OutOfMemoryError&) {
    return error{errc::out_of_memory, "the weights do not fit on " + to_string(where)};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("LibTorch: ") + e.what()};
  }
}

} // namespace chalkstream::models::vision
