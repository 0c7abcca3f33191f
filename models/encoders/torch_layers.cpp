#include "models/encoders/torch_layers.hpp"

#include "models/encoders/distance_bias.hpp"
#include "models/encoders/positions.hpp"
#include "models/torch_activation.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>
#include <utility>

namespace chalkstream::models {
namespace {

struct linear_layer {
  at::Tensor weight;
  at::Tensor bias;

  at::Tensor operator()(const at::Tensor& x) const { return at::linear(x, weight, bias); }
};

struct norm_layer {
  at::Tensor gamma;
  at::Tensor beta;
  double epsilon;

  at::Tensor operator()(const at::Tensor& x) const { return at::layer_norm(x, gamma.sizes(), gamma, beta, epsilon); }
};

struct encoder_layer {
  linear_layer query_key_value;
  linear_layer attention_output;
  norm_layer attention_norm;
  linear_layer up;
  linear_layer down;
  norm_layer output_norm;
  // Of disentangled attention, where it has projections of its own.
  std::optional<linear_layer> position_key;
  std::optional<linear_layer> position_query;
};

// What each row of the distance table is to a layer as a key and as a query, [heads, 2 * span, width of a head];
// undefined where not used.
struct projected_distances {
  at::Tensor keys;
  at::Tensor queries;
};

// Beside the first layer.
struct convolution_layer {
  at::Tensor weight;
  at::Tensor bias;
  norm_layer norm;
  std::int64_t groups;
  kernels::activation activation;
};

// The row of the distance table for each query and key of a sequence, [length, length]: the distance query - key,
// beyond half of the buckets by logarithm. The very operations of the models' authors, since a distance on a border
// must round as it did in training.
at::Tensor distance_rows(std::int64_t length, const disentangled_attention& kind, const at::Device& where) {
  const auto place = at::arange(length, at::TensorOptions(at::kLong).device(where));
  auto distance = place.unsqueeze(1) - place.unsqueeze(0);
  if (kind.buckets > 0) {
    const auto middle = static_cast<std::int64_t>(kind.buckets / 2);
    const auto steps = at::where((distance < middle) & (distance > -middle),
                                 at::scalar_tensor(middle - 1, distance.options()), distance.abs());
    const auto widest = at::log(at::scalar_tensor(
        static_cast<double>(kind.furthest - 1) / static_cast<double>(middle), distance.options().dtype(at::kFloat)));
    const auto by_logarithm = at::ceil(at::log(steps / middle) / widest * (middle - 1)) + middle;
    distance = at::where(steps <= middle, distance.to(at::kFloat), by_logarithm * distance.sign()).to(at::kLong);
  }
  const auto span = static_cast<std::int64_t>(kind.span);
  return at::clamp(distance + span, 0, 2 * span - 1);
}

at::Tensor dropped(const at::Tensor& x, double rate) {
  return rate > 0 ? at::dropout(x, rate, true) : x;
}

// mix(rows of `count` sequences of `length` tokens, count, length) for each length, end to end again. Rows are split
// once: a view of each part would cost a tensor of zeros of the whole on the way back.
template <class Mix>
at::Tensor by_length(const at::Tensor& rows, const std::vector<std::int64_t>& lengths, Mix mix) {
  std::vector<std::int64_t> sizes, counts;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (i == 0 || lengths[i] != lengths[i - 1]) {
      sizes.push_back(0);
      counts.push_back(0);
    }
    sizes.back() += lengths[i];
    ++counts.back();
  }
  auto parts = rows.split_with_sizes(sizes);
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts[i] = mix(parts[i], counts[i], sizes[i] / counts[i]);
  return parts.size() == 1 ? parts.front() : at::cat(parts);
}

// Where the sequences of a batch lie in its rows.
struct layout {
  const std::vector<std::int64_t>& lengths;
  std::int64_t longest;
  // Where a GPU mixes all lengths at once, which costs it as much as one length:
  at::Tensor borders; // packed: int32, [sequences + 1]
  at::Tensor places;  // padded: each row's place among sequences * longest
  at::Tensor words;   // padded: whether a place has a row, [sequences, 1, 1, longest]
};

} // namespace

c10::Device torch_device(const device& where) {
  return where.kind == device_kind::cpu ? c10::Device(at::kCPU)
                                        : c10::Device(at::kCUDA, static_cast<c10::DeviceIndex>(where.index));
}

