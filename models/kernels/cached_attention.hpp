// A part of implementation.hpp, which includes it: attention to keys and values that lie in blocks.
#pragma once

#include "models/kernels/kernels.hpp"

namespace chalkstream::models::kernels {
namespace {

// Queries computed together share every load of a key or value; with four vectors each, their sums fill the
// registers.
constexpr std::size_t query_tile = 3;
constexpr std::size_t sums = 4;

static_assert(cache_block % width == 0);
constexpr std::size_t block_vectors = cache_block / width;

struct query_rows {
  const float* q[query_tile];
  float* out[query_tile];
  std::size_t length[query_tile]; // keys it sees
  const float* bias[query_tile];  // of the first key, or null
  std::size_t longest;
};

// Scores of `Blocks` blocks in a row.
template <std::size_t Rows, std::size_t Blocks>
void score(const query_rows& rows, const float* const* blocks, std::size_t head_width, float* scores,
           std::size_t stride) {
  vec total[Rows][Blocks * block_vectors] = {};
  for (std::size_t c = 0; c < head_width; ++c) {
    vec key[Blocks * block_vectors];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Blocks * block_vectors; ++i)
      key[i] = load(blocks[i / block_vectors] + c * cache_block + i % block_vectors * width);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < Rows; ++r) {
      const vec x = splat(rows.q[r][c]);
#pragma GCC unroll 16
      for (std::size_t i = 0; i < Blocks * block_vectors; ++i)
        total[r][i] += x * key[i];
    }
  }
#pragma GCC unroll 4
  for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Blocks * block_vectors; ++i)
      store(scores + r * stride + i * width, total[r][i]);
}

// `Vectors` vectors of the weighted sum of values, beginning with column c.
template <std::size_t Rows, std::size_t Vectors>
void mix(const query_rows& rows, const float* const* blocks, std::size_t head_width, std::size_t c,
         const float* scores, std::size_t stride, const float* inverse) {
  vec total[Rows][Vectors] = {};
  for (std::size_t j = 0; j < rows.longest; ++j) {
    const float* value = blocks[j / cache_block] + (cache_block + j % cache_block) * head_width + c;
    vec v[Vectors];
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Vectors; ++i)
      v[i] = load(value + i * width);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < Rows; ++r) {
      const vec p = splat(scores[r * stride + j]);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < Vectors; ++i)
        total[r][i] += p * v[i];
    }
  }
#pragma GCC unroll 4
  for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (std::size_t i = 0; i < Vectors; ++i)
      store(rows.out[r] + c + i * width, total[r][i] * inverse[r]);
}

template <std::size_t Rows>
void attend_rows(const query_rows& rows, const cached_attention_task& t) {
  constexpr std::size_t together = sums / block_vectors;
  const std::size_t stride = round_up(rows.longest, 2 * cache_block);
  const std::size_t blocks = (rows.longest + cache_block - 1) / cache_block;
  float* scores = t.scratch;
  std::size_t b = 0;
  for (; b + together <= blocks; b += together)
    score<Rows, together>(rows, t.blocks + b, t.head_width, scores + b * cache_block, stride);
  for (; b < blocks; ++b)
    score<Rows, 1>(rows, t.blocks + b, t.head_width, scores + b * cache_block, stride);
  float inverse[Rows];
  for (std::size_t r = 0; r < Rows; ++r) {
    float* s = scores + r * stride;
    const std::size_t length = rows.length[r];
    if (rows.bias[r] != nullptr)
      add(s, rows.bias[r], length);
    inverse[r] = soften(s, length, round_up(length, panel), t.scale);
    // Keys that only the rows beside this one see.
    for (std::size_t j = length; j < rows.longest; ++j)
      s[j] = 0;
  }
  std::size_t c = 0;
  for (; c + sums * width <= t.head_width; c += sums * width)
    mix<Rows, sums>(rows, t.blocks, t.head_width, c, scores, stride, inverse);
  for (; c + width <= t.head_width; c += width)
    mix<Rows, 1>(rows, t.blocks, t.head_width, c, scores, stride, inverse);
  for (; c < t.head_width; ++c)
    for (std::size_t r = 0; r < Rows; ++r) {
      float total = 0;
      for (std::size_t j = 0; j < rows.length[r]; ++j)
        total +=
            scores[r * stride + j] * t.blocks[j / cache_block][(cache_block + j % cache_block) * t.head_width + c];
      rows.out[r][c] = total * inverse[r];
    }
}

void cached_attention(const cached_attention_task& t) {
  const std::size_t queries = t.rows * t.heads;
  for (std::size_t first = 0; first < queries; first += query_tile) {
    const std::size_t count = queries - first < query_tile ? queries - first : query_tile;
    query_rows rows{};
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = (first + i) / t.heads;
      const std::size_t head = (first + i) % t.heads;
      rows.q[i] = t.q + row * t.stride + head * t.head_width;
      rows.out[i] = t.out + row * t.out_stride + head * t.head_width;
      rows.length[i] = t.length + row * t.step;
      rows.bias[i] = t.by_distance == nullptr ? nullptr : t.by_distance + head * t.distances + 1 - rows.length[i];
      rows.longest = rows.length[i] > rows.longest ? rows.length[i] : rows.longest;
    }
    if (count == 3)
      attend_rows<3>(rows, t);
    else if (count == 2)
      attend_rows<2>(rows, t);
    else
      attend_rows<1>(rows, t);
  }
}

} // namespace
} // namespace chalkstream::models::kernels
