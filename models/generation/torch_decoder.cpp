#include "models/encoders/distance_bias.hpp"
#include "models/generation/cached_line.hpp"
#include "models/generation/make_decoder.hpp"
#include "models/generation/stack_values.hpp"
#include "models/torch_activation.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

namespace chalkstream::models {
namespace {

using kernels::cache_block;

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

struct feed_forward_layer {
  std::optional<map_layer> gate;
  map_layer up;
  map_layer down;
  norm_layer norm;
};

struct stack_layer {
  attention_layer self;
  std::optional<attention_layer> cross;
  feed_forward_layer feed_forward;
};

// Rows of lines with as many new tokens each, which share an attention call: their tables and masks, padded to the
// longest.
struct attention_group {
  std::int64_t first = 0;
  std::int64_t lines = 0;
  std::int64_t tokens = 0;
  at::Tensor blocks, mask; // of the lines
  at::Tensor source_blocks, source_mask;
};

at::Tensor upload(const std::vector<std::int64_t>& numbers, const at::Device& where) {
  return at::tensor(numbers, at::kLong).to(where);
}

at::Tensor count_to(std::int64_t n, const at::Device& where) {
  return at::arange(n, at::TensorOptions(at::kLong).device(where));
}

constexpr double hidden = -std::numeric_limits<double>::infinity();

class torch_stack {
public:
  torch_stack(const stack_description& d, const tensor_archive& archive, const at::Device& where)
      : d_(d), archive_(archive), where_(where) {}

  result<void> load(const std::function<void()>& layer_done) {
    CHALK_TRY(words_, place(*d_.word_table));
    if (d_.position_table != nullptr) {
      CHALK_TRY(positions_, place(*d_.position_table));
    } else if (d_.sinusoids) {
      positions_ = place(sinusoids(d_.positions, d_.width), {-1, wide(d_.width)});
    }
    if (d_.rotary)
      frequencies_ = place(d_.rotary->frequencies, {-1});
    if (d_.bias) {
      CHALK_TRY(const auto laid_out, bias_by_distance(*d_.bias, d_.heads, d_.positions));
      by_distance_ = place(laid_out, {wide(d_.heads), -1});
    }
    CHALK_TRY(embedding_norm_, norm(d_.embedding_norm));
    CHALK_TRY(final_norm_, norm(d_.final_norm));
    for (const auto& tensors : d_.layers) {
      stack_layer layer;
      CHALK_TRY(layer.self, attention(tensors.self));
      if (tensors.cross) {
        CHALK_TRY(layer.cross, attention(*tensors.cross));
      }
      if (tensors.feed_forward.gate) {
        CHALK_TRY(layer.feed_forward.gate, map(*tensors.feed_forward.gate));
      }
      CHALK_TRY(layer.feed_forward.up, map(tensors.feed_forward.up));
      CHALK_TRY(layer.feed_forward.down, map(tensors.feed_forward.down));
      CHALK_TRY(layer.feed_forward.norm, norm(tensors.feed_forward.norm));
      layers_.push_back(std::move(layer));
      layer_done();
    }
    return {};
  }

  result<map_layer> map(const map_tensors& tensors) {
    CHALK_TRY(const auto values, read_map(tensors));
    archive_.release(*tensors.weight);
    return map_layer{place(values.weight, {wide(tensors.out), wide(tensors.in)}), place(values.bias, {-1})};
  }

  const stack_description& description() const noexcept { return d_; }
  const std::vector<stack_layer>& layers() const noexcept { return layers_; }
  std::size_t bytes() const noexcept { return bytes_; }

  at::Tensor embed(const at::Tensor& ids, const at::Tensor& places) const {
    auto x = at::embedding(words_, ids) * static_cast<double>(d_.embedding_scale);
    if (positions_.defined())
      x = x + at::embedding(positions_, places + wide(d_.first_position));
    return embedding_norm_(x);
  }

  // x + block(x), with the norm on either side.
  template <class Block>
  at::Tensor residual(const at::Tensor& x, const norm_layer& norm, Block block) const {
    return d_.norm_before ? x + block(norm(x)) : norm(x + block(x));
  }