layer_tensor placed(std::span<const tensor_view* const> views, const tensor_archive& archive, const device& where) {
  std::vector<at::Tensor> parts;
  layer_tensor made;
  for (const auto* view : views) {
    const std::vector<std::int64_t> shape(view->shape.begin(), view->shape.end());
    const auto type = view->type == element_type::f32   ? at::kFloat
                      : view->type == element_type::f16 ? at::kHalf
                                                        : at::kBFloat16;
    auto host = at::empty(shape, at::TensorOptions().dtype(type));
    std::memcpy(host.mutable_data_ptr(), view->bytes.data(), view->bytes.size());
    archive.release(*view);
    parts.push_back(host.to(torch_device(where), at::kFloat));
    made.names.push_back(view->name);
  }
  made.value = std::make_shared<at::Tensor>(parts.size() == 1 ? parts.front() : at::cat(parts));
  return made;
}

packed_batch pack(std::span<const sequence* const> batch, const encoder_description& encoder) {
  packed_batch p;
  p.order.resize(batch.size());
  std::iota(p.order.begin(), p.order.end(), std::size_t{0});
  std::stable_sort(p.order.begin(), p.order.end(),
                   [&](std::size_t a, std::size_t b) { return batch[a]->ids.size() < batch[b]->ids.size(); });
  for (const auto i : p.order) {
    const auto& s = *batch[i];
    p.lengths.push_back(static_cast<std::int64_t>(s.ids.size()));
    p.ids.insert(p.ids.end(), s.ids.begin(), s.ids.end());
    p.types.insert(p.types.end(), s.types.begin(), s.types.end());
    p.types.resize(p.ids.size(), 0);
    std::transform(s.ids.begin(), s.ids.end(), std::back_inserter(p.positions), position_counter(encoder));
  }
  return p;
}

struct torch_layers::parts {
  parts(const encoder_description& d, const tensor_archive& archive, const device& where, bool fixed,
        const load_progress& progress)
      : place_(where), where_(torch_device(where)), width_(static_cast<std::int64_t>(d.width)),
        heads_(static_cast<std::int64_t>(d.heads)), activation_(d.activation), disentangled_(d.disentangled) {
    load(d, archive, progress);
    if (fixed)
      for (std::size_t i = 0; i < layers_.size() && disentangled_; ++i)
        distances_.push_back(project(layers_[i]));
  }

  at::Tensor states(const packed_batch& batch, const dropout_rates& dropout) const {
    auto x = at::embedding(words_, upload(batch.ids));
    if (positions_.defined())
      x = x + at::embedding(positions_, upload(batch.positions));
    if (types_.defined())
      x = x + at::embedding(types_, upload(batch.types));
    x = dropped(embedding_norm_(x), dropout.states);
    if (projection_)
      x = (*projection_)(x);
    const auto embeddings = x;
    const auto where = lay_out(batch.lengths);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto& layer = layers_[i];
      const auto mixed = attend(i, layer.query_key_value(x), where, dropout.attention);
      x = layer.attention_norm(dropped(layer.attention_output(mixed), dropout.states) + x);
      x = layer.output_norm(dropped(layer.down(activate(layer.up(x), activation_)), dropout.states) + x);
      if (i == 0 && convolution_)
        x = convolution_->norm(x + convolve(embeddings, batch.lengths, dropout.states));
    }
    return x;
  }

  std::vector<layer_tensor> tensors;
  std::size_t bytes = 0;

