// From a map to guesses of classes and boxes: DETR's transformer.
#include "models/torch_activation.hpp"
#include "models/vision/torch_operation.hpp"

#include <ATen/ATen.h>

#include <cmath>

namespace chalkstream::models::vision {
namespace {

class attention_of_places {
public:
  attention_of_places(const placed_attention& a, weight_loader& weights)
      : query_(make_linear(a.query, weights)), key_(make_linear(a.key, weights)),
        value_(make_linear(a.value, weights)), output_(make_linear(a.output, weights)),
        heads_(static_cast<std::int64_t>(a.heads)) {}

  /// [images, tokens, width] each; keys and values have as many tokens.
  at::Tensor operator()(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values) const {
    const auto mixed =
        at::scaled_dot_product_attention(in_heads(query_(queries)), in_heads(key_(keys)), in_heads(value_(values)));
    return output_(mixed.transpose(1, 2).reshape(queries.sizes()));
  }

private:
  at::Tensor in_heads(const at::Tensor& x) const {
    return x.view({x.size(0), x.size(1), heads_, x.size(2) / heads_}).transpose(1, 2);
  }

  operation query_, key_, value_, output_;
  std::int64_t heads_;
};

operation make_inner(const normed_inner& inner, weight_loader& weights) {
  return [up = make_linear(inner.up, weights), down = make_linear(inner.down, weights),
          norm = make_norm(inner.norm, weights),
          act = inner.activation](const at::Tensor& x) { return norm(x + down(activate(up(x), act))); };
}

class encoder_layer {
public:
  encoder_layer(const placed_encoder_layer& layer, weight_loader& weights)
      : attention_(layer.attention, weights), norm_(make_norm(layer.norm, weights)),
        inner_(make_inner(layer.inner, weights)) {}

  at::Tensor operator()(const at::Tensor& x, const at::Tensor& places) const {
    const auto placed = x + places;
    return inner_(norm_(x + attention_(placed, placed, x)));
  }

private:
  attention_of_places attention_;
  operation norm_, inner_;
};

class decoder_layer {
public:
  decoder_layer(const placed_decoder_layer& layer, weight_loader& weights)
      : attention_(layer.attention, weights), cross_(layer.cross, weights), norm_(make_norm(layer.norm, weights)),
        cross_norm_(make_norm(layer.cross_norm, weights)), inner_(make_inner(layer.inner, weights)) {}

  at::Tensor operator()(const at::Tensor& guesses, const at::Tensor& positions, const at::Tensor& seen,
                        const at::Tensor& placed) const {
    const auto asked = guesses + positions;
    const auto x = norm_(guesses + attention_(asked, asked, guesses));
    return inner_(cross_norm_(x + cross_(x + positions, placed, seen)));
  }

private:
  attention_of_places attention_, cross_;
  operation norm_, cross_norm_, inner_;
};

/// Where places are: [1, places, width].
class place_positions {
public:
  place_positions(const region_finder& finder, weight_loader& weights)
      : rows_(weights.one(finder.rows)), columns_(weights.one(finder.columns)) {}

  at::Tensor of(const at::Tensor& map) const {
    const auto height = map.size(2), width = map.size(3);
    auto down = rows_, along = columns_;
    if (rows_.defined()) {
      TORCH_CHECK(height <= rows_.size(0) && width <= columns_.size(0), "an image of ", height, " x ", width,
                  " places has more than the ", rows_.size(0), " a side that there are positions for");
      down = rows_.slice(0, 0, height);
      along = columns_.slice(0, 0, width);
    } else {
      down = sines(height, map);
      along = sines(width, map);
    }
    const auto half = down.size(1);
    down = down.unsqueeze(1).expand({height, width, half});
    along = along.unsqueeze(0).expand({height, width, half});
    const auto places = rows_.defined() ? at::cat({along, down}, 2) : at::cat({down, along}, 2);
    return places.reshape({1, height * width, 2 * half});
  }

private:
  // [places, width of the map / 2]: of a side's shares of a circle, in turn sines and cosines of falling frequencies.
  static at::Tensor sines(std::int64_t places, const at::Tensor& map) {
    const auto half = map.size(1) / 2;
    const auto options = at::TensorOptions(at::kFloat).device(map.device());
    const auto share = at::arange(1, places + 1, options) / (static_cast<double>(places) + 1e-6) * (2 * M_PI);
    const auto pairs = at::arange(half / 2, options).repeat_interleave(2);
    const auto angles = share.unsqueeze(1) / at::pow(10000.0, pairs * 2 / static_cast<double>(half));
    return at::stack({angles.slice(1, 0, half, 2).sin(), angles.slice(1, 1, half, 2).cos()}, 2).flatten(1);
  }

  at::Tensor rows_, columns_; // undefined: sines
};

class finder {
public:
  finder(const region_finder& found, weight_loader& weights)
      : positions_(found, weights), guesses_(weights.one(found.guesses).unsqueeze(0)),
        norm_(make_norm(found.norm, weights)), norms_every_layer_(found.norms_every_layer),
        classes_(make_linear(found.classes, weights)) {
    for (const auto& layer : found.encoder)
      encoder_.emplace_back(layer, weights);
    for (const auto& layer : found.decoder)
      decoder_.emplace_back(layer, weights);
    for (const auto& layer : found.boxes)
      boxes_.push_back(make_linear(layer, weights));
  }

  at::Tensor operator()(const at::Tensor& map) const {
    const auto places = positions_.of(map);
    auto seen = map.flatten(2).transpose(1, 2);
    for (const auto& layer : encoder_)
      seen = layer(seen, places);
    const auto placed = seen + places;
    const auto positions = guesses_.expand({map.size(0), guesses_.size(1), guesses_.size(2)});
    auto x = at::zeros_like(positions);
    for (const auto& layer : decoder_) {
      x = layer(x, positions, seen, placed);
      if (norms_every_layer_)
        x = norm_(x);
    }
    x = norm_(x);
    return at::cat({classes_(x), boxes_of(x)}, 2).flatten(1);
  }

private:
  at::Tensor boxes_of(at::Tensor x) const {
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      x = boxes_[i](x);
      x = i + 1 < boxes_.size() ? at::relu(x) : at::sigmoid(x);
    }
    return x;
  }

  place_positions positions_;
  at::Tensor guesses_; // [1, guesses, width]
  operation norm_;
  bool norms_every_layer_;
  operation classes_;
  std::vector<encoder_layer> encoder_;
  std::vector<decoder_layer> decoder_;
  std::vector<operation> boxes_;
};

} // namespace

operation make_operation(const region_finder& step, weight_loader& weights) {
  return finder(step, weights);
}

} // namespace chalkstream::models::vision
