#include "models/encoders/encoder.hpp"

#include "models/encoders/cpu_weights.hpp"
#include "models/encoders/positions.hpp"
#include "models/packed_weights.hpp"
#include "models/workspaces.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace chalkstream::models {
namespace {

// Sequences go through all layers in groups of about this many tokens: states, keys and values of a group stay in the
// second-level cache, whatever the batch, and the buffers are small. From 128 to 1024 it makes no measurable
// difference.
constexpr std::size_t group_tokens = 256;

// Fewer tokens than this are not split over several cores.
constexpr std::size_t worth_sharing = 64;

struct workspace {
  float_buffer states;
  float_buffer query_key_value;
  float_buffer context;
  std::vector<float_buffer> inner;   // one a member
  std::vector<float_buffer> scratch; // one a member
};

struct placed_token {
  std::int32_t id;
  std::int32_t type;
  std::int32_t position;
};

class cpu_encoder final : public encoder {
public:
  cpu_encoder(const encoder_description& description, std::shared_ptr<const tensor_archive> archive,
              cpu_weights weights, const kernels::kernel_table& table)
      : table_(table), archive_(std::move(archive)), weights_(std::move(weights)), width_(description.width),
        heads_(description.heads), positions_(description.positions), counter_(description),
        epsilon_(description.epsilon), activation_(description.activation) {}

  void encode(std::span<const sequence* const> batch, crew* helpers, const sink& done) const override;
  bool takes_help() const noexcept override { return true; }
  std::size_t weight_bytes() const noexcept override { return weights_.bytes; }

private:
  // What the members of a crew work on together: one group in one workspace.
  struct group_run {
    std::vector<placed_token> tokens;
    std::vector<std::size_t> starts; // cu_seqlens
    workspace* space;
    std::size_t block_rows;
  };

  std::size_t inner_stride() const noexcept { return weights_.inner + kernels::row_gap; }
  void embed(const group_run& run, std::size_t begin, std::size_t end, std::size_t member) const;
  void attend(const group_run& run, std::size_t unit, std::size_t member) const;
  void transform(const layer_weights& layer, const group_run& run, std::size_t begin, std::size_t end,
                 std::size_t member) const;
  void project(const layer_weights& layer, const group_run& run, std::size_t begin, std::size_t end) const;
  void normalise(float* rows, std::size_t row_width, std::size_t count, const norm_weights& norm) const;
  void walk(crew* helpers, const group_run& run) const;

  group_run place(std::span<const sequence* const> sequences, std::size_t members, workspace& space) const;

  const kernels::kernel_table& table_;
  std::shared_ptr<const tensor_archive> archive_;
  cpu_weights weights_;
  std::size_t width_;
  std::size_t heads_;
  std::size_t positions_;
  position_counter counter_; // copied for each sequence
  float epsilon_;
  kernels::activation activation_;

