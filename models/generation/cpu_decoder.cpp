#include "models/generation/block_storage.hpp"
#include "models/generation/cached_line.hpp"
#include "models/generation/cpu_stack.hpp"
#include "models/generation/make_decoder.hpp"
#include "models/generation/sight.hpp"
#include "models/workspaces.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace chalkstream::models {
namespace {

using kernels::cache_block;

// Sources go through the encoder in groups of about this many tokens, as in cpu_encoder.cpp.
constexpr std::size_t group_tokens = 256;

struct workspace {
  float_buffer states;
  float_buffer projected;
  float_buffer context;
  float_buffer scratch;
  stack_space space;
};

// The new tokens of one line, or a source.
struct span_of_rows {
  std::size_t first = 0; // row
  std::size_t count = 0;
  std::size_t seen = 0; // tokens before them in their line
  const block_table* table = nullptr;
  const cached_source* source = nullptr;
};

class cpu_decoder final : public cached_decoder {
public:
  cpu_decoder(const limits& known, std::size_t blocks, std::shared_ptr<const tensor_archive> archive,
              const kernels::kernel_table& table, std::optional<cpu_stack> encoder, std::optional<sight> eyes,
              cpu_stack decoder, packed_weights output, float output_scale)
      : cached_decoder(known, blocks), table_(table), archive_(std::move(archive)), encoder_(std::move(encoder)),
        eyes_(std::move(eyes)), decoder_(std::move(decoder)), output_(std::move(output)), output_scale_(output_scale),
        storage_(blocks, decoder_.layers().size() * layer_floats()) {}

  std::vector<std::unique_ptr<decoder_line>> begin(std::span<const sequence* const> sources) const override;
  void advance(std::span<const input> inputs, std::span<float> logits) const override;

private:
  std::size_t head_floats() const noexcept { return 2 * cache_block * decoder_.head_width(); }
  std::size_t layer_floats() const noexcept { return decoder_.key_value_heads() * head_floats(); }

  void store(const span_of_rows& rows, std::size_t layer, const float* projected, std::size_t stride) const;
  void attend_cached(const cpu_attention& attention, std::size_t layer, const block_table& table,
                     const span_of_rows& rows, bool cross, workspace& w) const;
  void attend_self(const cpu_stack_layer& layer, std::size_t number, std::span<const span_of_rows> lines,
                   std::size_t rows, std::span<const float> turns, workspace& w) const;
  void attend_source(const cpu_stack_layer& layer, std::size_t number, std::span<const span_of_rows> lines,
                     std::size_t rows, workspace& w) const;
  void attend_whole(const cpu_stack_layer& layer, std::span<const span_of_rows> sources, std::size_t rows,
                    workspace& w) const;
  void encode(std::span<const sequence* const> sources, std::span<cached_source* const> into, workspace& w) const;
  void see(const picture& source, cached_source& into, workspace& w) const;
  void keep(std::span<const span_of_rows> sources, std::size_t rows, workspace& w) const;

  const kernels::kernel_table& table_;
  std::shared_ptr<const tensor_archive> archive_;
  std::optional<cpu_stack> encoder_;
  std::optional<sight> eyes_;
  cpu_stack decoder_;
  packed_weights output_;
  float output_scale_;
  mutable block_storage storage_;

