#include "models/encoders/torch_layers.hpp"
#include "models/generation/cached_line.hpp"
#include "models/generation/make_decoder.hpp"
#include "models/generation/sight.hpp"
#include "models/generation/torch_stack.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

namespace chalkstream::models {
namespace {

using kernels::cache_block;

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

class torch_decoder final : public cached_decoder {
public:
  torch_decoder(const limits& known, std::size_t blocks, std::shared_ptr<const tensor_archive> archive,
                const at::Device& where, std::optional<torch_stack> encoder, std::optional<sight> eyes,
                torch_stack decoder, double output_scale)
      : cached_decoder(known, blocks), archive_(std::move(archive)), where_(where), encoder_(std::move(encoder)),
        eyes_(std::move(eyes)), decoder_(std::move(decoder)), output_scale_(output_scale),
        layers_(decoder_.description().layers.size()),
        heads_(static_cast<std::int64_t>(decoder_.description().heads)),
        key_value_heads_(static_cast<std::int64_t>(decoder_.description().key_value_heads)),
        head_width_(static_cast<std::int64_t>(decoder_.description().head_width)) {
    const c10::InferenceMode no_gradients;
    // Zeros: what is masked is multiplied by 0, which would keep a NaN.
    cache_ = at::zeros({static_cast<std::int64_t>(layers_), 2, static_cast<std::int64_t>(blocks),
                        static_cast<std::int64_t>(cache_block), key_value_heads_, head_width_},
                       at::TensorOptions(at::kFloat).device(where_));
  }

  std::vector<std::unique_ptr<decoder_line>> begin(std::span<const sequence* const> sources) const override {
    const c10::InferenceMode no_gradients;
    check(sources);
    std::vector<std::unique_ptr<decoder_line>> lines;
    const auto seen = eyes_ ? see(sources) : at::Tensor();
    for (std::size_t i = 0; i < sources.size(); ++i) {
      std::shared_ptr<const cached_source> source;
      if (has_source())
        source = keep(encoder_ ? encode(*sources[i]) : seen[static_cast<std::int64_t>(i)]);
      lines.push_back(std::make_unique<cached_line>(pool(), std::move(source)));
    }
    return lines;
  }

  void advance(std::span<const input> inputs, std::span<float> logits) const override {
    const c10::InferenceMode no_gradients;
    const auto lines = prepare(inputs, logits, [this](std::uint32_t from, std::uint32_t to) {
      cache_.select(2, to).copy_(cache_.select(2, from));
    });
    if (lines.empty())
      return;
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
    for (std::size_t i = 0; i < layers_; ++i)
      x = walk(i, x, place, slot_of, groups);
    x = decoder_.final_norm(x.index_select(0, upload(last, where_))) * output_scale_;
    const auto rows = decoder_.output(x).to(at::kCPU, at::kFloat).contiguous();
    for (std::size_t i = 0; i < order.size(); ++i) {
      std::copy_n(rows.const_data_ptr<float>() + i * vocabulary(), vocabulary(), &logits[order[i] * vocabulary()]);
      lines[order[i]]->tokens += inputs[order[i]].ids.size();
    }
  }

private:
  bool has_source() const noexcept { return source_positions() > 0; }

  static std::int64_t slot(const block_table& table, std::size_t at) {
    return static_cast<std::int64_t>(table.blocks()[at / cache_block] * cache_block + at % cache_block);
  }

  // Keys or values of a layer as one row of the pool a token.
  at::Tensor slots_of(std::size_t layer, std::int64_t part) const {
    return cache_[static_cast<std::int64_t>(layer)][part].view({-1, key_value_heads_, head_width_});
  }

