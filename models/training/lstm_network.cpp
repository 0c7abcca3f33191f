#include "models/training/lstm_network.hpp"

#include "models/training/length_order.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

namespace chalkstream::models::training {

namespace {

/// As nn.LSTM has them.
struct lstm_values {
  at::Tensor input_weight, hidden_weight, input_bias, hidden_bias;
};

/// What the decoder sees of a batch's sources, in the order of its lines: [lines, longest, width] each.
struct seen_sources {
  at::Tensor keys;   // scores are products of a state and these
  at::Tensor values; // the source's share of the attentional state, before the tanh
  at::Tensor hidden; // minus infinity behind a shorter source, [lines, longest]
};

/// Hidden and cell state of a layer.
using memory = std::pair<at::Tensor, at::Tensor>;

at::Tensor numbers(const std::vector<std::int64_t>& values, const at::Device& where) {
  return at::tensor(values, at::kLong).to(where);
}

at::Tensor dropped(const at::Tensor& x, double rate) {
  return rate > 0 ? at::dropout(x, rate, true) : x;
}

// Gates are of input, forget, candidate and output.
memory step(const at::Tensor& gates, const at::Tensor& cell) {
  const auto width = cell.size(1);
  const auto opened = at::sigmoid(gates.narrow(1, 0, 2 * width));
  const auto added = opened.narrow(1, 0, width) * at::tanh(gates.narrow(1, 2 * width, width));
  auto next = at::addcmul(added, opened.narrow(1, width, width), cell);
  auto hidden = at::sigmoid(gates.narrow(1, 3 * width, width)) * at::tanh(next);
  return {std::move(hidden), std::move(next)};
}

std::vector<std::size_t> lengths_of(std::span<const writing_example> batch,
                                    std::span<const std::int32_t> writing_example::*side) {
  std::vector<std::size_t> lengths;
  for (const auto& example : batch)
    lengths.push_back((example.*side).size());
  return lengths;
}

} // namespace

struct lstm_network::parts {
  parts(const recurrent_description& d, const c10::Device& on, std::int32_t begin)
      : description(d), where(on), start(begin) {}

  at::Tensor words(const std::vector<std::int64_t>& ids, double dropout) const {
    return dropped(at::embedding(word_table, numbers(ids, where)), dropout);
  }

  /// Packed states, and the last ones of the last layer [sources, width] in the order of the batch.
  std::tuple<at::Tensor, at::Tensor, at::Tensor> encode(std::span<const writing_example> batch,
                                                        const length_order& order, double dropout) const {
    const auto packed =
        order.laid_out([&](std::size_t text, std::size_t at) { return std::int64_t{batch[text].source[at]}; });
    const auto layers = static_cast<std::int64_t>(encoder.size() / 8);
    const auto none = at::zeros({2 * layers, order.counts().front(), width() / 2}, word_table.options());
    // cuDNN goes no way back that was not said to be for learning, dropout or none.
    const auto [states, hidden, cell] =
        at::lstm(words(packed, dropout), at::tensor(order.counts(), at::kLong), {none, none}, encoder, true, layers,
                 layers > 1 ? dropout : 0, c10::GradMode::is_enabled(), true);
    const auto place = numbers(order.ranks(), where);
    const auto last = [&](const at::Tensor& of) {
      return at::cat({of.select(0, 2 * layers - 2), of.select(0, 2 * layers - 1)}, 1).index_select(0, place);
    };
    return {states, last(hidden), last(cell)};
  }

