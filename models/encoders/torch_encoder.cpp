#include "models/encoders/distance_bias.hpp"
#include "models/encoders/encoder.hpp"
#include "models/encoders/positions.hpp"
#include "models/torch_activation.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>
#include <vector>

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
  // Of disentangled attention: what each row of the distance table is as a key and as a query, [heads, 2 * span,
  // width of a head]; undefined where not used.
  at::Tensor position_keys;
  at::Tensor position_queries;
};

// Beside the first layer.
struct convolution_layer {
  at::Tensor weight;
  at::Tensor bias;
  norm_layer norm;
  std::int64_t groups;
  kernels::activation activation;
};

// A batch packed in order of length, so that sequences of one length lie together and share one attention call.
struct packed_batch {
  std::vector<std::size_t> order;
  std::vector<std::int64_t> lengths; // of order[i]
  at::Tensor ids, types, positions;
};

packed_batch pack(std::span<const sequence* const> batch, position_counter counter, const at::Device& where) {
  packed_batch p;
  p.order.resize(batch.size());
  std::iota(p.order.begin(), p.order.end(), std::size_t{0});
  std::stable_sort(p.order.begin(), p.order.end(),
                   [&](std::size_t a, std::size_t b) { return batch[a]->ids.size() < batch[b]->ids.size(); });
  std::vector<std::int64_t> ids, types, positions;
  for (const auto i : p.order) {
    const auto& s = *batch[i];
    const auto n = s.ids.size();
    p.lengths.push_back(static_cast<std::int64_t>(n));
    ids.insert(ids.end(), s.ids.begin(), s.ids.end());
    types.insert(types.end(), s.types.begin(), s.types.end());
    types.resize(ids.size(), 0);
    std::transform(s.ids.begin(), s.ids.end(), std::back_inserter(positions), position_counter(counter));
  }
  const auto upload = [&](const std::vector<std::int64_t>& from) { return at::tensor(from, at::kLong).to(where); };
  p.ids = upload(ids);
  p.types = upload(types);
  p.positions = upload(positions);
  return p;
}

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

class torch_encoder final : public encoder {
public:
  torch_encoder(const encoder_description& d, std::shared_ptr<const tensor_archive> archive, const device& where,
                bool one_by_one)
      : archive_(std::move(archive)),
        where_(where.kind == device_kind::cpu ? at::Device(at::kCPU)
                                              : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(where.index))),
        one_by_one_(one_by_one), width_(static_cast<std::int64_t>(d.width)),
        heads_(static_cast<std::int64_t>(d.heads)), counter_(d), activation_(d.activation),
        disentangled_(d.disentangled) {}

  result<void> load(const encoder_description& d, const load_progress& progress) {
    const c10::InferenceMode no_gradients;
    words_ = place(*d.word_table);
    if (d.position_table != nullptr)
      positions_ = place(*d.position_table);
    if (d.type_table != nullptr)
      types_ = place(*d.type_table);
    embedding_norm_ = norm(d.embedding_norm, d.epsilon);
    if (d.projection)
      projection_ = linear(*d.projection);
    if (d.bias) {
      CHALK_TRY(const auto laid_out, bias_by_distance(*d.bias, d.heads, d.positions));
      by_distance_ = at::tensor(laid_out).view({heads_, -1}).to(where_);
    }
    if (const auto& c = d.convolution)
      convolution_ = {place(*c->weight), place(*c->bias), norm(c->norm, d.epsilon),
                      static_cast<std::int64_t>(c->groups), c->activation};
    at::Tensor distances;
    if (d.disentangled) {
      distances = place(*d.disentangled->table);
      if (d.disentangled->norm)
        distances = norm(*d.disentangled->norm, d.epsilon)(distances);
    }
    for (const auto& t : d.layers) {
      layers_.push_back({{at::cat({place(*t.query.weight), place(*t.key.weight), place(*t.value.weight)}),
                          at::cat({place(*t.query.bias), place(*t.key.bias), place(*t.value.bias)})},
                         linear(t.attention_output),
                         norm(t.attention_norm, d.epsilon),
                         linear(t.up),
                         linear(t.down),
                         norm(t.output_norm, d.epsilon),
                         {},
                         {}});
      if (d.disentangled && d.disentangled->content_to_position)
        layers_.back().position_keys = by_head(linear(t.position_key.value_or(t.key))(distances));
      if (d.disentangled && d.disentangled->position_to_content)
        layers_.back().position_queries = by_head(linear(t.position_query.value_or(t.query))(distances));
      if (progress)
        progress(static_cast<double>(layers_.size()) / static_cast<double>(d.layers.size()));
    }
    return {};
  }

  void encode(std::span<const sequence* const> batch, crew*, const sink& done) const override {
    if (!one_by_one_) {
      encode_together(batch, done);
      return;
    }
    for (std::size_t i = 0; i < batch.size(); ++i)
      encode_together(batch.subspan(i, 1), [&](std::size_t, std::span<const float> states) { done(i, states); });
  }

  bool takes_help() const noexcept override { return false; }
  std::size_t weight_bytes() const noexcept override { return bytes_; }

