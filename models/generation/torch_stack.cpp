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
  at::Tensor bias; // undefined: none

  at::Tensor operator()(const at::Tensor& x) const {
    return bias.defined() ? at::linear(x, weight, bias) : at::linear(x, weight);
  }
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

at::Tensor dropped(const at::Tensor& x, double rate) {
  return rate > 0 ? at::dropout(x, rate, true) : x;
}

// All of a tensor, as it lies there: what several maps share, and what is stored the other way round, is copied.
bool is_whole(const map_tensors& map) {
  return !map.transposed && map.first == 0 && map.weight->shape.front() == map.out;
}

} // namespace

struct torch_stack::weights {
  weights(const stack_description& of, placed_tensors& from) : d(of), tensors(&from) {}

  stack_description d;
  placed_tensors* tensors; // while loading
  stack_learning learning;
  at::Tensor words, positions, frequencies;
  at::Tensor bias_table;   // [buckets, heads]
  at::Tensor bias_buckets; // of each distance
  norm_layer embedding_norm, final_norm;
  std::vector<stack_layer> layers;
  map_layer output;

  result<at::Tensor> place(const tensor_view* view) {
    if (view == nullptr)
      return at::Tensor();
    return tensors->place({&view, 1});
  }

  // Maps of one input, end to end.
  result<map_layer> map(std::initializer_list<const map_tensors*> parts) {
    std::vector<const tensor_view*> weights, biases;
    bool whole = true;
    for (const auto* part : parts) {
      whole = whole && is_whole(*part);
      weights.push_back(part->weight);
      if (part->bias != nullptr)
        biases.push_back(part->bias);
    }
    if (!whole || (!biases.empty() && biases.size() != weights.size()))
      return copied(parts);
    map_layer made;
    CHALK_TRY(made.weight, tensors->place(weights));
    if (!biases.empty()) {
      CHALK_TRY(const auto bias, tensors->place(biases));
      made.bias = bias.flatten();
    }
    return made;
  }

  result<map_layer> copied(std::initializer_list<const map_tensors*> parts) {
    std::vector<at::Tensor> weights, biases;
    for (const auto* part : parts) {
      CHALK_TRY(const auto values, read_map(*part));
      weights.push_back(tensors->place(values.weight, {wide(part->out), wide(part->in)}));
      biases.push_back(tensors->place(values.bias, {-1}));
    }
    return map_layer{at::cat(weights), at::cat(biases)};
  }

  result<norm_layer> norm(const norm_tensors& from) {
    norm_layer layer;
    layer.epsilon = d.epsilon;
    CHALK_TRY(layer.gamma, place(from.gamma));
    CHALK_TRY(layer.beta, place(from.beta));
    return layer;
  }

  result<attention_layer> attention(const attention_tensors& from) {
    attention_layer layer;
    CHALK_TRY(layer.query, map({&from.query}));
    CHALK_TRY(layer.key_value, map({&from.key, &from.value}));
    CHALK_TRY(layer.output, map({&from.output}));
    CHALK_TRY(layer.query_norm, norm({from.query_norm, nullptr}));
    CHALK_TRY(layer.key_norm, norm({from.key_norm, nullptr}));
    CHALK_TRY(layer.norm, norm(from.norm));
    layer.scale = from.scale;
    return layer;
  }

  result<void> read_embeddings() {
    CHALK_TRY(words, place(d.word_table));
    CHALK_TRY(positions, place(d.position_table));
    if (d.sinusoids > 0)
      positions = tensors->place(sinusoids(d), {-1, wide(d.width)});
    if (d.rotary)
      frequencies = tensors->place(d.rotary->frequencies, {-1});
    if (d.bias) {
      CHALK_TRY(bias_table, place(d.bias->table));
      bias_buckets = at::tensor(buckets_by_distance(*d.bias, d.positions), at::kLong).to(bias_table.device());
    }
    CHALK_TRY(embedding_norm, norm(d.embedding_norm));
    CHALK_TRY(final_norm, norm(d.final_norm));
    return {};
  }

  result<void> read_layer(const stack_layer_tensors& from) {
    stack_layer layer;
    CHALK_TRY(layer.self, attention(from.self));
    if (from.cross) {
      CHALK_TRY(layer.cross, attention(*from.cross));
    }
    if (from.feed_forward.gate) {
      CHALK_TRY(layer.gate, map({&*from.feed_forward.gate}));
    }
    CHALK_TRY(layer.up, map({&from.feed_forward.up}));
    CHALK_TRY(layer.down, map({&from.feed_forward.down}));
    CHALK_TRY(layer.feed_forward_norm, norm(from.feed_forward.norm));
    layers.push_back(std::move(layer));
    return {};
  }

  // The norm stands on either side of a residual.
  template <class Block>
  at::Tensor residual(const at::Tensor& x, const norm_layer& norm, Block block) const {
    const auto added = dropped(block(d.norm_before ? norm(x) : x), learning.blocks);
    return d.norm_before ? x + added : norm(x + added);
  }

  // [rows, count, head width], normalised and rotated.
  at::Tensor heads(const at::Tensor& rows, std::size_t count, const norm_layer& norm,
                   const at::Tensor& places) const {
    auto x = norm(rows.reshape({rows.size(0), wide(count), wide(d.head_width)}));
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
                                      placed_tensors& tensors, const std::function<void()>& layer_done) {
  auto w = std::make_unique<weights>(description, tensors);
  CHALK_CHECK(w->read_embeddings());
  for (const auto& layer : description.layers) {
    CHALK_CHECK(w->read_layer(layer));
    layer_done();
  }
  if (output != nullptr) {
    CHALK_TRY(w->output, w->map({output}));
  }
  w->tensors = nullptr;
  return torch_stack(std::move(w));
}

const stack_description& torch_stack::description() const noexcept {
  return weights_->d;
}

void torch_stack::learn_as(const stack_learning& how) {
  weights_->learning = how;
}

at::Tensor torch_stack::embed(const at::Tensor& ids, const at::Tensor& places) const {
  const auto& w = *weights_;
  auto x = at::embedding(w.words, ids, w.learning.padding) * static_cast<double>(w.d.embedding_scale);
  if (w.positions.defined()) {
    auto place = at::embedding(w.positions, places + wide(w.d.first_position));
    if (w.d.unplaced)
      place = place.masked_fill((ids == static_cast<std::int64_t>(*w.d.unplaced)).unsqueeze(-1), 0);
    x = x + place;
  }
  return dropped(w.embedding_norm(x), w.learning.embeddings);
}

at::Tensor torch_stack::bias(const at::Tensor& places, const at::Tensor& keys) const {
  const auto& table = weights_->bias_table;
  const auto& buckets = weights_->bias_buckets;
  if (!table.defined())
    return {};
  const auto column = at::clamp(keys - places + buckets.size(0) / 2, 0, buckets.size(0) - 1);
  return table.t()
      .index_select(1, buckets.index_select(0, column.flatten()))
      .view({table.size(1), column.size(0), column.size(1), column.size(2)})
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
    const auto inner = l.gate ? activate((*l.gate)(x), w.d.activation) * l.up(x) : activate(l.up(x), w.d.activation);
    return l.down(dropped(inner, w.learning.activation));
  });
}

at::Tensor torch_stack::final_norm(const at::Tensor& states) const {
  return dropped(weights_->final_norm(states), weights_->learning.output);
}

at::Tensor torch_stack::output(const at::Tensor& states) const {
  return weights_->output(states);
}

} // namespace chalkstream::models
