#include "models/kernels/kernels.hpp"

#include <algorithm>
#include <array>

namespace chalkstream::models::kernels {

extern const kernel_table baseline_table;
#if defined(__x86_64__)
extern const kernel_table avx2_table;
extern const kernel_table avx512_table;
#endif

const kernel_table* const* available() {
  static const auto tables = [] {
    std::array<const kernel_table*, 4> list{};
    std::size_t n = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512bw"))
      list[n++] = &avx512_table;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      list[n++] = &avx2_table;
#endif
    list[n] = &baseline_table;
    return list;
  }();
  return tables.data();
}

const kernel_table& best() {
  return *available()[0];
}

std::size_t attention_scratch(const kernel_table& table, std::size_t length, std::size_t head_width) {
  const auto padded = [&](std::size_t n) {
    return (n + table.panel_width - 1) / table.panel_width * table.panel_width;
  };
  return padded(length) * head_width + padded(head_width) * length + table.row_tile * padded(length)
         + table.row_tile * table.panel_width;
}

std::size_t cached_attention_scratch(std::size_t length) {
  // Three rows of scores, in whole panels of the widest table.
  constexpr std::size_t widest = 32;
  return 3 * ((length + widest - 1) / widest * widest);
}

std::size_t panel_floats(const kernel_table& table, std::size_t in, std::size_t out) {
  return (out + table.panel_width - 1) / table.panel_width * table.panel_width * in;
}

void pack(const kernel_table& table, const float* weight, std::size_t in, std::size_t first, std::size_t rows,
          float* panels) {
  const std::size_t width = table.panel_width;
  constexpr std::size_t block = 16;
  // In blocks of columns, so that the panel's lines being filled stay in the first-level cache.
  for (std::size_t column = 0; column < in; column += block) {
    const std::size_t end = std::min(in, column + block);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t target = first + r;
      float* to = panels + target / width * width * in + target % width;
      const float* from = weight + r * in;
      for (std::size_t c = column; c < end; ++c)
        to[c * width] = from[c];
    }
  }
}

} // namespace chalkstream::models::kernels