  /// Of packed states, side by side in the order of the lines.
  seen_sources see(const at::Tensor& states, std::span<const writing_example> batch, const length_order& order,
                   const length_order& lines) const {
    const auto longest = order.counts().size();
    std::vector<std::int64_t> rows(batch.size() * longest, 0);
    auto hidden =
        at::zeros({static_cast<std::int64_t>(batch.size()), static_cast<std::int64_t>(longest)}, at::kFloat);
    auto* mask = hidden.mutable_data_ptr<float>();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto text = lines.texts()[i];
      for (std::size_t at = 0; at < longest; ++at) {
        if (at < batch[text].source.size())
          rows[i * longest + at] = order.first_rows()[at] + order.ranks()[text];
        else
          mask[i * longest + at] = -std::numeric_limits<float>::infinity();
      }
    }
    const auto side_by_side = states.index_select(0, numbers(rows, where)).view({hidden.size(0), hidden.size(1), -1});
    seen_sources seen;
    seen.keys = query.defined() ? at::matmul(side_by_side, query) : side_by_side;
    seen.values = at::matmul(side_by_side, attentional.narrow(1, 0, width()).t());
    seen.hidden = hidden.to(where);
    return seen;
  }

  std::vector<memory> first_memories(const at::Tensor& hidden, const at::Tensor& cell,
                                     const length_order& lines) const {
    const std::vector<std::int64_t> texts(lines.texts().begin(), lines.texts().end());
    const auto place = numbers(texts, where);
    const auto first = [&](const at::Tensor& last, const at::Tensor& weight, const at::Tensor& bias) {
      return at::tanh(at::linear(last.index_select(0, place), weight, bias))
          .chunk(static_cast<std::int64_t>(decoder.size()), 1);
    };
    const auto hiddens = first(hidden, bridge_hidden, bridge_hidden_bias);
    const auto cells = first(cell, bridge_cell, bridge_cell_bias);
    std::vector<memory> all;
    for (std::size_t i = 0; i < decoder.size(); ++i)
      all.emplace_back(hiddens[i], cells[i]);
    return all;
  }

  at::Tensor attend(const at::Tensor& state, const seen_sources& seen) const {
    const auto lines = state.size(0);
    const auto scores = at::bmm(seen.keys.narrow(0, 0, lines), state.unsqueeze(2)).squeeze(2);
    const auto weights = at::softmax(scores + seen.hidden.narrow(0, 0, lines), 1);
    const auto context = at::bmm(weights.unsqueeze(1), seen.values.narrow(0, 0, lines)).squeeze(1);
    return at::tanh(at::addmm(context, state, attentional.narrow(1, width(), width()).t()));
  }

  /// One step after the other, for as many lines as have one.
  at::Tensor decode(const std::vector<std::int64_t>& ids, std::vector<memory> memories, const seen_sources& seen,
                    const length_order& lines, double dropout) const {
    const auto embedded = description.embedding_width;
    const auto& bottom = decoder.front();
    const auto gates_of_words =
        at::linear(words(ids, dropout), bottom.input_weight.narrow(1, 0, static_cast<std::int64_t>(embedded)),
                   bottom.input_bias + bottom.hidden_bias);
    std::vector<at::Tensor> weights, biases;
    for (std::size_t i = 0; i < decoder.size(); ++i) {
      const auto& layer = decoder[i];
      const auto from = static_cast<std::int64_t>(i == 0 ? embedded : 0);
      const auto input = layer.input_weight.narrow(1, from, layer.input_weight.size(1) - from);
      weights.push_back(at::cat({input, layer.hidden_weight}, 1).t());
      biases.push_back(i == 0 ? at::Tensor() : layer.input_bias + layer.hidden_bias);
    }
    std::vector<at::Tensor> all;
    auto fed = at::zeros({lines.counts().front(), description.input_feeding ? width() : 0}, word_table.options());
    for (std::size_t at = 0; at < lines.counts().size(); ++at) {
      const auto active = lines.counts()[at];
      auto below = fed.narrow(0, 0, active);
      for (std::size_t i = 0; i < decoder.size(); ++i) {
        auto& [hidden, cell] = memories[i];
        const auto& base = i == 0 ? gates_of_words.narrow(0, lines.first_rows()[at], active) : biases[i];
        const auto gates = at::addmm(base, at::cat({below, hidden.narrow(0, 0, active)}, 1), weights[i]);
        memories[i] = step(gates, cell.narrow(0, 0, active));
        below = i + 1 < decoder.size() ? dropped(memories[i].first, dropout) : memories[i].first;
      }
      all.push_back(dropped(attend(below, seen), dropout));
      if (description.input_feeding)
        fed = all.back();
    }
    return at::cat(all);
  }