private:
  void load(const encoder_description& d, const tensor_archive& archive, const load_progress& progress) {
    archive_ = &archive;
    words_ = one(*d.word_table);
    if (d.position_table != nullptr)
      positions_ = one(*d.position_table);
    if (d.type_table != nullptr)
      types_ = one(*d.type_table);
    embedding_norm_ = norm(d.embedding_norm, d.epsilon);
    if (d.projection)
      projection_ = linear(*d.projection);
    if (d.bias) {
      bias_table_ = one(*d.bias->table);
      bias_rows_ = at::tensor(buckets_by_distance(*d.bias, d.positions), at::kLong).to(where_);
    }
    if (const auto& c = d.convolution)
      convolution_ = {one(*c->weight), one(*c->bias), norm(c->norm, d.epsilon), static_cast<std::int64_t>(c->groups),
                      c->activation};
    if (d.disentangled) {
      distance_table_ = one(*d.disentangled->table);
      if (d.disentangled->norm)
        distance_norm_ = norm(*d.disentangled->norm, d.epsilon);
    }
    for (const auto& t : d.layers) {
      encoder_layer layer{
          {joined({t.query.weight, t.key.weight, t.value.weight}), joined({t.query.bias, t.key.bias, t.value.bias})},
          linear(t.attention_output),
          norm(t.attention_norm, d.epsilon),
          linear(t.up),
          linear(t.down),
          norm(t.output_norm, d.epsilon),
          {},
          {}};
      if (t.position_key)
        layer.position_key = linear(*t.position_key);
      if (t.position_query)
        layer.position_query = linear(*t.position_query);
      layers_.push_back(std::move(layer));
      if (progress)
        progress(static_cast<double>(layers_.size()) / static_cast<double>(d.layers.size()));
    }
    archive_ = nullptr;
  }

  layout lay_out(const std::vector<std::int64_t>& lengths) const {
    layout made{lengths, lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end()), {}, {}, {}};
    if (!where_.is_cuda() || disentangled_ || bias_table_.defined())
      return made;
    if (c10::GradMode::is_enabled()) {
      const auto count = static_cast<std::int64_t>(lengths.size());
      std::vector<std::int64_t> places;
      for (std::int64_t i = 0; i < count; ++i)
        for (std::int64_t at = 0; at < lengths[static_cast<std::size_t>(i)]; ++at)
          places.push_back(i * made.longest + at);
      made.places = upload(places);
      made.words = at::zeros({count * made.longest}, at::TensorOptions(at::kBool).device(where_))
                       .index_fill_(0, made.places, true)
                       .view({count, 1, 1, made.longest});
    } else {
      std::vector<std::int32_t> borders{0};
      for (const auto length : lengths)
        borders.push_back(borders.back() + static_cast<std::int32_t>(length));
      made.borders = at::tensor(borders, at::kInt).to(where_);
    }
    return made;
  }

  at::Tensor attend_packed(const at::Tensor& qkv, const layout& where) const {
    const auto group = qkv.view({1, qkv.size(0), 3, heads_, width_ / heads_}).unbind(2);
    return std::get<0>(at::_efficient_attention_forward(group[0], group[1], group[2], {}, where.borders,
                                                        where.borders, where.longest, where.longest, 0, 0))
        .reshape({qkv.size(0), width_});
  }

  // For learning: with the packed call's way back long sequences did not learn (LibTorch 2.11).
  at::Tensor attend_padded(const at::Tensor& qkv, const layout& where, double dropout) const {
    const auto count = where.words.size(0);
    const auto group = at::zeros({count * where.longest, qkv.size(1)}, qkv.options())
                           .index_copy(0, where.places, qkv)
                           .view({count, where.longest, 3, heads_, width_ / heads_})
                           .permute({2, 0, 3, 1, 4})
                           .unbind(0);
    return at::scaled_dot_product_attention(group[0], group[1], group[2], where.words, dropout)
        .transpose(1, 2)
        .reshape({count * where.longest, width_})
        .index_select(0, where.places);
  }

  at::Tensor attend(std::size_t index, const at::Tensor& qkv, const layout& where, double dropout) const {
    if (where.borders.defined())
      return attend_packed(qkv, where);
    if (where.places.defined())
      return attend_padded(qkv, where, dropout);
    projected_distances distances;
    if (disentangled_)
      distances = distances_.empty() ? project(layers_[index]) : distances_[index];
    return by_length(qkv, where.lengths, [&](const at::Tensor& rows, std::int64_t count, std::int64_t length) {
      // [count, length, 3, heads, width of a head] → three of [count, heads, length, width of a head]
      const auto group = rows.view({count, length, 3, heads_, width_ / heads_}).permute({2, 0, 3, 1, 4}).unbind(0);
      const auto mixed = disentangled_
                             ? mix_disentangled(distances, group[0], group[1], group[2], dropout)
                             : at::scaled_dot_product_attention(group[0], group[1], group[2], bias(length), dropout);
      return mixed.transpose(1, 2).reshape({count * length, width_});
    });
  }

  at::Tensor convolve(const at::Tensor& embeddings, const std::vector<std::int64_t>& lengths, double dropout) const {
    const auto& c = *convolution_;
    return by_length(embeddings, lengths, [&](const at::Tensor& rows, std::int64_t count, std::int64_t length) {
      const auto columns = rows.view({count, length, width_}).transpose(1, 2).contiguous();
      const auto mixed = at::conv1d(columns, c.weight, c.bias, 1, c.weight.size(2) / 2, 1, c.groups);
      return activate(dropped(mixed, dropout), c.activation).transpose(1, 2).reshape({count * length, width_});
    });
  }

  // [1, heads, length, length], if the model has one.
  std::optional<at::Tensor> bias(std::int64_t length) const {
    if (!bias_table_.defined())
      return std::nullopt;
    const auto place = at::arange(length, at::TensorOptions(at::kLong).device(where_));
    const auto column = place.unsqueeze(0) - place.unsqueeze(1) + bias_rows_.size(0) / 2;
    const auto rows = bias_rows_.index_select(0, column.flatten());
    return bias_table_.index_select(0, rows).t().contiguous().view({1, heads_, length, length});
  }

  at::Tensor mix_disentangled(const projected_distances& distances, const at::Tensor& q, const at::Tensor& k,
                              const at::Tensor& v, double dropout) const {
    const auto rows = distance_rows(q.size(2), *disentangled_, where_)
                          .view({1, 1, q.size(2), q.size(2)})
                          .expand({q.size(0), heads_, q.size(2), q.size(2)});
    auto scores = at::matmul(q, k.transpose(-1, -2));
    std::int64_t kinds = 1;
    if (distances.keys.defined()) {
      scores = scores + at::matmul(q, distances.keys.transpose(-1, -2)).gather(-1, rows);
      ++kinds;
    }
    if (distances.queries.defined()) {
      // A key's distance to its query; buckets are the same in both directions but for the sign.
      const auto back = at::matmul(k, distances.queries.transpose(-1, -2)).gather(-1, rows.transpose(-1, -2));
      scores = scores + back.transpose(-1, -2);
      ++kinds;
    }
    const auto head_width = width_ / heads_;
    const auto scale = 1 / std::sqrt(static_cast<double>(head_width * kinds));
    return at::matmul(dropped(at::softmax(scores * scale, -1), dropout), v);
  }

  // Where a layer has no projections of its own for distances, those of its keys and queries serve.
  projected_distances project(const encoder_layer& layer) const {
    const auto table = distance_norm_ ? (*distance_norm_)(distance_table_) : distance_table_;
    const auto share = [&](std::int64_t which) {
      const auto& all = layer.query_key_value;
      return linear_layer{all.weight.narrow(0, which * width_, width_), all.bias.narrow(0, which * width_, width_)};
    };
    projected_distances made;
    if (disentangled_->content_to_position)
      made.keys = by_head((layer.position_key ? *layer.position_key : share(1))(table));
    if (disentangled_->position_to_content)
      made.queries = by_head((layer.position_query ? *layer.position_query : share(0))(table));
    return made;
  }

  // [rows, width] → [heads, rows, width of a head]
  at::Tensor by_head(const at::Tensor& rows) const {
    return rows.view({rows.size(0), heads_, width_ / heads_}).transpose(0, 1).contiguous();
  }

  at::Tensor upload(const std::vector<std::int64_t>& from) const { return at::tensor(from, at::kLong).to(where_); }

  at::Tensor joined(std::initializer_list<const tensor_view*> views) {
    tensors.push_back(placed({views.begin(), views.size()}, *archive_, place_));
    const auto& value = *tensors.back().value;
    bytes += value.nbytes();
    return value;
  }

  at::Tensor one(const tensor_view& view) { return joined({&view}); }
  // In the order of the file's roles, whatever order the compiler would take.
  linear_layer linear(const linear_tensors& t) {
    auto weight = one(*t.weight);
    return {std::move(weight), one(*t.bias)};
  }
  norm_layer norm(const norm_tensors& t, float epsilon) {
    auto gamma = one(*t.gamma);
    return {std::move(gamma), one(*t.beta), epsilon};
  }

  device place_;
  at::Device where_;
  std::int64_t width_;
  std::int64_t heads_;
  kernels::activation activation_;
  std::optional<disentangled_attention> disentangled_;
  const tensor_archive* archive_ = nullptr; // while loading
  at::Tensor words_, positions_, types_;
  norm_layer embedding_norm_;
  std::optional<linear_layer> projection_;
  at::Tensor bias_table_; // [buckets, heads]
  at::Tensor bias_rows_;  // the row of each distance
  std::optional<convolution_layer> convolution_;
  at::Tensor distance_table_;
  std::optional<norm_layer> distance_norm_;
  std::vector<encoder_layer> layers_;
  std::vector<projected_distances> distances_; // of fixed weights
};

torch_layers::torch_layers(const encoder_description& description, const tensor_archive& archive, const device& where,
                           bool fixed, const load_progress& progress)
    : parts_(std::make_unique<parts>(description, archive, where, fixed, progress)) {}

torch_layers::~torch_layers() = default;

at::Tensor torch_layers::states(const packed_batch& batch, const dropout_rates& dropout) const {
  return parts_->states(batch, dropout);
}

const std::vector<layer_tensor>& torch_layers::tensors() const noexcept {
  return parts_->tensors;
}

std::size_t torch_layers::bytes() const noexcept {
  return parts_->bytes;
}

} // namespace chalkstream::models