  at::Tensor feed_forward(const feed_forward_layer& layer, const at::Tensor& x) const {
    return residual(x, layer.norm, [&](const at::Tensor& in) {
      if (!layer.gate)
        return layer.down(activate(layer.up(in), d_.activation));
      return layer.down(activate((*layer.gate)(in), d_.activation) * layer.up(in));
    });
  }

  at::Tensor final_norm(const at::Tensor& x) const { return final_norm_(x); }

  // Rows of heads, rotated by their tokens' places: [rows, heads, head width].
  at::Tensor heads(const at::Tensor& rows, std::size_t count, const norm_layer& norm,
                   const at::Tensor& places) const {
    auto x = norm(rows.view({rows.size(0), wide(count), wide(d_.head_width)}));
    if (!frequencies_.defined() || !places.defined())
      return x;
    const auto angle = (places.to(at::kFloat).unsqueeze(1) * frequencies_).unsqueeze(1);
    const auto cosine = at::cos(angle);
    const auto sine = at::sin(angle);
    const auto half = x.chunk(2, -1);
    return at::cat({half[0] * cosine - half[1] * sine, half[1] * cosine + half[0] * sine}, -1);
  }

  // What distances add: keys [.., keys] seen from places [lines, tokens, 1] as [lines, heads, tokens, keys].
  std::optional<at::Tensor> bias(const at::Tensor& places, const at::Tensor& keys) const {
    if (!by_distance_.defined())
      return std::nullopt;
    const auto column = at::clamp(keys - places + by_distance_.size(1) / 2, 0, by_distance_.size(1) - 1);
    return by_distance_.index_select(1, column.flatten())
        .view({by_distance_.size(0), column.size(0), column.size(1), column.size(2)})
        .transpose(0, 1);
  }

private:
  static std::int64_t wide(std::size_t n) { return static_cast<std::int64_t>(n); }

  at::Tensor place(const std::vector<float>& values, at::IntArrayRef shape) {
    auto placed = at::tensor(values, at::kFloat).view(shape).to(where_);
    bytes_ += placed.nbytes();
    return placed;
  }

  result<at::Tensor> place(const tensor_view& view) {
    CHALK_TRY(const auto values, to_finite_float(view));
    archive_.release(view);
    const std::vector<std::int64_t> shape(view.shape.begin(), view.shape.end());
    return place(values, shape);
  }

  result<norm_layer> norm(const norm_tensors& tensors) {
    norm_layer layer;
    layer.epsilon = d_.epsilon;
    if (tensors.gamma != nullptr) {
      CHALK_TRY(layer.gamma, place(*tensors.gamma));
    }
    if (tensors.beta != nullptr) {
      CHALK_TRY(layer.beta, place(*tensors.beta));
    }
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

  stack_description d_;
  const tensor_archive& archive_;
  at::Device where_;
  at::Tensor words_, positions_, frequencies_;
  at::Tensor by_distance_; // [heads, distances]
  norm_layer embedding_norm_, final_norm_;
  std::vector<stack_layer> layers_;
  std::size_t bytes_ = 0;
};

class torch_decoder final : public cached_decoder {
public:
  torch_decoder(const limits& known, std::size_t blocks, std::shared_ptr<const tensor_archive> archive,
                const at::Device& where, std::optional<torch_stack> encoder, torch_stack decoder, map_layer output,
                double output_scale)
      : cached_decoder(known, blocks), archive_(std::move(archive)), where_(where), encoder_(std::move(encoder)),
        decoder_(std::move(decoder)), output_(std::move(output)), output_scale_(output_scale),
        heads_(static_cast<std::int64_t>(decoder_.description().heads)),
        key_value_heads_(static_cast<std::int64_t>(decoder_.description().key_value_heads)),
        head_width_(static_cast<std::int64_t>(decoder_.description().head_width)) {
    const c10::InferenceMode no_gradients;
    // Zeros: what is masked is multiplied by 0, which would keep a NaN.
    cache_ = at::zeros({static_cast<std::int64_t>(decoder_.layers().size()), 2, static_cast<std::int64_t>(blocks),
                        static_cast<std::int64_t>(cache_block), key_value_heads_, head_width_},
                       at::TensorOptions(at::kFloat).device(where_));
  }