  void store(std::size_t layer, const at::Tensor& slots, const at::Tensor& keys, const at::Tensor& values) const {
    slots_of(layer, 0).index_copy_(0, slots, keys);
    slots_of(layer, 1).index_copy_(0, slots, values);
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
      if (has_source())
        source_lengths.push_back(static_cast<std::int64_t>(lines[i]->source->length));
    }
    g.blocks = pad_tables(members, [&](std::size_t i) {
      return lines[i]->table.blocks().first(blocks_of(lines[i]->tokens + static_cast<std::size_t>(tokens)));
    });
    const auto places = upload(seen, where_).view({-1, 1, 1}) + count_to(tokens, where_).view({1, -1, 1});
    const auto keys = keys_of(g.blocks);
    auto base = decoder_.bias(places, keys);
    if (!base.defined())
      base = at::zeros({g.lines, 1, tokens, keys.size(2)}, at::TensorOptions(at::kFloat).device(where_));
    g.mask = base.masked_fill((keys > places).unsqueeze(1), hidden);
    if (has_source()) {
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

  at::Tensor walk(std::size_t layer, const at::Tensor& states, const at::Tensor& places, const at::Tensor& slots,
                  const std::vector<attention_group>& groups) const {
    const auto of_groups = [&](auto attend_group) {
      std::vector<at::Tensor> mixed;
      mixed.reserve(groups.size());
      for (const auto& g : groups)
        mixed.push_back(attend_group(g));
      return at::cat(mixed);
    };
    auto x = decoder_.self_attention(
        layer, states, places,
        [&](const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, double scale) {
          store(layer, slots, keys, values);
          return of_groups([&](const auto& g) { return attend(queries, layer, g, g.blocks, g.mask, scale); });
        });
    if (has_source())
      x = decoder_.cross_attention(layer, x, [&](const at::Tensor& queries, double scale) {
        return of_groups(
            [&](const auto& g) { return attend(queries, layer, g, g.source_blocks, g.source_mask, scale); });
      });
    return decoder_.feed_forward(layer, x);
  }

  // States of every picture, [pictures, tokens, width].
  at::Tensor see(std::span<const sequence* const> sources) const {
    std::vector<const picture*> images;
    for (const auto* source : sources)
      images.push_back(source->image.get());
    const auto count = static_cast<std::int64_t>(images.size());
    auto states =
        at::empty({count, static_cast<std::int64_t>(source_positions()), static_cast<std::int64_t>(eyes_->width())},
                  at::TensorOptions(at::kFloat));
    eyes_->see(images, {states.mutable_data_ptr<float>(), images.size() * eyes_->floats()});
    return states.to(where_);
  }

  at::Tensor encode(const sequence& source) const {
    const auto length = static_cast<std::int64_t>(source.ids.size());
    const auto places = count_to(length, where_);
    const auto bias = encoder_->bias(places.view({1, -1, 1}), places.view({1, 1, -1}));
    const auto mask = bias.defined() ? std::optional(bias) : std::nullopt;
    auto x = encoder_->embed(upload({source.ids.begin(), source.ids.end()}, where_), places);
    for (std::size_t i = 0; i < encoder_->description().layers.size(); ++i) {
      x = encoder_->self_attention(
          i, x, places,
          [&](const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, double scale) {
            const auto by_head = [](const at::Tensor& rows) { return rows.transpose(0, 1).unsqueeze(0); };
            return at::scaled_dot_product_attention(by_head(queries), by_head(keys), by_head(values), mask, 0.0,
                                                    false, scale)
                .squeeze(0)
                .transpose(0, 1)
                .reshape({length, -1});
          });
      x = encoder_->feed_forward(i, x);
    }
    return encoder_->final_norm(x);
  }

  // Keys and values of a source's states, [tokens, width], for every layer.
  std::shared_ptr<const cached_source> keep(const at::Tensor& states) const {
    const auto length = static_cast<std::size_t>(states.size(0));
    auto cached = std::make_shared<cached_source>(cached_source{block_table(pool()), length});
    cached->table.make_room(0, length, {});
    std::vector<std::int64_t> slots;
    for (std::size_t i = 0; i < length; ++i)
      slots.push_back(slot(cached->table, i));
    const auto slot_of = upload(slots, where_);
    for (std::size_t i = 0; i < layers_; ++i) {
      const auto [keys, values] = decoder_.source_keys(i, states);
      store(i, slot_of, keys, values);
    }
    return cached;
  }

  std::shared_ptr<const tensor_archive> archive_;
  at::Device where_;
  std::optional<torch_stack> encoder_;
  std::optional<sight> eyes_;
  torch_stack decoder_;
  double output_scale_;
  std::size_t layers_;
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
    const auto there = torch_device(where);
    loading_steps steps(d, progress);
    made_decoder made;
    if (where.kind == device_kind::cpu)
      at::set_num_threads(1);
    placed_tensors tensors(*weights, there);
    const auto load = [&](const stack_description& stack, const map_tensors* output) {
      return torch_stack::load(stack, output, tensors, [&] { steps.one_more(); });
    };
    std::optional<torch_stack> encoder;
    if (d.encoder) {
      CHALK_TRY(encoder, load(*d.encoder, nullptr));
    }
    std::optional<sight> eyes;
    if (d.pictures) {
      CHALK_TRY(eyes, sight::make(*d.pictures, *weights, where));
      steps.one_more();
    }
    CHALK_TRY(auto decoder, load(d.decoder, &d.output));
    steps.one_more();
    made.weight_bytes = tensors.bytes() + (eyes ? eyes->weight_bytes() : 0);
    made.compute =
        std::make_unique<torch_decoder>(cached_decoder::limits(d), blocks, std::move(weights), there,
                                        std::move(encoder), std::move(eyes), std::move(decoder), d.output_scale);
    return made;
  } catch (const c10::OutOfMemoryError&) {
    return error{errc::out_of_memory, "the weights and a cache of " + std::to_string(cache_bytes)
                                          + " bytes do not fit on " + to_string(where)};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("LibTorch: ") + e.what()};
  }
}

} // namespace chalkstream::models