  mutable workspaces<workspace> spaces_;
};

// Keys and values of a row lie at `projected`, keys of all heads first.
void cpu_decoder::store(const span_of_rows& rows, std::size_t layer, const float* projected,
                        std::size_t stride) const {
  const auto wide = decoder_.head_width();
  for (std::size_t i = 0; i < rows.count; ++i) {
    const auto at = rows.seen + i;
    const auto slot = at % cache_block;
    float* to = storage_.of(rows.table->blocks()[at / cache_block]) + layer * layer_floats();
    const float* key = projected + (rows.first + i) * stride;
    const float* value = key + decoder_.key_value_width();
    for (std::size_t head = 0; head < decoder_.key_value_heads(); ++head, to += head_floats())
      place_in_block(to, slot, key + head * wide, value + head * wide, wide);
  }
}

void cpu_decoder::attend_cached(const cpu_attention& attention, std::size_t layer, const block_table& table,
                                const span_of_rows& rows, bool cross, workspace& w) const {
  const auto stride = cross ? decoder_.query_width() : decoder_.projected_width();
  const auto group = decoder_.heads() / decoder_.key_value_heads();
  const auto length = cross ? rows.source->length : rows.seen + rows.count;
  std::vector<const float*> blocks(blocks_of(length));
  w.scratch.grow_to(kernels::cached_attention_scratch(length));
  kernels::cached_attention_task task;
  task.stride = stride;
  task.out_stride = decoder_.query_width();
  task.rows = rows.count;
  task.heads = group;
  task.blocks = blocks.data();
  task.length = cross ? length : rows.seen + 1;
  task.step = cross ? 0 : 1;
  task.head_width = decoder_.head_width();
  task.scale = attention.scale;
  task.scratch = w.scratch.data();
  task.distances = decoder_.distances();
  for (std::size_t head = 0; head < decoder_.key_value_heads(); ++head) {
    for (std::size_t b = 0; b < blocks.size(); ++b)
      blocks[b] = storage_.of(table.blocks()[b]) + layer * layer_floats() + head * head_floats();
    const auto first = head * group;
    task.q = w.projected.data() + rows.first * stride + first * task.head_width;
    task.out = w.context.data() + rows.first * task.out_stride + first * task.head_width;
    task.by_distance = cross ? nullptr : decoder_.at_distance_zero(first);
    table_.cached_attention(task);
  }
}

void cpu_decoder::attend_self(const cpu_stack_layer& layer, std::size_t number, std::span<const span_of_rows> lines,
                              std::size_t rows, std::span<const float> turns, workspace& w) const {
  const auto& attention = layer.self;
  const auto* x = decoder_.block_input(w.states.data(), rows, attention.norm, w.space);
  decoder_.apply(attention.query_key_value, x, rows, w.projected.data());
  decoder_.place_heads(attention, rows, turns, w.projected.data());
  for (const auto& line : lines) {
    store(line, number, w.projected.data() + decoder_.query_width(), decoder_.projected_width());
    attend_cached(attention, number, *line.table, line, false, w);
  }
  decoder_.close_block(attention.output, w.context.data(), decoder_.query_width(), rows, attention.norm,
                       w.states.data());
}

void cpu_decoder::attend_source(const cpu_stack_layer& layer, std::size_t number, std::span<const span_of_rows> lines,
                                std::size_t rows, workspace& w) const {
  const auto& attention = *layer.cross;
  const auto* x = decoder_.block_input(w.states.data(), rows, attention.norm, w.space);
  decoder_.apply(attention.query, x, rows, w.projected.data());
  for (const auto& line : lines)
    attend_cached(attention, number, line.source->table, line, true, w);
  decoder_.close_block(attention.output, w.context.data(), decoder_.query_width(), rows, attention.norm,
                       w.states.data());
}

// Of an encoder: every token of a source sees every other.
void cpu_decoder::attend_whole(const cpu_stack_layer& layer, std::span<const span_of_rows> sources, std::size_t rows,
                               workspace& w) const {
  const auto& stack = *encoder_;
  const auto& attention = layer.self;
  const auto* x = stack.block_input(w.states.data(), rows, attention.norm, w.space);
  stack.apply(attention.query_key_value, x, rows, w.projected.data());
  kernels::attention_task task;
  task.stride = stack.projected_width();
  task.out_stride = stack.query_width();
  task.head_width = stack.head_width();
  task.scale = attention.scale;
  for (const auto& source : sources) {
    w.scratch.grow_to(kernels::attention_scratch(table_, source.count, stack.head_width()));
    task.scratch = w.scratch.data();
    task.length = source.count;
    for (std::size_t head = 0; head < stack.heads(); ++head) {
      task.q = w.projected.data() + source.first * task.stride + head * task.head_width;
      task.k = task.q + stack.query_width();
      task.v = task.k + stack.key_value_width();
      task.out = w.context.data() + source.first * task.out_stride + head * task.head_width;
      task.by_distance = stack.at_distance_zero(head);
      table_.attention(task);
    }
  }
  stack.close_block(attention.output, w.context.data(), stack.query_width(), rows, attention.norm, w.states.data());
}

void cpu_decoder::encode(std::span<const sequence* const> sources, std::span<cached_source* const> into,
                         workspace& w) const {
  const auto& stack = *encoder_;
  std::vector<span_of_rows> parts;
  std::size_t rows = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    parts.push_back({rows, sources[i]->ids.size(), 0, &into[i]->table, nullptr});
    rows += sources[i]->ids.size();
  }
  w.states.grow_to(rows * stack.width());
  w.projected.grow_to(rows * stack.projected_width());
  w.context.grow_to(rows * stack.query_width());
  for (std::size_t i = 0; i < sources.size(); ++i)
    stack.embed(sources[i]->ids, 0, w.states.data() + parts[i].first * stack.width());
  for (const auto& layer : stack.layers()) {
    attend_whole(layer, parts, rows, w);
    stack.feed_forward(layer.feed_forward, rows, w.states.data(), w.space);
  }
  stack.final_norm(rows, w.states.data());
  keep(parts, rows, w);
}

