// The loops themselves, included once by each instruction set's source. Everything has internal linkage and no standard
// header with inline functions is included: code compiled for AVX2 must never be what the linker picks for a machine
// without it.
#pragma once

#include "models/image/line_passes.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace chalkstream::image {
namespace {

constexpr int fraction_bits = 22; // filter_weights'
constexpr std::int32_t half = 1 << (fraction_bits - 1);

#if defined(__AVX2__)

struct eight_sums {
  __m256i at = _mm256_set1_epi32(half);

  void add(const std::uint8_t* bytes, std::int32_t weight) {
    const auto loaded = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes)));
    at = _mm256_add_epi32(at, _mm256_mullo_epi32(loaded, _mm256_set1_epi32(weight)));
  }

  void finish(std::uint8_t* out) const {
    const auto whole = _mm256_srai_epi32(at, fraction_bits);
    const auto words = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packus_epi16(words, words));
  }
};

#else

inline std::uint8_t clipped(std::int32_t sum) {
  const std::int32_t whole = sum >> fraction_bits;
  return static_cast<std::uint8_t>(whole < 0 ? 0 : whole > 255 ? 255 : whole);
}

struct eight_sums {
  std::int32_t at[8] = {half, half, half, half, half, half, half, half};

  void add(const std::uint8_t* bytes, std::int32_t weight) {
    for (int i = 0; i < 8; ++i)
      at[i] += bytes[i] * weight;
  }

  void finish(std::uint8_t* out) const {
    for (int i = 0; i < 8; ++i)
      out[i] = clipped(at[i]);
  }
};

#endif

void along(const std::uint8_t* woven, const weight_lines& weights, std::size_t count, std::uint8_t* out) {
  for (std::size_t x = 0; x < count; ++x, out += side_by_side) {
    const std::uint8_t* pixel = woven + weights.firsts[x] * side_by_side;
    const std::int32_t* weight = weights.values + x * weights.most;
    eight_sums low, high;
    for (std::size_t k = 0; k < weights.counts[x]; ++k, pixel += side_by_side) {
      low.add(pixel, weight[k]);
      high.add(pixel + 8, weight[k]);
    }
    low.finish(out);
    high.finish(out + 8);
  }
}

// Columns first: a few of them stay in registers while their lines pass.
template <std::size_t Eights>
std::size_t across_columns(const std::uint8_t* lines, std::size_t length, const std::int32_t* weights,
                           std::size_t count, std::uint8_t* out, std::size_t at) {
  for (; at + Eights * 8 <= length; at += Eights * 8) {
    eight_sums sums[Eights];
    const std::uint8_t* line = lines + at;
    for (std::size_t k = 0; k < count; ++k, line += length)
      for (std::size_t i = 0; i < Eights; ++i)
        sums[i].add(line + i * 8, weights[k]);
    for (std::size_t i = 0; i < Eights; ++i)
      sums[i].finish(out + at + i * 8);
  }
  return at;
}

void across(const std::uint8_t* lines, std::size_t length, const std::int32_t* weights, std::size_t count,
            std::uint8_t* out) {
  std::size_t at = across_columns<4>(lines, length, weights, count, out, 0);
  at = across_columns<1>(lines, length, weights, count, out, at);
  for (; at < length; ++at) {
    std::int32_t sum = half;
    for (std::size_t k = 0; k < count; ++k)
      sum += lines[k * length + at] * weights[k];
    sum >>= fraction_bits;
    out[at] = static_cast<std::uint8_t>(sum < 0 ? 0 : sum > 255 ? 255 : sum);
  }
}

} // namespace
} // namespace chalkstream::image
