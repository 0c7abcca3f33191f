// The kernels of decoders on every instruction set: attention over cached blocks, root mean square norms, products.
#include "models/kernels/kernels.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace chalkstream::models::kernels {
namespace {

std::vector<float> numbers(std::size_t n, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(n);
  for (float& x : out)
    x = normal(engine);
  return out;
}

std::vector<const kernel_table*> all_tables() {
  std::vector<const kernel_table*> list;
  for (auto* const* table = available(); *table != nullptr; ++table)
    list.push_back(*table);
  return list;
}

class cached_attention_test : public ::testing::TestWithParam<const kernel_table*> {
protected:
  const kernel_table& table() const { return *GetParam(); }
};

// Keys and values of `keys` tokens as a decoder's cache has them, what is beyond them being anything.
struct cache {
  cache(std::size_t keys, std::size_t wide, unsigned seed)
      : k(numbers(keys * wide, seed)), v(numbers(keys * wide, seed + 1)) {
    const std::size_t count = (keys + cache_block - 1) / cache_block;
    storage.assign(count, std::vector<float>(2 * cache_block * wide, std::numeric_limits<float>::quiet_NaN()));
    for (std::size_t j = 0; j < keys; ++j)
      for (std::size_t c = 0; c < wide; ++c) {
        auto& block = storage[j / cache_block];
        block[c * cache_block + j % cache_block] = k[j * wide + c];
        block[(cache_block + j % cache_block) * wide + c] = v[j * wide + c];
      }
    for (const auto& block : storage)
      blocks.push_back(block.data());
  }

  std::vector<float> k, v;
  std::vector<std::vector<float>> storage;
  std::vector<const float*> blocks;
};

struct shape {
  std::size_t wide;
  std::size_t heads;
  std::size_t rows;
  std::size_t first; // keys the first row sees
  std::size_t step;
  bool biased;
};

// Rows of heads of results; a task over `from` … `from + count` of its rows.
std::vector<float> run(const kernel_table& table, const shape& s, const cache& kept, const std::vector<float>& q,
                       const std::vector<float>& bias, std::size_t from, std::size_t count) {
  const auto stride = s.heads * s.wide + 3;
  std::vector<float> out(count * s.heads * s.wide);
  std::vector<float> scratch(cached_attention_scratch(s.first + s.rows * s.step));
  cached_attention_task task;
  task.q = q.data() + from * stride;
  task.stride = stride;
  task.out = out.data();
  task.out_stride = s.heads * s.wide;
  task.rows = count;
  task.heads = s.heads;
  task.blocks = kept.blocks.data();
  task.length = s.first + from * s.step;
  task.step = s.step;
  task.head_width = s.wide;
  task.scale = 0.4f;
  task.scratch = scratch.data();
  if (s.biased) {
    task.distances = bias.size() / s.heads;
    task.by_distance = bias.data() + task.distances - 1;
  }
  table.cached_attention(task);
  return out;
}

TEST_P(cached_attention_test, equals_the_definition_and_a_row_does_not_depend_on_those_beside_it) {
  for (const std::size_t wide : {1, 5, 16, 20, 64, 72, 128})
    for (const auto& [heads, rows, first, step] : std::vector<std::array<std::size_t, 4>>{{1, 1, 1, 1},
                                                                                          {1, 1, 15, 1},
                                                                                          {1, 1, 16, 1},
                                                                                          {1, 1, 65, 1},
                                                                                          {1, 1, 128, 1},
                                                                                          {3, 1, 33, 1},
                                                                                          {2, 5, 14, 1},
                                                                                          {1, 20, 1, 1},
                                                                                          {4, 7, 17, 0},
                                                                                          {1, 3, 47, 0}})
      for (const bool biased : {false, true}) {
        const shape s{wide, heads, rows, first, step, biased};
        const auto keys = first + (rows - 1) * step;
        const cache kept(keys, wide, 1);
        const auto stride = heads * wide + 3;
        const auto q = numbers(rows * stride, 3);
        const auto bias = numbers(heads * keys, 4);
        const auto out = run(table(), s, kept, q, bias, 0, rows);
        for (std::size_t r = 0; r < rows; ++r) {
          const auto seen = first + r * step;
          for (std::size_t h = 0; h < heads; ++h) {
            std::vector<double> weight(seen);
            double total = 0;
            for (std::size_t j = 0; j < seen; ++j) {
              double score = biased ? bias[(h + 1) * keys - seen + j] : 0;
              for (std::size_t c = 0; c < wide; ++c)
                score += double(q[r * stride + h * wide + c]) * kept.k[j * wide + c];
              total += weight[j] = std::exp(score * 0.4);
            }
            for (std::size_t c = 0; c < wide; ++c) {
              double expected = 0;
              for (std::size_t j = 0; j < seen; ++j)
                expected += weight[j] / total * kept.v[j * wide + c];
              ASSERT_NEAR(out[(r * heads + h) * wide + c], expected, 2e-5)
                  << wide << " wide, row " << r << " of " << rows << ", head " << h << ", " << seen << " keys";
            }
          }
          const auto alone = run(table(), s, kept, q, bias, r, 1);
          for (std::size_t i = 0; i < alone.size(); ++i)
            ASSERT_EQ(alone[i], out[r * heads * wide + i]);
        }
      }
}

TEST_P(cached_attention_test, rms_norm_equals_the_definition) {
  for (const std::size_t width : {1, 7, 16, 35, 384}) {
    auto x = numbers(3 * (width + 2), 8);
    const auto before = x;
    const auto gamma = numbers(width, 9);
    table().rms_norm(x.data(), width + 2, 3, width, gamma.data(), 1e-5f);
    for (std::size_t r = 0; r < 3; ++r) {
      const float* row = before.data() + r * (width + 2);
      double squares = 0;
      for (std::size_t i = 0; i < width; ++i)
        squares += double(row[i]) * row[i] / double(width);
      for (std::size_t i = 0; i < width; ++i)
        ASSERT_NEAR(x[r * (width + 2) + i], row[i] / std::sqrt(squares + 1e-5) * gamma[i], 1e-5);
      ASSERT_EQ(x[r * (width + 2) + width], row[width]);
    }
  }
}

TEST_P(cached_attention_test, multiply_takes_every_element_and_none_behind_them) {
  for (const std::size_t n : {1, 15, 16, 33}) {
    auto x = numbers(n + 1, 1);
    const auto before = x;
    const auto y = numbers(n + 1, 2);
    table().multiply(x.data(), y.data(), n);
    for (std::size_t i = 0; i < n; ++i)
      ASSERT_EQ(x[i], before[i] * y[i]);
    ASSERT_EQ(x[n], before[n]);
  }
}

INSTANTIATE_TEST_SUITE_P(every_instruction_set, cached_attention_test, ::testing::ValuesIn(all_tables()),
                         [](const auto& info) { return std::string(info.param->name); });

} // namespace
} // namespace chalkstream::models::kernels
