#include "models/generation/torch_stack.hpp"

#include "models/encoders/distance_bias.hpp"
#include "models/generation/stack_values.hpp"
#include "models/torch_activation.hpp"

#include <ATen/ATen.h>

#include <optional>
#include <vector>

namespace chalkstream::models {
namespace {

struct map_layer {
  at::Tensor weight;
  at::Tensor bias;

  at::Tensor operator()(const at::Tensor& x) const { return at::linear(x, weight, bias); }
};

struct norm_layer {
  at::Tensor gamma; // undefined: nothing is normalised
  at::Tensor beta;  // undefined: by root mean square
  double epsilon = 0;

  at::Tensor operator()(const at::Tensor& x) const {
    if (!gamma.defined())
      return x;
    if (beta.defined())
      return at::layer_norm(x, gamma.sizes(), gamma, beta, epsilon);
    return x * at::rsqrt(x.square().mean(-1, true) + epsilon) * gamma;
  }
};

struct attention_layer {
  map_layer query;
  map_layer key_value;
  map_layer output;
  norm_layer query_norm;
  norm_layer key_norm;
  norm_layer norm;
  double scale = 1;
};

struct stack_layer {
  attention_layer self;
  std::optional<attention_layer> cross;
  std::optional<map_layer> gate;
  map_layer up;
  map_layer down;
  norm_layer feed_forward_norm;
};

std::int64_t wide(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

} // namespace

struct torch_stack::weights {
  stack_description d;
  const tensor_archive& archive;
  at::Device where;
  at::Tensor words, positions, frequencies;
  at::Tensor by_distance; // [heads, distances]
  norm_layer embedding_norm, final_norm;
  std::vector<stack_layer> layers;
  map_layer output;
  std::size_t bytes = 0;

  at::Tensor place(const std::vector<float>& values, at::IntArrayRef shape) {
    auto placed = at::tensor(values, at::kFloat).view(shape).to(where);
    bytes += placed.nbytes();
    return placed;
  }

  result<at::Tensor> place(const tensor_view* view) {
    if (view == nullptr)
      return at::Tensor();
    CHALK_TRY(const auto values, to_finite_float(*view));
    archive.release(*view);
    const std::vector<std::int64_t> shape(view->shape.begin(), view->shape.end());
    return place(values, shape);
  }

  result<map_layer> map(const map_tensors& tensors) {
    CHALK_TRY(const auto values, read_map(tensors));
    archive.release(*tensors.weight);
    return map_layer{place(values.weight, {wide(tensors.out), wide(tensors.in)}), place(values.bias, {-1})};
  }

  result<norm_layer> norm(const norm_tensors& tensors) {
    norm_layer layer;
    layer.epsilon = d.epsilon;
    CHALK_TRY(layer.gamma, place(tensors.gamma));
    CHALK_TRY(layer.beta, place(tensors.beta));
    return layer;
  }

  result<attention_layer> attention(const attention_tensors& tensors) {
    attention_layer layer;
    CHALK_TRY(layer.query, map(tensors.query));
    CHALK_TRY(const auto key, map(tensors.key));
    CHALK_TRY(const auto value, map(tensors.value));
    layer.key_value = {at::cat({key.weight, value.weight}), at::cat({key.bias, value.bias})};
    CHALK_TRY(layer.output, map(tensors.output));
    CHALK_TRY(layer.query_norm, norm({tensors.query_norm, nullptr}));
    CHALK_TRY(layer.key_norm, norm({tensors.key_norm, nullptr}));
    CHALK_TRY(layer.norm, norm(tensors.norm));
    layer.scale = tensors.scale;
    return layer;
  }

  result<void> read_embeddings() {
    CHALK_TRY(words, place(d.word_table));
    CHALK_TRY(positions, place(d.position_table));
    if (d.sinusoids)
      positions = place(sinusoids(d.positions, d.width), {-1, wide(d.width)});
    if (d.rotary)
      frequencies = place(d.rotary->frequencies, {-1});
    if (d.bias) {
      CHALK_TRY(const auto laid_out, bias_by_distance(*d.bias, d.heads, d.positions));
      by_distance = place(laid_out, {wide(d.heads), -1});
    }
    CHALK_TRY(embedding_norm, norm(d.embedding_norm));
    CHALK_TRY(final_norm, norm(d.final_norm));
    return {};
  }

  result<void> read_layer(const stack_layer_tensors& tensors) {
    stack_layer layer;
    CHALK_TRY(layer.self, attention(tensors.self));
    if (tensors.cross) {
      CHALK_TRY(layer.cross, attention(*tensors.cross));
    }
    if (tensors.feed_forward.gate) {
      CHALK_TRY(layer.gate, map(*tensors.feed_forward.gate));
    }
    CHALK_TRY(layer.up, map(tensors.feed_forward.up));
    CHALK_TRY(layer.down, map(tensors.feed_forward.down));
    CHALK_TRY(layer.feed_forward_norm, norm(tensors.feed_forward.norm));
    layers.push_back(std::move(layer));
    return {};
  }

