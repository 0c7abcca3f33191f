#include "models/generation/lstm_source.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::models {

std::size_t lstm_source_reader::embed(std::span<const sequence* const> sources, std::vector<place>& places,
                                      float_buffer& into) const {
  std::size_t rows = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    places.push_back({rows, sources[i]->ids.size(), i});
    rows += sources[i]->ids.size();
  }
  into.grow_to(rows * std::max(embedding_width_, width_));
  float* row = into.data();
  for (const auto* source : sources)
    for (const auto id : source->ids)
      row = std::copy_n(weights_.words.rows + static_cast<std::size_t>(id) * embedding_width_, embedding_width_, row);
  return rows;
}

// One step of all sources that have one left: those are the first of them, as they are sorted by length.
void lstm_source_reader::run_direction(const lstm_source_layer& layer, std::size_t direction,
                                       std::span<const place> longest_first, lstm_source_space& w) const {
  const auto half = width_ / 2;
  const auto gates = 4 * half;
  const auto& weights = layer.hidden[direction];
  std::fill_n(w.hidden.data(), longest_first.size() * half, 0.0f);
  std::fill_n(w.cell.data(), longest_first.size() * half, 0.0f);
  auto active = longest_first.size();
  for (std::size_t step = 0; step < longest_first.front().count; ++step) {
    while (longest_first[active - 1].count <= step)
      --active;
    const auto row_of = [&](const place& p) { return p.first + (direction == 0 ? step : p.count - 1 - step); };
    for (std::size_t i = 0; i < active; ++i)
      std::copy_n(w.projected.data() + (2 * row_of(longest_first[i]) + direction) * gates, gates,
                  w.gates.data() + i * gates);
    table_.linear(w.hidden.data(), half, active, weights.view(), kernels::activation::identity, w.gates.data(), gates,
                  w.gates.data(), gates);
    for (std::size_t i = 0; i < active; ++i) {
      float* hidden = w.hidden.data() + i * half;
      table_.lstm_cell(w.gates.data() + i * gates, w.cell.data() + i * half, hidden, half);
      std::copy_n(hidden, half, w.next.data() + row_of(longest_first[i]) * width_ + direction * half);
    }
  }
  for (std::size_t i = 0; i < longest_first.size(); ++i) {
    const auto to = longest_first[i].source * width_ + direction * half;
    std::copy_n(w.hidden.data() + i * half, half, w.last_hidden.data() + to);
    std::copy_n(w.cell.data() + i * half, half, w.last_cell.data() + to);
  }
}

void lstm_source_reader::read(std::span<const sequence* const> sources, lstm_source_space& w) const {
  std::vector<place> places;
  const auto rows = embed(sources, places, w.states);
  std::stable_sort(places.begin(), places.end(), [](const place& a, const place& b) { return a.count > b.count; });
  const auto count = sources.size();
  w.next.grow_to(rows * std::max(embedding_width_, width_));
  w.projected.grow_to(rows * 4 * width_);
  w.gates.grow_to(count * 2 * width_);
  for (auto* buffer : {&w.hidden, &w.cell, &w.last_hidden, &w.last_cell})
    buffer->grow_to(count * width_);
  auto in = embedding_width_;
  for (const auto& layer : weights_.encoder) {
    table_.linear(w.states.data(), in, rows, layer.input.view(), kernels::activation::identity, nullptr, 0,
                  w.projected.data(), 4 * width_);
    for (std::size_t direction = 0; direction < 2; ++direction)
      run_direction(layer, direction, places, w);
    std::swap(w.states, w.next);
    in = width_;
  }
}

} // namespace chalkstream::models