private:
  void encode_together(std::span<const sequence* const> batch, const sink& done) const {
    const c10::InferenceMode no_gradients;
    const auto p = pack(batch, counter_, where_);
    auto x = at::embedding(words_, p.ids);
    if (positions_.defined())
      x = x + at::embedding(positions_, p.positions);
    if (types_.defined())
      x = x + at::embedding(types_, p.types);
    x = embedding_norm_(x);
    if (projection_)
      x = (*projection_)(x);
    const auto embeddings = x;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto& layer = layers_[i];
      const auto mixed = attend(layer, layer.query_key_value(x), p.lengths);
      x = layer.attention_norm(layer.attention_output(mixed) + x);
      x = layer.output_norm(layer.down(activate(layer.up(x), activation_)) + x);
      if (i == 0 && convolution_)
        x = convolution_->norm(x + convolve(embeddings, p.lengths));
    }
    const auto states = x.to(at::kCPU, at::kFloat).contiguous();
    const float* row = states.const_data_ptr<float>();
    for (std::size_t i = 0; i < p.order.size(); ++i) {
      const auto floats = static_cast<std::size_t>(p.lengths[i] * width_);
      done(p.order[i], {row, floats});
      row += floats;
    }
  }

  // mix(rows of `count` sequences of `length` tokens, count, length) for each length, end to end again.
  template <class Mix>
  static at::Tensor by_length(const at::Tensor& rows, const std::vector<std::int64_t>& lengths, Mix mix) {
    std::vector<at::Tensor> parts;
    std::int64_t row = 0;
    for (std::size_t i = 0; i < lengths.size();) {
      std::size_t same = i;
      while (same < lengths.size() && lengths[same] == lengths[i])
        ++same;
      const auto count = static_cast<std::int64_t>(same - i);
      parts.push_back(mix(rows.narrow(0, row, count * lengths[i]), count, lengths[i]));
      row += count * lengths[i];
      i = same;
    }
    return parts.size() == 1 ? parts.front() : at::cat(parts);
  }

  at::Tensor attend(const encoder_layer& layer, const at::Tensor& qkv,
                    const std::vector<std::int64_t>& lengths) const {
    return by_length(qkv, lengths, [&](const at::Tensor& rows, std::int64_t count, std::int64_t length) {
      // [count, length, 3, heads, width of a head] → three of [count, heads, length, width of a head]
      const auto group = rows.view({count, length, 3, heads_, width_ / heads_}).permute({2, 0, 3, 1, 4});
      const auto mixed = disentangled_ ? mix_disentangled(layer, group[0], group[1], group[2])
                                       : at::scaled_dot_product_attention(group[0], group[1], group[2], bias(length));
      return mixed.transpose(1, 2).reshape({count * length, width_});
    });
  }

  at::Tensor convolve(const at::Tensor& embeddings, const std::vector<std::int64_t>& lengths) const {
    const auto& c = *convolution_;
    return by_length(embeddings, lengths, [&](const at::Tensor& rows, std::int64_t count, std::int64_t length) {
      const auto columns = rows.view({count, length, width_}).transpose(1, 2).contiguous();
      const auto mixed = at::conv1d(columns, c.weight, c.bias, 1, c.weight.size(2) / 2, 1, c.groups);
      return activate(mixed, c.activation).transpose(1, 2).reshape({count * length, width_});
    });
  }

  // [1, heads, length, length], if the model has one.
  std::optional<at::Tensor> bias(std::int64_t length) const {
    if (!by_distance_.defined())
      return std::nullopt;
    const auto place = at::arange(length, at::TensorOptions(at::kLong).device(where_));
    const auto column = place.unsqueeze(0) - place.unsqueeze(1) + by_distance_.size(1) / 2;
    return by_distance_.index_select(1, column.flatten()).view({1, heads_, length, length});
  }

  at::Tensor mix_disentangled(const encoder_layer& layer, const at::Tensor& q, const at::Tensor& k,
                              const at::Tensor& v) const {
    const auto rows = distance_rows(q.size(2), *disentangled_, where_)
                          .view({1, 1, q.size(2), q.size(2)})
                          .expand({q.size(0), heads_, q.size(2), q.size(2)});
    auto scores = at::matmul(q, k.transpose(-1, -2));
    std::int64_t kinds = 1;
    if (layer.position_keys.defined()) {
      scores = scores + at::matmul(q, layer.position_keys.transpose(-1, -2)).gather(-1, rows);
      ++kinds;
    }
    if (layer.position_queries.defined()) {
      // A key's distance to its query; buckets are the same in both directions but for the sign.
      const auto back = at::matmul(k, layer.position_queries.transpose(-1, -2)).gather(-1, rows.transpose(-1, -2));
      scores = scores + back.transpose(-1, -2);
      ++kinds;
    }
    const auto scale = 1 / std::sqrt(static_cast<double>(width_ / heads_ * kinds));
    return at::matmul(at::softmax(scores * scale, -1), v);
  }

  // [rows, width] → [heads, rows, width of a head]
  at::Tensor by_head(const at::Tensor& rows) const {
    return rows.view({rows.size(0), heads_, width_ / heads_}).transpose(0, 1).contiguous();
  }

  at::Tensor place(const tensor_view& view) {
    const std::vector<std::int64_t> shape(view.shape.begin(), view.shape.end());
    const auto type = view.type == element_type::f32   ? at::kFloat
                      : view.type == element_type::f16 ? at::kHalf
                                                       : at::kBFloat16;
    auto host = at::empty(shape, at::TensorOptions().dtype(type));
    std::memcpy(host.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
    archive_->release(view);
    auto placed = host.to(where_, at::kFloat);
    bytes_ += placed.nbytes();
    return placed;
  }

  linear_layer linear(const linear_tensors& t) { return {place(*t.weight), place(*t.bias)}; }
  norm_layer norm(const norm_tensors& t, float epsilon) { return {place(*t.gamma), place(*t.beta), epsilon}; }

  std::shared_ptr<const tensor_archive> archive_;
  at::Device where_;
  bool one_by_one_;
  std::int64_t width_;
  std::int64_t heads_;
  position_counter counter_; // copied for each sequence
  kernels::activation activation_;
  std::optional<disentangled_attention> disentangled_;
  at::Tensor words_, positions_, types_;
  norm_layer embedding_norm_;
  std::optional<linear_layer> projection_;
  at::Tensor by_distance_; // [heads, distances]
  std::optional<convolution_layer> convolution_;
  std::vector<encoder_layer> layers_;
  std::size_t bytes_ = 0;
};

} // namespace

result<std::unique_ptr<encoder>> make_torch_encoder(const encoder_description& description,
                                                    std::shared_ptr<const tensor_archive> weights,
                                                    const device& where, const load_progress& progress,
                                                    bool one_by_one) {
  CHALK_CHECK(prepare_device(where));
  try {
    if (one_by_one)
      at::set_num_threads(1);
    auto made = std::make_unique<torch_encoder>(description, std::move(weights), where, one_by_one);
    CHALK_CHECK(made->load(description, progress));
    return std::unique_ptr<encoder>(std::move(made));
  } catch (const c10::OutOfMemoryError& e) {
    return error{errc::out_of_memory, "the weights do not fit on " + to_string(where)};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("LibTorch: ") + e.what()};
  }
}

} // namespace chalkstream::models
