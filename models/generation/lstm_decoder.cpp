#include "models/generation/block_storage.hpp"
#include "models/generation/cached_line.hpp"
#include "models/generation/lstm_source.hpp"
#include "models/generation/lstm_weights.hpp"
#include "models/generation/make_decoder.hpp"
#include "models/workspaces.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::models {
namespace {

using kernels::activation;
using kernels::cache_block;

// Sources are read in groups of about this many tokens: the more are read together, the less often the recurrent
// weights are.
constexpr std::size_t group_tokens = 1024;

struct workspace {
  lstm_source_space source;
  float_buffer joined; // what a layer reads and its own state
  float_buffer gates;
  float_buffer queries;
  float_buffer mixed; // context and state
  float_buffer attentional;
  float_buffer last;
  float_buffer scratch;
};

class lstm_decoder final : public cached_decoder {
public:
  lstm_decoder(const recurrent_description& d, std::size_t blocks, std::shared_ptr<const tensor_archive> archive,
               const kernels::kernel_table& table, lstm_weights weights)
      : cached_decoder(limits_of(d), blocks), table_(table), archive_(std::move(archive)),
        weights_(std::move(weights)), embedding_width_(d.embedding_width), width_(d.width),
        fed_(d.input_feeding ? d.width : 0), reader_(weights_, table, d.embedding_width, d.width),
        storage_(blocks, block_floats(d)) {}

  std::vector<std::unique_ptr<decoder_line>> begin(std::span<const sequence* const> sources) const override;
  void advance(std::span<const input> inputs, std::span<float> logits) const override;

  /// Sixteen tokens of a source as keys and values, or a line's state.
  static std::size_t block_floats(const recurrent_description& d) {
    return std::max(2 * cache_block * d.width, d.state_floats());
  }

private:
  // A line in a step of several.
  struct stepping {
    float* state = nullptr;
    const cached_source* source = nullptr;
    std::span<const std::int32_t> ids;
    std::size_t index = 0; // of the caller
  };

  static limits limits_of(const recurrent_description& d);

  void apply(const packed_weights& weights, const float* x, std::size_t rows, activation act, float* out) const;
  void keep_source(const cached_source& source, const float* states) const;
  void begin_group(std::span<const sequence* const> sources, std::span<std::unique_ptr<decoder_line>> into,
                   workspace& w) const;
  void make_room(std::span<const stepping> lines, workspace& w) const;
  void run_layers(std::span<const stepping> lines, std::size_t step, workspace& w) const;
  void attend(std::span<const stepping> lines, workspace& w) const;

  const kernels::kernel_table& table_;
  std::shared_ptr<const tensor_archive> archive_;
  lstm_weights weights_;
  std::size_t embedding_width_;
  std::size_t width_;
  std::size_t fed_;
  lstm_source_reader reader_;
  mutable block_storage storage_;

  mutable workspaces<workspace> spaces_;
};

cached_decoder::limits lstm_decoder::limits_of(const recurrent_description& d) {
  limits known;
  known.vocabulary = known.source_vocabulary = d.vocabulary;
  known.positions = known.source_positions = d.positions;
  known.recurrent = true;
  return known;
}

void lstm_decoder::apply(const packed_weights& weights, const float* x, std::size_t rows, activation act,
                         float* out) const {
  table_.linear(x, weights.in(), rows, weights.view(), act, nullptr, 0, out, weights.out());
}

void lstm_decoder::keep_source(const cached_source& source, const float* states) const {
  for (std::size_t i = 0; i < source.length; ++i, states += width_)
    place_in_block(storage_.of(source.table.blocks()[i / cache_block]), i % cache_block, states, states, width_);
}

void lstm_decoder::begin_group(std::span<const sequence* const> sources,
                               std::span<std::unique_ptr<decoder_line>> into, workspace& w) const {
  reader_.read(sources, w.source);
  const auto all = weights_.decoder.size() * width_;
  w.gates.grow_to(2 * sources.size() * all);
  float* hidden = w.gates.data();
  float* cell = hidden + sources.size() * all;
  apply(weights_.bridge_hidden, w.source.last_hidden.data(), sources.size(), activation::tanh, hidden);
  apply(weights_.bridge_cell, w.source.last_cell.data(), sources.size(), activation::tanh, cell);
  const float* states = w.source.states.data();
  for (std::size_t i = 0; i < sources.size(); ++i) {
    auto source = std::make_shared<cached_source>(cached_source{block_table(pool()), sources[i]->ids.size()});
    source->table.make_room(0, source->length, {});
    storage_.back(source->table);
    keep_source(*source, states);
    states += source->length * width_;
    auto line = std::make_unique<cached_line>(pool(), std::move(source));
    line->table.make_room(0, 1, {});
    storage_.back(line->table);
    float* state = storage_.of(line->table.blocks().front());
    for (std::size_t layer = 0; layer < weights_.decoder.size(); ++layer) {
      state = std::copy_n(hidden + i * all + layer * width_, width_, state);
      state = std::copy_n(cell + i * all + layer * width_, width_, state);
    }
    std::fill_n(state, fed_, 0.0f);
    into[i] = std::move(line);
  }
}

std::vector<std::unique_ptr<decoder_line>> lstm_decoder::begin(std::span<const sequence* const> sources) const {
  check(sources);
  std::vector<std::unique_ptr<decoder_line>> lines(sources.size());
  auto w = spaces_.borrow();
  for (std::size_t first = 0; first < sources.size();) {
    std::size_t tokens = 0, count = 0;
    while (first + count < sources.size()
           && (count == 0 || tokens + sources[first + count]->ids.size() <= group_tokens))
      tokens += sources[first + count++]->ids.size();
    begin_group(sources.subspan(first, count), std::span(lines).subspan(first, count), *w);
    first += count;
  }
  spaces_.give_back(std::move(w));
  return lines;
}

// Leaves the last layer's hidden state in the second half of each row of `mixed`.
void lstm_decoder::run_layers(std::span<const stepping> lines, std::size_t step, workspace& w) const {
  const auto layers = weights_.decoder.size();
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const auto& weights = weights_.decoder[layer];
    float* to = w.joined.data();
    for (const auto& line : lines) {
      const float* own = line.state + 2 * layer * width_;
      if (layer == 0) {
        const auto id = static_cast<std::size_t>(line.ids[step]);
        to = std::copy_n(weights_.words.rows + id * embedding_width_, embedding_width_, to);
        to = std::copy_n(line.state + 2 * layers * width_, fed_, to);
      } else {
        to = std::copy_n(own - 2 * width_, width_, to);
      }
      to = std::copy_n(own, width_, to);
    }
    apply(weights, w.joined.data(), lines.size(), activation::identity, w.gates.data());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      float* own = lines[i].state + 2 * layer * width_;
      table_.lstm_cell(w.gates.data() + i * weights.out(), own + width_, own, width_);
    }
  }
  for (std::size_t i = 0; i < lines.size(); ++i)
    std::copy_n(lines[i].state + 2 * (layers - 1) * width_, width_, w.mixed.data() + (2 * i + 1) * width_);
}