  // The norm stands on either side of a residual.
  template <class Block>
  at::Tensor residual(const at::Tensor& x, const norm_layer& norm, Block block) const {
    return d.norm_before ? x + block(norm(x)) : norm(x + block(x));
  }

  // [rows, count, head width], normalised and rotated.
  at::Tensor heads(const at::Tensor& rows, std::size_t count, const norm_layer& norm,
                   const at::Tensor& places) const {
    const auto x = norm(rows.reshape({rows.size(0), wide(count), wide(d.head_width)}));
    if (!frequencies.defined())
      return x;
    const auto angle = (places.to(at::kFloat).unsqueeze(1) * frequencies).unsqueeze(1);
    const auto cosine = at::cos(angle);
    const auto sine = at::sin(angle);
    const auto half = x.chunk(2, -1);
    return at::cat({half[0] * cosine - half[1] * sine, half[1] * cosine + half[0] * sine}, -1);
  }
};

torch_stack::torch_stack(std::unique_ptr<weights> read) : weights_(std::move(read)) {}
torch_stack::torch_stack(torch_stack&&) noexcept = default;
torch_stack& torch_stack::operator=(torch_stack&&) noexcept = default;
torch_stack::~torch_stack() = default;

result<torch_stack> torch_stack::load(const stack_description& description, const map_tensors* output,
                                      const tensor_archive& archive, const c10::Device& where,
                                      const std::function<void()>& layer_done) {
  std::unique_ptr<weights> w(new weights{description, archive, where, {}, {}, {}, {}, {}, {}, {}, {}});
  CHALK_CHECK(w->read_embeddings());
  for (const auto& tensors : description.layers) {
    CHALK_CHECK(w->read_layer(tensors));
    layer_done();
  }
  if (output != nullptr) {
    CHALK_TRY(w->output, w->map(*output));
  }
  return torch_stack(std::move(w));
}

const stack_description& torch_stack::description() const noexcept {
  return weights_->d;
}

std::size_t torch_stack::bytes() const noexcept {
  return weights_->bytes;
}

at::Tensor torch_stack::embed(const at::Tensor& ids, const at::Tensor& places) const {
  const auto& w = *weights_;
  auto x = at::embedding(w.words, ids) * static_cast<double>(w.d.embedding_scale);
  if (w.positions.defined())
    x = x + at::embedding(w.positions, places + wide(w.d.first_position));
  return w.embedding_norm(x);
}

at::Tensor torch_stack::bias(const at::Tensor& places, const at::Tensor& keys) const {
  const auto& table = weights_->by_distance;
  if (!table.defined())
    return {};
  const auto column = at::clamp(keys - places + table.size(1) / 2, 0, table.size(1) - 1);
  return table.index_select(1, column.flatten())
      .view({table.size(0), column.size(0), column.size(1), column.size(2)})
      .transpose(0, 1);
}

at::Tensor torch_stack::self_attention(std::size_t layer, const at::Tensor& states, const at::Tensor& places,
                                       const mix& see) const {
  const auto& w = *weights_;
  const auto& a = w.layers[layer].self;
  return w.residual(states, a.norm, [&](const at::Tensor& x) {
    const auto pair = a.key_value(x).chunk(2, -1);
    return a.output(see(w.heads(a.query(x), w.d.heads, a.query_norm, places),
                        w.heads(pair[0], w.d.key_value_heads, a.key_norm, places),
                        pair[1].reshape({-1, wide(w.d.key_value_heads), wide(w.d.head_width)}), a.scale));
  });
}

at::Tensor torch_stack::cross_attention(std::size_t layer, const at::Tensor& states, const mix_source& see) const {
  const auto& w = *weights_;
  const auto& a = *w.layers[layer].cross;
  return w.residual(states, a.norm, [&](const at::Tensor& x) {
    return a.output(see(a.query(x).view({-1, wide(w.d.heads), wide(w.d.head_width)}), a.scale));
  });
}

std::pair<at::Tensor, at::Tensor> torch_stack::source_keys(std::size_t layer, const at::Tensor& states) const {
  const auto& d = weights_->d;
  const auto pair = weights_->layers[layer].cross->key_value(states).chunk(2, -1);
  const auto by_head = [&](const at::Tensor& rows) {
    return rows.reshape({-1, wide(d.key_value_heads), wide(d.head_width)});
  };
  return {by_head(pair[0]), by_head(pair[1])};
}

at::Tensor torch_stack::feed_forward(std::size_t layer, const at::Tensor& states) const {
  const auto& w = *weights_;
  const auto& l = w.layers[layer];
  return w.residual(states, l.feed_forward_norm, [&](const at::Tensor& x) {
    if (!l.gate)
      return l.down(activate(l.up(x), w.d.activation));
    return l.down(activate((*l.gate)(x), w.d.activation) * l.up(x));
  });
}

at::Tensor torch_stack::final_norm(const at::Tensor& states) const {
  return weights_->final_norm(states);
}

at::Tensor torch_stack::output(const at::Tensor& states) const {
  return weights_->output(states);
}

} // namespace chalkstream::models
