#include "models/encoders/encoder.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
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
};

at::Tensor activate(const at::Tensor& x, kernels::activation act) {
  using kernels::activation;
  switch (act) {
  case activation::identity:
    return x;
  case activation::gelu:
    return at::gelu(x);
  case activation::gelu_tanh:
    return at::gelu(x, "tanh");
  case activation::quick_gelu:
    return x * at::sigmoid(1.702 * x);
  case activation::relu:
    return at::relu(x);
  case activation::silu:
    return at::silu(x);
  case activation::tanh:
    return at::tanh(x);
  case activation::sigmoid:
    return at::sigmoid(x);
  }
  return x;
}

// A batch packed in order of length, so that sequences of one length lie together and share one attention call.
struct packed_batch {
  std::vector<std::size_t> order;
  std::vector<std::int64_t> lengths; // of order[i]
  at::Tensor ids, types, positions;
};

packed_batch pack(std::span<const sequence* const> batch, const at::Device& where) {
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
    positions.resize(ids.size());
    std::iota(positions.end() - static_cast<std::ptrdiff_t>(n), positions.end(), std::int64_t{0});
  }
  const auto upload = [&](const std::vector<std::int64_t>& from) { return at::tensor(from, at::kLong).to(where); };
  p.ids = upload(ids);
  p.types = upload(types);
  p.positions = upload(positions);
  return p;
}

class torch_encoder final : public encoder {
public:
  torch_encoder(const encoder_description& d, std::shared_ptr<const tensor_archive> weights, const device& where,
                const load_progress& progress)
      : weights_(std::move(weights)),
        where_(where.kind == device_kind::cpu ? at::Device(at::kCPU)
                                              : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(where.index))),
        width_(static_cast<std::int64_t>(d.width)), heads_(static_cast<std::int64_t>(d.heads)),
        activation_(d.activation) {
    words_ = place(*d.word_table);
    positions_ = place(*d.position_table);
    if (d.type_table != nullptr)
      types_ = place(*d.type_table);
    embedding_norm_ = norm(d.embedding_norm, d.epsilon);
    for (const auto& t : d.layers) {
      layers_.push_back({{at::cat({place(*t.query.weight), place(*t.key.weight), place(*t.value.weight)}),
                          at::cat({place(*t.query.bias), place(*t.key.bias), place(*t.value.bias)})},
                         linear(t.attention_output),
                         norm(t.attention_norm, d.epsilon),
                         linear(t.up),
                         linear(t.down),
                         norm(t.output_norm, d.epsilon)});
      if (progress)
        progress(static_cast<double>(layers_.size()) / static_cast<double>(d.layers.size()));
    }
  }

  void encode(std::span<const sequence* const> batch, crew*, const sink& done) const override {
    const c10::InferenceMode no_gradients;
    const auto p = pack(batch, where_);
    auto x = at::embedding(words_, p.ids) + at::embedding(positions_, p.positions);
    if (types_.defined())
      x = x + at::embedding(types_, p.types);
    x = embedding_norm_(x);
    for (const auto& layer : layers_) {
      const auto mixed = attend(layer.query_key_value(x), p.lengths);
      x = layer.attention_norm(layer.attention_output(mixed) + x);
      x = layer.output_norm(layer.down(activate(layer.up(x), activation_)) + x);
    }
    const auto states = x.to(at::kCPU, at::kFloat).contiguous();
    const float* row = states.const_data_ptr<float>();
    for (std::size_t i = 0; i < p.order.size(); ++i) {
      const auto floats = static_cast<std::size_t>(p.lengths[i] * width_);
      done(p.order[i], {row, floats});
      row += floats;
    }
  }

  bool takes_help() const noexcept override { return false; }
  std::size_t weight_bytes() const noexcept override { return bytes_; }

private:
  at::Tensor attend(const at::Tensor& qkv, const std::vector<std::int64_t>& lengths) const {
    std::vector<at::Tensor> parts;
    std::int64_t row = 0;
    for (std::size_t i = 0; i < lengths.size();) {
      std::size_t same = i;
      while (same < lengths.size() && lengths[same] == lengths[i])
        ++same;
      const auto count = static_cast<std::int64_t>(same - i);
      const auto length = lengths[i];
      // [count, length, 3, heads, width of a head] → three of [count, heads, length, width of a head]
      const auto group = qkv.narrow(0, row, count * length)
                             .view({count, length, 3, heads_, width_ / heads_})
                             .permute({2, 0, 3, 1, 4});
      parts.push_back(at::scaled_dot_product_attention(group[0], group[1], group[2])
                          .transpose(1, 2)
                          .reshape({count * length, width_}));
      row += count * length;
      i = same;
    }
    return parts.size() == 1 ? parts.front() : at::cat(parts);
  }

  at::Tensor place(const tensor_view& view) {
    const std::vector<std::int64_t> shape(view.shape.begin(), view.shape.end());
    const auto type = view.type == element_type::f32   ? at::kFloat
                      : view.type == element_type::f16 ? at::kHalf
                                                       : at::kBFloat16;
    auto host = at::empty(shape, at::TensorOptions().dtype(type));
    std::memcpy(host.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
    weights_->release(view);
    auto placed = host.to(where_, at::kFloat);
    bytes_ += placed.nbytes();
    return placed;
  }

  linear_layer linear(const linear_tensors& t) { return {place(*t.weight), place(*t.bias)}; }
  norm_layer norm(const norm_tensors& t, float epsilon) { return {place(*t.gamma), place(*t.beta), epsilon}; }

  std::shared_ptr<const tensor_archive> weights_;
  at::Device where_;
  std::int64_t width_;
  std::int64_t heads_;
  kernels::activation activation_;
  at::Tensor words_, positions_, types_;
  norm_layer embedding_norm_;
  std::vector<encoder_layer> layers_;
  std::size_t bytes_ = 0;
};

} // namespace

result<std::unique_ptr<encoder>> make_torch_encoder(const encoder_description& description,
                                                    std::shared_ptr<const tensor_archive> weights,
                                                    const device& where, const load_progress& progress) {
  CHALK_CHECK(prepare_device(where));
  try {
    return std::unique_ptr<encoder>(
        std::make_unique<torch_encoder>(description, std::move(weights), where, progress));
  } catch (const c10::OutOfMemoryError& e) {
    return error{errc::out_of_memory, "the weights do not fit on " + to_string(where)};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("LibTorch: ") + e.what()};
  }
}

} // namespace chalkstream::models
