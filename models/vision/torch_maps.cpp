// Steps from map to map.
#include "models/torch_activation.hpp"
#include "models/vision/torch_operation.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

namespace chalkstream::models::vision {
namespace {

std::int64_t signed_of(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

// TensorFlow's padding along a side: before and behind.
std::array<std::int64_t, 2> same_padding(std::int64_t size, std::int64_t kernel, std::int64_t stride,
                                         std::int64_t dilation) {
  const auto past = size % stride;
  const auto all = std::max<std::int64_t>(kernel - (past == 0 ? stride : past), 0);
  return {all / 2 * dilation, (all - all / 2) * dilation};
}

class convolver {
public:
  convolver(const convolution& c, weight_loader& weights)
      : stride_{signed_of(c.stride.height), signed_of(c.stride.width)}, around_(c.around),
        dilation_(signed_of(c.dilation)), groups_(signed_of(c.groups)), activation_(c.activation) {
    weight_ = weights.one(c.weight);
    bias_ = weights.one(c.bias);
    if (c.norm)
      fold(*c.norm, weights);
    weight_ = weight_.contiguous(at::MemoryFormat::ChannelsLast);
    if (around_ == padding::half)
      half_ = {weight_.size(2) / 2 * dilation_, weight_.size(3) / 2 * dilation_};
  }

  at::Tensor operator()(const at::Tensor& x) const {
    return activate(at::conv2d(padded(x), weight_, bias_, stride_, half_, std::array{dilation_, dilation_}, groups_),
                    activation_);
  }

private:
  // A norm by fixed statistics is a factor and an addend a channel, and both may as well be the convolution's.
  void fold(const batch_norm& norm, weight_loader& weights) {
    const auto factor = weights.one(norm.tensors.gamma) * at::rsqrt(weights.one(norm.variance) + norm.epsilon);
    const auto mean = weights.one(norm.mean);
    weight_ = weight_ * factor.view({-1, 1, 1, 1});
    bias_ = weights.one(norm.tensors.beta) + factor * (bias_.defined() ? bias_ - mean : -mean);
  }

  at::Tensor padded(const at::Tensor& x) const {
    if (around_ == padding::same) {
      const auto y = same_padding(x.size(2), weight_.size(2), stride_[0], dilation_);
      const auto along = same_padding(x.size(3), weight_.size(3), stride_[1], dilation_);
      return pad(x, along[0], along[1], y[0], y[1]);
    }
    if (around_ == padding::multiple) {
      const auto left_over = [](std::int64_t size, std::int64_t kernel) { return (kernel - size % kernel) % kernel; };
      return pad(x, 0, left_over(x.size(3), weight_.size(3)), 0, left_over(x.size(2), weight_.size(2)));
    }
    return x;
  }

  static at::Tensor pad(const at::Tensor& x, std::int64_t left, std::int64_t right, std::int64_t top,
                        std::int64_t bottom) {
    if (left == 0 && right == 0 && top == 0 && bottom == 0)
      return x;
    return at::constant_pad_nd(x, {left, right, top, bottom});
  }

  at::Tensor weight_;
  at::Tensor bias_;
  std::array<std::int64_t, 2> stride_;
  std::array<std::int64_t, 2> half_{0, 0};
  padding around_;
  std::int64_t dilation_;
  std::int64_t groups_;
  kernels::activation activation_;
};

// [images, channels, height, width] and [images, height, width, channels]: of a channels-last map the same memory.
at::Tensor places_last(const at::Tensor& map) {
  return map.permute({0, 2, 3, 1});
}
at::Tensor channels_second(const at::Tensor& places) {
  return places.permute({0, 3, 1, 2});
}

} // namespace

operation make_operation(const convolution& step, weight_loader& weights) {
  return convolver(step, weights);
}

operation make_operation(const max_pool&, weight_loader&) {
  return [](const at::Tensor& x) { return at::max_pool2d(x, {3, 3}, {2, 2}, {1, 1}); };
}

operation make_operation(const residual& step, weight_loader& weights) {
  std::vector<convolver> body;
  for (const auto& c : step.body)
    body.emplace_back(c, weights);
  std::optional<convolver> shortcut;
  if (step.shortcut)
    shortcut.emplace(*step.shortcut, weights);
  return [body = std::move(body), shortcut = std::move(shortcut), act = step.activation](const at::Tensor& x) {
    auto y = x;
    for (const auto& c : body)
      y = c(y);
    return activate(y + (shortcut ? (*shortcut)(x) : x), act);
  };
}

operation make_operation(const map_norm& step, weight_loader& weights) {
  return
      [norm = make_norm(step.norm, weights)](const at::Tensor& x) { return channels_second(norm(places_last(x))); };
}

operation make_operation(const mixed_places& step, weight_loader& weights) {
  convolver mix(step.mix, weights);
  auto norm = make_norm(step.norm, weights);
  auto up = make_linear(step.up, weights);
  auto down = make_linear(step.down, weights);
  return [mix = std::move(mix), norm = std::move(norm), up = std::move(up), down = std::move(down),
          act = step.activation, scale = weights.one(step.scale)](const at::Tensor& x) {
    auto y = down(activate(up(norm(places_last(mix(x)))), act));
    if (scale.defined())
      y = y * scale;
    return x + channels_second(y);
  };
}

} // namespace chalkstream::models::vision