  std::int64_t width() const noexcept { return static_cast<std::int64_t>(description.width); }

  recurrent_description description;
  at::Device where;
  std::int32_t start;
  at::Tensor word_table;
  std::vector<at::Tensor> encoder; // as at::lstm takes them
  std::vector<lstm_values> decoder;
  at::Tensor bridge_hidden, bridge_hidden_bias, bridge_cell, bridge_cell_bias;
  at::Tensor query; // undefined: none
  at::Tensor attentional;
  at::Tensor output, output_bias;
};

lstm_network::lstm_network(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
lstm_network::lstm_network(lstm_network&&) noexcept = default;
lstm_network& lstm_network::operator=(lstm_network&&) noexcept = default;
lstm_network::~lstm_network() = default;

const recurrent_description& lstm_network::description() const noexcept {
  return parts_->description;
}

result<lstm_network> lstm_network::load(const recurrent_description& d, placed_tensors& tensors,
                                        const c10::Device& where, std::int32_t start) {
  auto made = std::make_unique<parts>(d, where, start);
  const auto place = [&](const tensor_view* tensor) { return tensors.place({&tensor, 1}); };
  const auto layer = [&](const lstm_tensors& of) -> result<lstm_values> {
    lstm_values values;
    CHALK_TRY(values.input_weight, place(of.input_weight));
    CHALK_TRY(values.hidden_weight, place(of.hidden_weight));
    CHALK_TRY(values.input_bias, place(of.input_bias));
    CHALK_TRY(values.hidden_bias, place(of.hidden_bias));
    return values;
  };
  CHALK_TRY(made->word_table, place(d.word_table));
  for (const auto& directions : d.encoder)
    for (const auto& of : directions) {
      CHALK_TRY(auto values, layer(of));
      for (auto* each : {&values.input_weight, &values.hidden_weight, &values.input_bias, &values.hidden_bias})
        made->encoder.push_back(std::move(*each));
    }
  for (const auto& of : d.decoder) {
    CHALK_TRY(auto values, layer(of));
    made->decoder.push_back(std::move(values));
  }
  CHALK_TRY(made->bridge_hidden, place(d.bridge_hidden.weight));
  CHALK_TRY(made->bridge_hidden_bias, place(d.bridge_hidden.bias));
  CHALK_TRY(made->bridge_cell, place(d.bridge_cell.weight));
  CHALK_TRY(made->bridge_cell_bias, place(d.bridge_cell.bias));
  if (d.query) {
    CHALK_TRY(made->query, place(d.query->weight));
  }
  CHALK_TRY(made->attentional, place(d.attentional.weight));
  CHALK_TRY(made->output, place(d.output.weight));
  CHALK_TRY(made->output_bias, place(d.output.bias));
  return lstm_network(std::move(made));
}

std::pair<at::Tensor, at::Tensor> lstm_network::states(std::span<const writing_example> batch, double dropout) const {
  const length_order sources(lengths_of(batch, &writing_example::source));
  const length_order lines(lengths_of(batch, &writing_example::target));
  const auto [packed, hidden, cell] = parts_->encode(batch, sources, dropout);
  const auto seen = parts_->see(packed, batch, sources, lines);
  const auto ids = lines.laid_out([&](std::size_t text, std::size_t at) {
    return std::int64_t{at == 0 ? parts_->start : batch[text].target[at - 1]};
  });
  const auto goals =
      lines.laid_out([&](std::size_t text, std::size_t at) { return std::int64_t{batch[text].target[at]}; });
  auto states = parts_->decode(ids, parts_->first_memories(hidden, cell, lines), seen, lines, dropout);
  return {std::move(states), numbers(goals, parts_->where)};
}

at::Tensor lstm_network::output(const at::Tensor& states) const {
  return at::linear(states, parts_->output, parts_->output_bias);
}

} // namespace chalkstream::models::training
