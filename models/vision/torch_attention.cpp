// Layers of attention, over all tokens or within windows.
#include "models/encoders/torch_layers.hpp"
#include "models/torch_activation.hpp"
#include "models/vision/torch_operation.hpp"

#include <ATen/ATen.h>

#include <array>
#include <optional>

namespace chalkstream::models::vision {
namespace {

/// Query, key and value of `heads` heads each, and what is mixed of them: [groups, tokens, width] in and out.
class attention {
public:
  attention(const attention_layer& layer, weight_loader& weights)
      : weight_(weights.joined(std::array{layer.query.weight, layer.key.weight, layer.value.weight})),
        bias_(weights.joined(std::array{layer.query.bias, layer.key.bias, layer.value.bias})),
        output_(make_linear(layer.output, weights)), heads_(static_cast<std::int64_t>(layer.heads)) {}

  at::Tensor operator()(const at::Tensor& x, const std::optional<at::Tensor>& mask) const {
    const auto count = x.size(0), length = x.size(1), width = x.size(2);
    const auto parts = at::linear(x, weight_, bias_)
                           .view({count, length, 3, heads_, width / heads_})
                           .permute({2, 0, 3, 1, 4})
                           .unbind(0);
    const auto mixed = at::scaled_dot_product_attention(parts[0], parts[1], parts[2], mask);
    return output_(mixed.transpose(1, 2).reshape({count, length, width}));
  }

private:
  at::Tensor weight_;
  at::Tensor bias_;
  operation output_;
  std::int64_t heads_;
};

std::int64_t filled_up(std::int64_t size, std::int64_t side) {
  return (size + side - 1) / side * side;
}

/// Cuts a grid into windows and puts it together again.
class window_grid {
public:
  window_grid(const windows& w, const c10::Device& where)
      : height_(static_cast<std::int64_t>(w.grid.height)), width_(static_cast<std::int64_t>(w.grid.width)),
        side_(static_cast<std::int64_t>(w.side)), shift_(static_cast<std::int64_t>(w.shift)),
        full_height_(filled_up(height_, side_)), full_width_(filled_up(width_, side_)) {
    if (shift_ > 0)
      apart_ = regions(where);
  }

  /// [images, places, channels] to [images * windows, side * side, channels].
  at::Tensor cut(const at::Tensor& x) const {
    auto grid = x.view({x.size(0), height_, width_, x.size(2)});
    if (full_height_ != height_ || full_width_ != width_)
      grid = at::constant_pad_nd(grid, {0, 0, 0, full_width_ - width_, 0, full_height_ - height_});
    if (shift_ > 0)
      grid = at::roll(grid, {-shift_, -shift_}, {1, 2});
    return into_windows(grid);
  }

  /// The way back.
  at::Tensor join(const at::Tensor& windows, std::int64_t images) const {
    const auto channels = windows.size(2);
    auto grid = windows.view({images, full_height_ / side_, full_width_ / side_, side_, side_, channels})
                    .transpose(2, 3)
                    .reshape({images, full_height_, full_width_, channels});
    if (shift_ > 0)
      grid = at::roll(grid, {shift_, shift_}, {1, 2});
    return grid.slice(1, 0, height_).slice(2, 0, width_).reshape({images, height_ * width_, channels});
  }

  /// `bias` [1, heads, places, places] for every window of so many images, with what keeps strangers apart.
  at::Tensor mask(const at::Tensor& bias, std::int64_t images) const {
    if (!apart_.defined())
      return bias;
    return (bias + apart_)
        .unsqueeze(0)
        .expand({images, apart_.size(0), bias.size(1), bias.size(2), bias.size(3)})
        .reshape({images * apart_.size(0), bias.size(1), bias.size(2), bias.size(3)});
  }

private:
  at::Tensor into_windows(const at::Tensor& grid) const {
    const auto channels = grid.size(3);
    return grid.view({grid.size(0), full_height_ / side_, side_, full_width_ / side_, side_, channels})
        .transpose(2, 3)
        .reshape({-1, side_ * side_, channels});
  }

  // [windows, 1, places, places]: -100, as it was learnt with, where two places of a window were no neighbours before
  // the grid was rolled.
  at::Tensor regions(const c10::Device& where) const {
    const auto along = [&](std::int64_t size) {
      const auto place = at::arange(size, at::TensorOptions(at::kLong).device(where));
      return (place >= size - side_).to(at::kLong) + (place >= size - shift_).to(at::kLong);
    };
    const auto region = along(full_height_).unsqueeze(1) * 3 + along(full_width_).unsqueeze(0);
    const auto of_window = into_windows(region.view({1, full_height_, full_width_, 1})).squeeze(2);
    const auto strangers = of_window.unsqueeze(1) != of_window.unsqueeze(2);
    return (strangers.to(at::kFloat) * -100).unsqueeze(1);
  }

  std::int64_t height_, width_, side_, shift_, full_height_, full_width_;
  at::Tensor apart_; // defined if shifted
};

// [1, heads, places, places] of the table's rows, one a difference of places.
at::Tensor bias_of_differences(const at::Tensor& table, std::int64_t side) {
  const auto along = at::arange(side, at::TensorOptions(at::kLong).device(table.device()));
  const auto row = along.unsqueeze(1).expand({side, side}).reshape(-1);
  const auto column = along.unsqueeze(0).expand({side, side}).reshape(-1);
  const auto difference = [&](const at::Tensor& of) { return of.unsqueeze(1) - of.unsqueeze(0) + side - 1; };
  const auto index = difference(row) * (2 * side - 1) + difference(column);
  return table.index_select(0, index.reshape(-1))
      .view({side * side, side * side, table.size(1)})
      .permute({2, 0, 1})
      .unsqueeze(0)
      .contiguous();
}

class window_attention {
public:
  window_attention(const attention_layer& layer, weight_loader& weights)
      : grid_(*layer.within, torch_device(weights.where())), mix_(layer, weights),
        bias_(bias_of_differences(weights.one(layer.within->bias), static_cast<std::int64_t>(layer.within->side))) {}

  at::Tensor operator()(const at::Tensor& x) const {
    return grid_.join(mix_(grid_.cut(x), grid_.mask(bias_, x.size(0))), x.size(0));
  }

private:
  window_grid grid_;
  attention mix_;
  at::Tensor bias_;
};

operation make_mixing(const attention_layer& layer, weight_loader& weights) {
  if (layer.within)
    return window_attention(layer, weights);
  return [mix = attention(layer, weights)](const at::Tensor& x) { return mix(x, std::nullopt); };
}

} // namespace

operation make_operation(const attention_layer& layer, weight_loader& weights) {
  auto attention_norm = make_norm(layer.attention_norm, weights);
  auto mix = make_mixing(layer, weights);
  auto inner_norm = make_norm(layer.inner_norm, weights);
  auto up = make_linear(layer.up, weights);
  auto down = make_linear(layer.down, weights);
  return [attention_norm = std::move(attention_norm), mix = std::move(mix), inner_norm = std::move(inner_norm),
          up = std::move(up), down = std::move(down), act = layer.activation](const at::Tensor& tokens) {
    const auto x = tokens + mix(attention_norm(tokens));
    return x + down(activate(up(inner_norm(x)), act));
  };
}

} // namespace chalkstream::models::vision