  mutable workspaces<workspace> spaces_;
};

void cpu_encoder::normalise(float* rows, std::size_t row_width, std::size_t count, const norm_weights& norm) const {
  table_.layer_norm(rows, row_width, count, row_width, norm.gamma.data(), norm.beta.data(), epsilon_);
}

void cpu_encoder::embed(const group_run& run, std::size_t begin, std::size_t end, std::size_t member) const {
  const auto& w = weights_;
  const std::size_t wide = w.embedding_width;
  float* states = run.space->states.data() + begin * width_;
  // Embeddings of another width than the layers' are summed beside the states and projected into them.
  float* sums = w.projection ? run.space->inner[member].data() : states;
  const auto row = [wide](const lookup_table& table, std::int32_t i) {
    return table.rows + static_cast<std::size_t>(i) * wide;
  };
  for (std::size_t t = begin; t < end; ++t) {
    const auto& token = run.tokens[t];
    float* sum = sums + (t - begin) * wide;
    std::copy_n(row(w.words, token.id), wide, sum);
    if (w.types.rows != nullptr)
      table_.add(sum, row(w.types, token.type), wide);
    if (w.positions.rows != nullptr)
      table_.add(sum, row(w.positions, token.position), wide);
  }
  normalise(sums, wide, end - begin, w.embedding_norm);
  if (w.projection)
    table_.linear(sums, wide, end - begin, w.projection->view(), kernels::activation::identity, nullptr, 0, states,
                  width_);
}

void cpu_encoder::project(const layer_weights& layer, const group_run& run, std::size_t begin,
                          std::size_t end) const {
  table_.linear(run.space->states.data() + begin * width_, width_, end - begin, layer.query_key_value.view(),
                kernels::activation::identity, nullptr, 0, run.space->query_key_value.data() + begin * 3 * width_,
                3 * width_);
}

void cpu_encoder::attend(const group_run& run, std::size_t unit, std::size_t member) const {
  const std::size_t head = unit % heads_;
  const std::size_t start = run.starts[unit / heads_];
  const std::size_t head_width = width_ / heads_;
  const float* first = run.space->query_key_value.data() + start * 3 * width_ + head * head_width;
  kernels::attention_task task;
  task.q = first;
  task.k = first + width_;
  task.v = first + 2 * width_;
  task.out = run.space->context.data() + start * width_ + head * head_width;
  task.stride = 3 * width_;
  task.out_stride = width_;
  task.length = run.starts[unit / heads_ + 1] - start;
  task.head_width = head_width;
  task.scale = 1.0f / std::sqrt(static_cast<float>(head_width));
  task.scratch = run.space->scratch[member].data();
  if (!weights_.by_distance.empty())
    task.by_distance = weights_.by_distance.data() + head * (2 * positions_ - 1) + positions_ - 1;
  table_.attention(task);
}

// Everything of a layer after attention, for a block of rows that stays in the cache.
void cpu_encoder::transform(const layer_weights& layer, const group_run& run, std::size_t begin, std::size_t end,
                            std::size_t member) const {
  float* states = run.space->states.data() + begin * width_;
  float* inner = run.space->inner[member].data();
  const std::size_t rows = end - begin;
  const std::size_t stride = inner_stride();
  using kernels::activation;
  table_.linear(run.space->context.data() + begin * width_, width_, rows, layer.attention_output.view(),
                activation::identity, states, width_, states, width_);
  normalise(states, width_, rows, layer.attention_norm);
  table_.linear(states, width_, rows, layer.up.view(), activation_, nullptr, 0, inner, stride);
  table_.linear(inner, stride, rows, layer.down.view(), activation::identity, states, width_, states, width_);
  normalise(states, width_, rows, layer.output_norm);
}

void cpu_encoder::walk(crew* helpers, const group_run& run) const {
  const std::size_t tokens = run.tokens.size();
  const std::size_t blocks = (tokens + run.block_rows - 1) / run.block_rows;
  const auto begin = [&](std::size_t block) { return block * run.block_rows; };
  const auto end = [&](std::size_t block) { return std::min(tokens, (block + 1) * run.block_rows); };
  const auto phase = [helpers](std::size_t units, auto&& work) {
    if (helpers != nullptr)
      helpers->phase(units, work);
    else
      for (std::size_t unit = 0; unit < units; ++unit)
        work(unit, std::size_t{0});
  };
  const auto& layers = weights_.layers;
  phase(blocks, [&](std::size_t block, std::size_t member) {
    embed(run, begin(block), end(block), member);
    project(layers.front(), run, begin(block), end(block));
  });
  for (std::size_t i = 0; i < layers.size(); ++i) {
    phase((run.starts.size() - 1) * heads_, [&](std::size_t unit, std::size_t member) { attend(run, unit, member); });
    phase(blocks, [&](std::size_t block, std::size_t member) {
      transform(layers[i], run, begin(block), end(block), member);
      if (i + 1 < layers.size())
        project(layers[i + 1], run, begin(block), end(block));
    });
  }
}

cpu_encoder::group_run cpu_encoder::place(std::span<const sequence* const> sequences, std::size_t members,
                                          workspace& space) const {
  group_run run;
  run.space = &space;
  run.starts.push_back(0);
  std::size_t longest = 0;
  for (const auto* s : sequences) {
    auto position = counter_;
    for (std::size_t i = 0; i < s->ids.size(); ++i)
      run.tokens.push_back({s->ids[i], s->types.empty() ? 0 : s->types[i], position(s->ids[i])});
    run.starts.push_back(run.tokens.size());
    longest = std::max(longest, s->ids.size());
  }
  // Weights are read once a block, so 28 rows cost 5 % more than 56, and 112 gain nothing; a crew takes the smaller
  // blocks to end a phase together.
  const std::size_t tiles = (members > 1 ? 28 : 56) / table_.row_tile;
  run.block_rows = std::max<std::size_t>(tiles, 1) * table_.row_tile;

  const std::size_t tokens = run.tokens.size();
  space.states.grow_to(tokens * width_);
  space.query_key_value.grow_to(tokens * 3 * width_);
  space.context.grow_to(tokens * width_);
  if (space.inner.size() < members) {
    space.inner.resize(members);
    space.scratch.resize(members);
  }
  for (std::size_t member = 0; member < members; ++member) {
    space.inner[member].grow_to(std::min(run.block_rows, tokens) * inner_stride());
    space.scratch[member].grow_to(kernels::attention_scratch(table_, longest, width_ / heads_));
  }
  return run;
}

void cpu_encoder::encode(std::span<const sequence* const> batch, crew* helpers, const sink& done) const {
  auto space = spaces_.borrow();
  for (std::size_t first = 0; first < batch.size();) {
    std::size_t count = 0;
    std::size_t tokens = 0;
    for (; first + count < batch.size(); ++count) {
      const auto more = batch[first + count]->ids.size();
      if (count > 0 && tokens + more > group_tokens)
        break;
      tokens += more;
    }
    auto* together = tokens < worth_sharing ? nullptr : helpers;
    const auto run = place(batch.subspan(first, count), together == nullptr ? 1 : together->most(), *space);
    walk(together, run);
    for (std::size_t i = 0; i < count; ++i)
      done(first + i, {space->states.data() + run.starts[i] * width_, (run.starts[i + 1] - run.starts[i]) * width_});
    first += count;
  }
  spaces_.give_back(std::move(space));
}

} // namespace

bool runs_on_kernels(const encoder_description& description) noexcept {
  return !description.disentangled && !description.convolution;
}

result<std::unique_ptr<encoder>> make_cpu_encoder(const encoder_description& description,
                                                  std::shared_ptr<const tensor_archive> weights,
                                                  const kernels::kernel_table& table, const load_progress& progress) {
  if (!runs_on_kernels(description))
    return error{errc::internal, "the kernels have no disentangled attention and no convolution"};
  CHALK_TRY(auto read, read_cpu_weights(description, *weights, table, progress));
  return std::unique_ptr<encoder>(
      std::make_unique<cpu_encoder>(description, std::move(weights), std::move(read), table));
}

} // namespace chalkstream::models
