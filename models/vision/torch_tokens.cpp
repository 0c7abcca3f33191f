// Steps from a map to tokens, among tokens, and to rows.
#include "models/encoders/torch_layers.hpp"
#include "models/torch_activation.hpp"
#include "models/vision/torch_operation.hpp"

#include <ATen/ATen.h>

namespace chalkstream::models::vision {

at::Tensor weight_loader::one(const tensor_view* view) {
  return joined({&view, 1});
}

at::Tensor weight_loader::joined(std::span<const tensor_view* const> views) {
  if (views.front() == nullptr)
    return {};
  auto value = *placed(views, archive_, where_).value;
  bytes_ += value.nbytes();
  return value;
}

operation make_norm(const layer_norm& norm, weight_loader& weights) {
  return [gamma = weights.one(norm.tensors.gamma), beta = weights.one(norm.tensors.beta), epsilon = norm.epsilon](
             const at::Tensor& x) { return at::layer_norm(x, gamma.sizes(), gamma, beta, epsilon); };
}

operation make_linear(const linear_tensors& linear, weight_loader& weights) {
  return [weight = weights.one(linear.weight), bias = weights.one(linear.bias)](const at::Tensor& x) {
    return at::linear(x, weight, bias);
  };
}

operation make_operation(const tokens_of_map& step, weight_loader& weights) {
  operation norm;
  if (step.norm)
    norm = make_norm(*step.norm, weights);
  std::vector<at::Tensor> prefix;
  for (const auto* token : step.prefix)
    prefix.push_back(weights.one(token));
  return [norm = std::move(norm), prefix = std::move(prefix),
          positions = weights.one(step.positions)](const at::Tensor& map) {
    auto x = map.permute({0, 2, 3, 1}).reshape({map.size(0), map.size(2) * map.size(3), map.size(1)});
    if (norm)
      x = norm(x);
    if (!prefix.empty()) {
      std::vector<at::Tensor> parts;
      for (const auto& token : prefix)
        parts.push_back(token.expand({map.size(0), 1, map.size(1)}));
      parts.push_back(x);
      x = at::cat(parts, 1);
    }
    return positions.defined() ? x + positions : x;
  };
}

operation make_operation(const merged_places& step, weight_loader& weights) {
  auto norm = make_norm(step.norm, weights);
  auto reduction = make_linear(step.reduction, weights);
  const auto height = static_cast<std::int64_t>(step.grid.height);
  const auto width = static_cast<std::int64_t>(step.grid.width);
  return [height, width, norm = std::move(norm), reduction = std::move(reduction)](const at::Tensor& tokens) {
    const auto channels = tokens.size(2);
    auto x = tokens.view({tokens.size(0), height, width, channels});
    if (height % 2 == 1 || width % 2 == 1)
      x = at::constant_pad_nd(x, {0, 0, 0, width % 2, 0, height % 2});
    std::vector<at::Tensor> parts;
    for (const std::int64_t column : {0, 1})
      for (const std::int64_t row : {0, 1})
        parts.push_back(x.slice(1, row, x.size(1), 2).slice(2, column, x.size(2), 2));
    return reduction(norm(at::cat(parts, -1).view({tokens.size(0), -1, 4 * channels})));
  };
}

operation make_operation(const row_norm& step, weight_loader& weights) {
  return make_norm(step.norm, weights);
}

operation make_operation(const mean&, weight_loader&) {
  return [](const at::Tensor& x) { return x.dim() == 4 ? x.mean({2, 3}) : x.mean(1); };
}

operation make_operation(const first_token&, weight_loader&) {
  return [](const at::Tensor& x) { return x.select(1, 0); };
}

operation make_operation(const dense& step, weight_loader& weights) {
  return [linear = make_linear(step.linear, weights), act = step.activation](const at::Tensor& x) {
    return activate(linear(x), act);
  };
}

operation make_operation(const token_heads& step, weight_loader& weights) {
  std::vector<operation> heads;
  for (const auto& head : step.heads)
    heads.push_back(make_linear(head, weights));
  return [heads = std::move(heads)](const at::Tensor& x) {
    auto sum = heads.front()(x.select(1, 0));
    for (std::size_t i = 1; i < heads.size(); ++i)
      sum = sum + heads[i](x.select(1, static_cast<std::int64_t>(i)));
    return sum / static_cast<double>(heads.size());
  };
}

} // namespace chalkstream::models::vision