void cpu_decoder::see(const picture& source, cached_source& into, workspace& w) const {
  w.states.grow_to(eyes_->floats());
  const auto* image = &source;
  eyes_->see({&image, 1}, {w.states.data(), eyes_->floats()});
  const span_of_rows rows{0, into.length, 0, &into.table, nullptr};
  keep({&rows, 1}, into.length, w);
}

// The keys and values of encoded sources for every layer.
void cpu_decoder::keep(std::span<const span_of_rows> sources, std::size_t rows, workspace& w) const {
  const auto pair = 2 * decoder_.key_value_width();
  w.projected.grow_to(rows * pair);
  for (std::size_t i = 0; i < decoder_.layers().size(); ++i) {
    decoder_.apply(decoder_.layers()[i].cross->query_key_value, w.states.data(), rows, w.projected.data());
    for (const auto& source : sources)
      store(source, i, w.projected.data(), pair);
  }
}

std::vector<std::unique_ptr<decoder_line>> cpu_decoder::begin(std::span<const sequence* const> sources) const {
  check(sources);
  std::vector<std::shared_ptr<cached_source>> cached(sources.size());
  if (source_positions() > 0) {
    auto w = spaces_.borrow();
    for (std::size_t first = 0; first < sources.size();) {
      std::vector<cached_source*> group;
      std::size_t tokens = 0;
      for (auto i = first; i < sources.size() && (i == first || tokens + length_of(*sources[i]) <= group_tokens);
           ++i) {
        tokens += length_of(*sources[i]);
        cached[i] = std::make_shared<cached_source>(cached_source{block_table(pool()), length_of(*sources[i])});
        cached[i]->table.make_room(0, cached[i]->length, {});
        storage_.back(cached[i]->table);
        group.push_back(cached[i].get());
      }
      if (encoder_)
        encode(sources.subspan(first, group.size()), group, *w);
      else
        for (std::size_t i = 0; i < group.size(); ++i)
          see(*sources[first + i]->image, *group[i], *w);
      first += group.size();
    }
    spaces_.give_back(std::move(w));
  }
  std::vector<std::unique_ptr<decoder_line>> lines;
  lines.reserve(cached.size());
  for (auto& source : cached)
    lines.push_back(std::make_unique<cached_line>(pool(), std::move(source)));
  return lines;
}