// From the second half of the rows of `mixed` to `attentional`.
void lstm_decoder::attend(std::span<const stepping> lines, workspace& w) const {
  kernels::cached_attention_task task;
  task.stride = 2 * width_;
  if (weights_.query) {
    task.stride = width_;
    table_.linear(w.mixed.data() + width_, 2 * width_, lines.size(), weights_.query->view(), activation::identity,
                  nullptr, 0, w.queries.data(), width_);
  }
  task.out_stride = 2 * width_;
  task.rows = 1;
  task.head_width = width_;
  std::vector<const float*> blocks;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& source = *lines[i].source;
    blocks.clear();
    for (const auto block : source.table.blocks())
      blocks.push_back(storage_.of(block));
    task.q = weights_.query ? w.queries.data() + i * width_ : w.mixed.data() + (2 * i + 1) * width_;
    task.out = w.mixed.data() + 2 * i * width_;
    task.blocks = blocks.data();
    task.length = source.length;
    task.scratch = w.scratch.data();
    table_.cached_attention(task);
  }
  apply(weights_.attentional, w.mixed.data(), lines.size(), activation::tanh, w.attentional.data());
}

// All of it before a state is changed: what fails then has changed nothing.
void lstm_decoder::make_room(std::span<const stepping> lines, workspace& w) const {
  for (auto* buffer : {&w.queries, &w.attentional, &w.last})
    buffer->grow_to(lines.size() * width_);
  w.mixed.grow_to(lines.size() * 2 * width_);
  for (const auto& layer : weights_.decoder) {
    w.joined.grow_to(lines.size() * layer.in());
    w.gates.grow_to(lines.size() * layer.out());
  }
  for (const auto& line : lines)
    w.scratch.grow_to(kernels::cached_attention_scratch(line.source->length));
}

void lstm_decoder::advance(std::span<const input> inputs, std::span<float> logits) const {
  const auto lines =
      prepare(inputs, logits, [this](std::uint32_t from, std::uint32_t to) { storage_.copy(from, to); });
  if (lines.empty())
    return;
  std::vector<stepping> longest_first;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    longest_first.push_back(
        {storage_.of(lines[i]->table.blocks().front()), lines[i]->source.get(), inputs[i].ids, i});
  std::stable_sort(longest_first.begin(), longest_first.end(),
                   [](const stepping& a, const stepping& b) { return a.ids.size() > b.ids.size(); });
  auto w = spaces_.borrow();
  make_room(longest_first, *w);
  std::span<const stepping> active(longest_first);
  for (std::size_t step = 0; !active.empty(); ++step) {
    run_layers(active, step, *w);
    attend(active, *w);
    for (std::size_t i = 0; i < active.size(); ++i) {
      const float* attentional = w->attentional.data() + i * width_;
      std::copy_n(attentional, fed_, active[i].state + 2 * weights_.decoder.size() * width_);
      if (step + 1 == active[i].ids.size())
        std::copy_n(attentional, width_, w->last.data() + active[i].index * width_);
    }
    while (!active.empty() && active.back().ids.size() == step + 1)
      active = active.first(active.size() - 1);
  }
  apply(weights_.output, w->last.data(), inputs.size(), activation::identity, logits.data());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    lines[i]->tokens += inputs[i].ids.size();
  spaces_.give_back(std::move(w));
}

} // namespace

result<made_decoder> make_lstm_decoder(const recurrent_description& d, std::shared_ptr<const tensor_archive> weights,
                                       const kernels::kernel_table& table, std::size_t cache_bytes,
                                       const load_progress& progress) {
  CHALK_TRY(const auto blocks, cache_blocks(lstm_decoder::block_floats(d) * sizeof(float), cache_bytes));
  loading_steps steps(d.encoder.size() + d.decoder.size() + 1, progress);
  CHALK_TRY(auto packed, read_lstm_weights(d, *weights, table, [&] { steps.one_more(); }));
  made_decoder made;
  made.weight_bytes = packed.bytes;
  made.compute = std::make_unique<lstm_decoder>(d, blocks, std::move(weights), table, std::move(packed));
  return made;
}

} // namespace chalkstream::models
