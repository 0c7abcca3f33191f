#include "models/drawing/drawing_layers.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace chalkstream::models::drawing {

namespace {

constexpr double leak = 0.2;

at::Tensor unit(const at::Tensor& x) {
  return x / at::clamp_min(at::linalg_vector_norm(x), 1e-12);
}

} // namespace

generator::generator(const drawing_description& net, const tensor_archive& archive, const device& where)
    : net_(net), layers_(generator_tensors(net), archive, where) {}

at::Tensor generator::pictures(const at::Tensor& latents, const at::Tensor& labels, norms how) const {
  const auto normed = [&](const std::string& name, const at::Tensor& made) {
    return at::relu(nets::batch_normed(layers_, name, made, how));
  };
  const auto embedded = at::embedding(layers_.of("generator.labels.weight"), labels);
  auto x = at::linear(at::cat({latents, embedded}, 1), layers_.of("generator.start.weight"));
  x = x.view({x.size(0), -1, static_cast<std::int64_t>(net_.rows()), static_cast<std::int64_t>(net_.columns())});
  x = normed("generator.start_norm", x);
  for (std::size_t stage = 0; stage + 1 < net_.hidden_sizes.size(); ++stage) {
    const auto name = "generator.stages." + std::to_string(stage);
    x = normed(name + ".norm", at::conv_transpose2d(x, layers_.of(name + ".convolution.weight"), {}, 2, 1));
  }
  return at::tanh(
      at::conv_transpose2d(x, layers_.of("generator.picture.weight"), layers_.of("generator.picture.bias"), 2, 1));
}

discriminator::discriminator(const drawing_description& net, const tensor_archive& archive, const device& where)
    : net_(net), layers_(discriminator_tensors(net), archive, where) {}

at::Tensor discriminator::realness(const at::Tensor& pictures, const at::Tensor& labels, norms how) const {
  auto x = pictures;
  for (std::size_t stage = 0; stage < net_.hidden_sizes.size(); ++stage) {
    const auto name = "discriminator.stages." + std::to_string(stage);
    x = at::leaky_relu(at::conv2d(x, weight(name, how), layers_.of(name + ".bias"), 2, 1), leak);
  }
  x = at::leaky_relu(at::conv2d(x, weight("discriminator.last", how), layers_.of("discriminator.last.bias"), 1, 1),
                     leak);
  x = x.sum(at::IntArrayRef{2, 3});
  const auto by_label = at::embedding(weight("discriminator.labels", how), labels);
  return at::linear(x, weight("discriminator.real", how), layers_.of("discriminator.real.bias")).squeeze(1)
         + (by_label * x).sum(1);
}

at::Tensor discriminator::weight(const std::string& name, norms how) const {
  const auto& raw = layers_.of(name + ".weight");
  const auto rows = raw.reshape({raw.size(0), -1});
  at::Tensor left, right;
  {
    const c10::NoGradGuard no_gradients;
    auto direction = layers_.of(name + ".direction"); // the same storage
    right = unit(at::mv(rows.t(), direction));
    left = unit(at::mv(rows, right));
    if (how == norms::learning)
      direction.copy_(left);
  }
  return raw / at::dot(left, at::mv(rows, right));
}

std::vector<picture> to_pictures(const at::Tensor& pixels) {
  const auto bytes =
      ((pixels + 1) * 127.5).round().clamp(0, 255).to(at::kCPU, at::kByte).permute({0, 2, 3, 1}).contiguous();
  std::vector<picture> made;
  const auto* from = bytes.const_data_ptr<std::uint8_t>();
  const auto size = static_cast<std::size_t>(bytes.size(1) * bytes.size(2) * bytes.size(3));
  for (std::int64_t i = 0; i < bytes.size(0); ++i, from += size)
    made.push_back({static_cast<std::size_t>(bytes.size(2)), static_cast<std::size_t>(bytes.size(1)),
                    static_cast<std::size_t>(bytes.size(3)), std::vector<std::uint8_t>(from, from + size)});
  return made;
}

float value_of_byte(std::uint8_t byte) noexcept {
  return static_cast<float>(byte) / 127.5f - 1;
}

at::Tensor label_tensor(std::span<const std::size_t> labels, const device& where) {
  auto made = at::empty({static_cast<std::int64_t>(labels.size())}, at::kLong);
  auto* to = made.mutable_data_ptr<std::int64_t>();
  for (const auto label : labels)
    *to++ = static_cast<std::int64_t>(label);
  return made.to(torch_device(where));
}

} // namespace chalkstream::models::drawing