void cpu_decoder::advance(std::span<const input> inputs, std::span<float> logits) const {
  const auto lines =
      prepare(inputs, logits, [this](std::uint32_t from, std::uint32_t to) { storage_.copy(from, to); });
  std::vector<span_of_rows> parts;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    storage_.back(lines[i]->table);
    parts.push_back(
        {positions.size(), inputs[i].ids.size(), lines[i]->tokens, &lines[i]->table, lines[i]->source.get()});
    for (std::size_t t = 0; t < inputs[i].ids.size(); ++t)
      positions.push_back(lines[i]->tokens + t);
  }
  const auto rows = positions.size();
  if (rows == 0)
    return;
  const auto width = decoder_.width();
  auto w = spaces_.borrow();
  w->states.grow_to(rows * width);
  w->projected.grow_to(rows * decoder_.projected_width());
  w->context.grow_to(rows * decoder_.query_width());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    decoder_.embed(inputs[i].ids, parts[i].seen, w->states.data() + parts[i].first * width);
  const auto turns = decoder_.turns(positions);
  for (std::size_t i = 0; i < decoder_.layers().size(); ++i) {
    const auto& layer = decoder_.layers()[i];
    attend_self(layer, i, parts, rows, turns, *w);
    if (layer.cross)
      attend_source(layer, i, parts, rows, *w);
    decoder_.feed_forward(layer.feed_forward, rows, w->states.data(), w->space);
  }
  // Of each line the last token alone goes on.
  w->context.grow_to(inputs.size() * width);
  float* last = w->context.data();
  for (std::size_t i = 0; i < inputs.size(); ++i)
    std::copy_n(w->states.data() + (parts[i].first + parts[i].count - 1) * width, width, last + i * width);
  decoder_.final_norm(inputs.size(), last);
  std::transform(last, last + inputs.size() * width, last, [this](float x) { return x * output_scale_; });
  decoder_.apply(output_, last, inputs.size(), logits.data());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    lines[i]->tokens += inputs[i].ids.size();
  spaces_.give_back(std::move(w));
}

} // namespace

result<std::size_t> cache_blocks(std::size_t block_bytes, std::size_t cache_bytes) {
  constexpr std::size_t most = 1u << 20; // 16 million tokens
  if (cache_bytes < block_bytes)
    return error{errc::invalid_argument, "a cache of " + std::to_string(cache_bytes)
                                             + " bytes does not hold a block of " + std::to_string(cache_block)
                                             + " tokens, which takes " + std::to_string(block_bytes)};
  return std::min(cache_bytes / block_bytes, most);
}

result<std::size_t> cache_blocks(const generator_description& description, std::size_t cache_bytes) {
  const auto& d = description.decoder;
  return cache_blocks(d.layers.size() * d.key_value_heads * 2 * d.head_width * cache_block * sizeof(float),
                      cache_bytes);
}

result<made_decoder> make_cpu_decoder(const generator_description& d, std::shared_ptr<const tensor_archive> weights,
                                      const kernels::kernel_table& table, std::size_t cache_bytes,
                                      const load_progress& progress) {
  CHALK_TRY(const auto blocks, cache_blocks(d, cache_bytes));
  loading_steps steps(d, progress);
  made_decoder made;
  std::optional<cpu_stack> encoder;
  if (d.encoder) {
    CHALK_TRY(encoder, cpu_stack::read(*d.encoder, *weights, table, [&] { steps.one_more(); }));
    made.weight_bytes += encoder->bytes();
  }
  std::optional<sight> eyes;
  if (d.pictures) {
    CHALK_TRY(eyes, sight::make(*d.pictures, *weights, {}));
    made.weight_bytes += eyes->weight_bytes();
    steps.one_more();
  }
  CHALK_TRY(auto decoder, cpu_stack::read(d.decoder, *weights, table, [&] { steps.one_more(); }));
  // A tied table goes on to be read where it lies.
  const bool tied =
      d.output.weight == d.decoder.word_table || (d.encoder && d.output.weight == d.encoder->word_table);
  CHALK_TRY(auto output, pack_map(d.output, *weights, table, tied));
  steps.one_more();
  made.weight_bytes += decoder.bytes() + output.bytes();
  // Read in place by both stacks, it is there once.
  if (d.encoder && d.encoder->word_table == d.decoder.word_table && float_data(*d.decoder.word_table) != nullptr)
    made.weight_bytes -= d.decoder.word_table->elements() * sizeof(float);
  made.compute =
      std::make_unique<cpu_decoder>(cached_decoder::limits(d), blocks, std::move(weights), table, std::move(encoder),
                                    std::move(eyes), std::move(decoder), std::move(output), d.output_scale);
  return made;
}

} // namespace chalkstream::models