  std::vector<std::unique_ptr<decoder_line>> begin(std::span<const sequence* const> sources) const override {
    const c10::InferenceMode no_gradients;
    check(sources);
    std::vector<std::unique_ptr<decoder_line>> lines;
    for (const auto* source : sources)
      lines.push_back(std::make_unique<cached_line>(pool(), encoder_ ? encode(*source) : nullptr));
    return lines;
  }

  void advance(std::span<const input> inputs, std::span<float> logits) const override {
    const c10::InferenceMode no_gradients;
    const auto lines = prepare(inputs, logits, [this](std::uint32_t from, std::uint32_t to) {
      cache_.select(2, to).copy_(cache_.select(2, from));
    });
    // Single tokens first, which share an attention call; then prompts, one after the other.
    std::vector<std::size_t> order(inputs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto prompts =
        std::stable_partition(order.begin(), order.end(), [&](std::size_t i) { return inputs[i].ids.size() == 1; });
    std::vector<std::int64_t> ids, places, slots, last;
    for (const auto i : order) {
      for (std::size_t t = 0; t < inputs[i].ids.size(); ++t) {
        const auto at = lines[i]->tokens + t;
        ids.push_back(inputs[i].ids[t]);
        places.push_back(static_cast<std::int64_t>(at));
        slots.push_back(slot(lines[i]->table, at));
      }
      last.push_back(static_cast<std::int64_t>(ids.size()) - 1);
    }
    std::vector<attention_group> groups;
    std::int64_t row = 0;
    for (auto from = order.begin(); from != order.end();) {
      const auto to = from < prompts ? prompts : from + 1;
      const std::span<const std::size_t> members(&*from, static_cast<std::size_t>(to - from));
      groups.push_back(group(members, lines, static_cast<std::int64_t>(inputs[*from].ids.size()), row));
      row += groups.back().lines * groups.back().tokens;
      from = to;
    }
    const auto place = upload(places, where_);
    const auto slot_of = upload(slots, where_);
    auto x = decoder_.embed(upload(ids, where_), place);
    for (std::size_t i = 0; i < decoder_.layers().size(); ++i)
      x = walk(i, x, place, slot_of, groups);
    x = decoder_.final_norm(x.index_select(0, upload(last, where_))) * output_scale_;
    const auto rows = output_(x).to(at::kCPU, at::kFloat).contiguous();
    for (std::size_t i = 0; i < order.size(); ++i) {
      std::copy_n(rows.const_data_ptr<float>() + i * vocabulary(), vocabulary(), &logits[order[i] * vocabulary()]);
      lines[order[i]]->tokens += inputs[order[i]].ids.size();
    }
  }

private:
  static std::int64_t slot(const block_table& table, std::size_t at) {
    return static_cast<std::int64_t>(table.blocks()[at / cache_block] * cache_block + at % cache_block);
  }

  // Keys or values of a layer as one row of the pool a token.
  at::Tensor slots_of(std::size_t layer, std::int64_t part) const {
    return cache_[static_cast<std::int64_t>(layer)][part].view({-1, key_value_heads_, head_width_});
  }

  void store(std::size_t layer, const at::Tensor& slots, const at::Tensor& keys, const at::Tensor& values) const {
    slots_of(layer, 0).index_copy_(0, slots, keys);
    slots_of(layer, 1).index_copy_(0, slots, values.view({-1, key_value_heads_, head_width_}));
  }

  // Tables of the group's lines or of their sources, padded to the longest: [lines * blocks of the longest].
  template <class Table>
  at::Tensor pad_tables(std::span<const std::size_t> members, Table table_of) const {
    std::size_t most = 0;
    for (const auto i : members)
      most = std::max(most, table_of(i).size());
    std::vector<std::int64_t> blocks;
    for (std::size_t m = 0; m < members.size(); ++m) {
      const auto table = table_of(members[m]);
      blocks.insert(blocks.end(), table.begin(), table.end());
      blocks.resize((m + 1) * most, 0);
    }
    return upload(blocks, where_);
  }

  attention_group group(std::span<const std::size_t> members, const std::vector<cached_line*>& lines,
                        std::int64_t tokens, std::int64_t first) const {
    attention_group g;
    g.first = first;
    g.lines = static_cast<std::int64_t>(members.size());
    g.tokens = tokens;
    const auto keys_of = [&](const at::Tensor& blocks) {
      return count_to(blocks.size(0) / g.lines * static_cast<std::int64_t>(cache_block), where_).view({1, 1, -1});
    };
    std::vector<std::int64_t> seen, source_lengths;
    for (const auto i : members) {
      seen.push_back(static_cast<std::int64_t>(lines[i]->tokens));
      if (encoder_)
        source_lengths.push_back(static_cast<std::int64_t>(lines[i]->source->length));
    }
    g.blocks = pad_tables(members, [&](std::size_t i) {
      return lines[i]->table.blocks().first(blocks_of(lines[i]->tokens + static_cast<std::size_t>(tokens)));
    });
    const auto places = upload(seen, where_).view({-1, 1, 1}) + count_to(tokens, where_).view({1, -1, 1});
    const auto keys = keys_of(g.blocks);
    const auto base =
        decoder_.bias(places, keys)
            .value_or(at::zeros({g.lines, 1, tokens, keys.size(2)}, at::TensorOptions(at::kFloat).device(where_)));
    g.mask = base.masked_fill((keys > places).unsqueeze(1), hidden);
    if (encoder_) {
      g.source_blocks = pad_tables(members, [&](std::size_t i) { return lines[i]->source->table.blocks(); });
      const auto beyond = keys_of(g.source_blocks) >= upload(source_lengths, where_).view({-1, 1, 1});
      g.source_mask = at::zeros({g.lines, 1, 1, beyond.size(2)}, at::TensorOptions(at::kFloat).device(where_))
                          .masked_fill(beyond.unsqueeze(1), hidden)
                          .expand({g.lines, 1, tokens, beyond.size(2)});
    }
    return g;
  }

  // Queries [rows, heads, head width] of a group to what its tables hold: [rows, heads * head width].
  at::Tensor attend(const at::Tensor& queries, std::size_t layer, const attention_group& g, const at::Tensor& blocks,
                    const at::Tensor& mask, double scale) const {
    const auto shared = heads_ / key_value_heads_;
    // Query heads that share keys stand below each other, as if they were more tokens.
    const auto q = queries.narrow(0, g.first, g.lines * g.tokens)
                       .view({g.lines, g.tokens, key_value_heads_, shared, head_width_})
                       .permute({0, 2, 3, 1, 4})
                       .reshape({g.lines, key_value_heads_, shared * g.tokens, head_width_});
    const auto gathered = [&](std::int64_t part) {
      return cache_[static_cast<std::int64_t>(layer)][part]
          .index_select(0, blocks)
          .view({g.lines, -1, key_value_heads_, head_width_})
          .transpose(1, 2);
    };
    const auto repeated = shared == 1 ? mask : mask.repeat({1, 1, shared, 1});
    const auto mixed = at::scaled_dot_product_attention(q, gathered(0), gathered(1), repeated, 0.0, false, scale);
    return mixed.view({g.lines, key_value_heads_, shared, g.tokens, head_width_})
        .permute({0, 3, 1, 2, 4})
        .reshape({g.lines * g.tokens, heads_ * head_width_});
  }

  at::Tensor walk(std::size_t number, const at::Tensor& states, const at::Tensor& places, const at::Tensor& slots,
                  const std::vector<attention_group>& groups) const {
    const auto& layer = decoder_.layers()[number];
    const auto& d = decoder_.description();
    auto x = decoder_.residual(states, layer.self.norm, [&](const at::Tensor& in) {
      const auto queries = decoder_.heads(layer.self.query(in), d.heads, layer.self.query_norm, places);
      const auto pair = layer.self.key_value(in).chunk(2, -1);
      store(number, slots, decoder_.heads(pair[0].contiguous(), d.key_value_heads, layer.self.key_norm, places),
            pair[1].contiguous());
      std::vector<at::Tensor> mixed;
      for (const auto& g : groups)
        mixed.push_back(attend(queries, number, g, g.blocks, g.mask, layer.self.scale));
      return layer.self.output(at::cat(mixed));
    });
    if (layer.cross)
      x = decoder_.residual(x, layer.cross->norm, [&](const at::Tensor& in) {
        const auto queries = layer.cross->query(in).view({-1, heads_, head_width_});
        std::vector<at::Tensor> mixed;
        for (const auto& g : groups)
          mixed.push_back(attend(queries, number, g, g.source_blocks, g.source_mask, layer.cross->scale));
        return layer.cross->output(at::cat(mixed));
      });
    return decoder_.feed_forward(layer.feed_forward, x);
  }

  std::shared_ptr<const cached_source> encode(const sequence& source) const {
    const auto& d = encoder_->description();
    const auto length = static_cast<std::int64_t>(source.ids.size());
    auto cached = std::make_shared<cached_source>(cached_source{block_table(pool()), source.ids.size()});
    cached->table.make_room(0, source.ids.size(), {});
    const auto places = count_to(length, where_);
    const auto bias = encoder_->bias(places.view({1, -1, 1}), places.view({1, 1, -1}));
    auto x = encoder_->embed(upload({source.ids.begin(), source.ids.end()}, where_), places);
    for (const auto& layer : encoder_->layers()) {
      x = encoder_->residual(x, layer.self.norm, [&](const at::Tensor& in) {
        const auto by_head = [&](const at::Tensor& rows) {
          return encoder_->heads(rows.contiguous(), d.heads, {}, {}).transpose(0, 1).unsqueeze(0);
        };
        const auto pair = layer.self.key_value(in).chunk(2, -1);
        const auto mixed = at::scaled_dot_product_attention(by_head(layer.self.query(in)), by_head(pair[0]),
                                                            by_head(pair[1]), bias, 0.0, false, layer.self.scale);
        return layer.self.output(mixed.squeeze(0).transpose(0, 1).reshape({length, -1}));
      });
      x = encoder_->feed_forward(layer.feed_forward, x);
    }
    x = encoder_->final_norm(x);
    std::vector<std::int64_t> slots;
    for (std::size_t i = 0; i < source.ids.size(); ++i)
      slots.push_back(slot(cached->table, i));
    const auto slot_of = upload(slots, where_);
    for (std::size_t i = 0; i < decoder_.layers().size(); ++i) {
      const auto pair = decoder_.layers()[i].cross->key_value(x).chunk(2, -1);
      store(i, slot_of, pair[0].contiguous().view({length, key_value_heads_, head_width_}), pair[1].contiguous());
    }
    return cached;
  }

  std::shared_ptr<const tensor_archive> archive_;
  at::Device where_;
  std::optional<torch_stack> encoder_;
  torch_stack decoder_;
  map_layer output_;
  double output_scale_;
  std::int64_t heads_;
  std::int64_t key_value_heads_;
  std::int64_t head_width_;
  at::Tensor cache_; // [layers, keys and values, blocks, tokens of a block, heads, head width]
};

} // namespace

result<made_decoder> make_torch_decoder(const generator_description& d, std::shared_ptr<const tensor_archive> weights,
                                        const device& where, std::size_t cache_bytes, const load_progress& progress) {
  CHALK_CHECK(prepare_device(where));
  CHALK_TRY(const auto blocks, cache_blocks(d, cache_bytes));
  try {
    const c10::InferenceMode no_gradients;
    const auto there = where.kind == device_kind::cpu
                           ? at::Device(at::kCPU)
                           : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(where.index));
    loading_steps steps(d, progress);
    made_decoder made;
    std::optional<torch_stack> encoder;
    if (d.encoder) {
      encoder.emplace(*d.encoder, *weights, there);
      CHALK_CHECK(encoder->load([&] { steps.one_more(); }));
      made.weight_bytes += encoder->bytes();
    }
    torch_stack decoder(d.decoder, *weights, there);
    CHALK_CHECK(decoder.load([&] { steps.one_more(); }));
    CHALK_TRY(auto output, decoder.map(d.output));
    steps.one_more();
    made.weight_bytes += decoder.bytes();
    made.compute =
        std::make_unique<torch_decoder>(cached_decoder::limits(d), blocks, std::move(weights), there,
                                        std::move(encoder), std::move(decoder), std::move(output), d.output_scale);
    return made;
  } catch (const c10::OutOfMemoryError&) {
    return error{errc::out_of_memory, "the weights and a cache of " + std::to_string(cache_bytes)
                                          + " bytes do not fit on " + to_string(where)};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("LibTorch: ") + e.what()};
  }
}

} // namespace chalkstream::models
