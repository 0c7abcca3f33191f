#include "models/generation/cpu_stack.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::models {
namespace {

// A block of rows this long stays in the second-level cache; more of them gain nothing (cpu_encoder.cpp).
constexpr std::size_t block_rows = 56;

} // namespace

void cpu_stack::normalise(float* rows, std::size_t count, const norm_weights& norm) const {
  if (norm_ == norm_kind::layer)
    table_->layer_norm(rows, width_, count, width_, norm.gamma.data(), norm.beta.data(), epsilon_);
  else
    table_->rms_norm(rows, width_, count, width_, norm.gamma.data(), epsilon_);
}

const float* cpu_stack::at_distance_zero(std::size_t head) const noexcept {
  return by_distance_.empty() ? nullptr : by_distance_.data() + head * distances_ + distances_ / 2;
}

void cpu_stack::embed(std::span<const std::int32_t> ids, std::size_t first_position, float* states) const {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    float* to = states + i * width_;
    const float* word = words_.rows + static_cast<std::size_t>(ids[i]) * width_;
    std::transform(word, word + width_, to, [this](float x) { return x * embedding_scale_; });
    if (positions_.rows != nullptr && unplaced_ != ids[i])
      table_->add(to, positions_.rows + (first_position_ + first_position + i) * width_, width_);
  }
  if (!embedding_norm_.gamma.empty())
    normalise(states, ids.size(), embedding_norm_);
}

const float* cpu_stack::block_input(const float* states, std::size_t rows, const norm_weights& norm,
                                    stack_space& space) const {
  if (!norm_before_)
    return states;
  space.copy.grow_to(rows * width_);
  std::copy_n(states, rows * width_, space.copy.data());
  normalise(space.copy.data(), rows, norm);
  return space.copy.data();
}

void cpu_stack::map(const packed_weights& weights, const float* x, std::size_t x_stride, std::size_t rows,
                    const float* residual, float* out) const {
  for (std::size_t first = 0; first < rows; first += block_rows)
    table_->linear(x + first * x_stride, x_stride, std::min(block_rows, rows - first), weights.view(),
                   kernels::activation::identity, residual ? residual + first * weights.out() : nullptr,
                   weights.out(), out + first * weights.out(), weights.out());
}

void cpu_stack::apply(const packed_weights& weights, const float* x, std::size_t rows, float* out) const {
  map(weights, x, weights.in(), rows, nullptr, out);
}

void cpu_stack::close_block(const packed_weights& weights, const float* x, std::size_t x_stride, std::size_t rows,
                            const norm_weights& norm, float* states) const {
  map(weights, x, x_stride, rows, states, states);
  if (!norm_before_)
    normalise(states, rows, norm);
}

std::vector<float> cpu_stack::turns(std::span<const std::size_t> positions) const {
  std::vector<float> rows; // cosines, then sines
  rows.reserve(frequencies_.empty() ? 0 : positions.size() * head_width_);
  for (const auto position : positions) {
    for (const float f : frequencies_)
      rows.push_back(std::cos(static_cast<float>(position) * f));
    for (const float f : frequencies_)
      rows.push_back(std::sin(static_cast<float>(position) * f));
  }
  return rows;
}

void cpu_stack::place_heads(const cpu_attention& attention, std::size_t rows, std::span<const float> turns,
                            float* projected) const {
  const auto stride = projected_width();
  const auto norm_heads = [&](const std::vector<float>& gamma, std::size_t first, std::size_t count) {
    for (std::size_t head = 0; head < count && !gamma.empty(); ++head)
      table_->rms_norm(projected + (first + head) * head_width_, stride, rows, head_width_, gamma.data(), epsilon_);
  };
  norm_heads(attention.query_norm, 0, heads_);
  norm_heads(attention.key_norm, heads_, key_value_heads_);
  if (turns.empty())
    return;
  const auto half = head_width_ / 2;
  for (std::size_t row = 0; row < rows; ++row) {
    const float* cosine = turns.data() + row * head_width_;
    const float* sine = cosine + half;
    for (std::size_t head = 0; head < heads_ + key_value_heads_; ++head) {
      float* x = projected + row * stride + head * head_width_;
      for (std::size_t i = 0; i < half; ++i) {
        const float a = x[i];
        const float b = x[half + i];
        x[i] = a * cosine[i] - b * sine[i];
        x[half + i] = b * cosine[i] + a * sine[i];
      }
    }
  }
}

void cpu_stack::feed_forward(const cpu_feed_forward& block, std::size_t rows, float* states,
                             stack_space& space) const {
  const auto inner = block.up.out();
  const auto stride = inner + kernels::row_gap;
  const auto most = std::min(rows, block_rows);
  space.raised.grow_to(most * stride);
  space.gated.grow_to(block.gate ? most * stride : 0);
  float* raised = space.raised.data();
  float* gated = space.gated.data();
  for (std::size_t first = 0; first < rows; first += block_rows) {
    const auto count = std::min(block_rows, rows - first);
    float* own = states + first * width_;
    const float* x = block_input(own, count, block.norm, space);
    const auto raise = [&](const packed_weights& weights, kernels::activation act, float* to) {
      table_->linear(x, width_, count, weights.view(), act, nullptr, 0, to, stride);
    };
    raise(block.gate ? *block.gate : block.up, activation_, raised);
    if (block.gate) {
      raise(block.up, kernels::activation::identity, gated);
      for (std::size_t row = 0; row < count; ++row)
        table_->multiply(raised + row * stride, gated + row * stride, inner);
    }
    close_block(block.down, raised, stride, count, block.norm, own);
  }
}

void cpu_stack::final_norm(std::size_t rows, float* states) const {
  if (!final_norm_.gamma.empty())
    normalise(states, rows, final_norm_);
}

} // namespace chalkstream::models
