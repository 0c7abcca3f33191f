#include "models/kernels/kernels.hpp"

#include "models/packed_weights.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace chalkstream::models::kernels {
namespace {

std::vector<float> numbers(std::size_t n, unsigned seed, float spread = 1) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> out(n);
  for (float& x : out)
    x = normal(engine);
  return out;
}

double exact(activation act, double x) {
  const double tanh_inside = std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x);
  switch (act) {
  case activation::identity:
    return x;
  case activation::gelu:
    return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
  case activation::gelu_tanh:
    return 0.5 * x * (1 + std::tanh(tanh_inside));
  case activation::quick_gelu:
    return x / (1 + std::exp(-1.702 * x));
  case activation::relu:
    return x > 0 ? x : 0;
  case activation::relu6:
    return std::min(std::max(x, 0.0), 6.0);
  case activation::silu:
    return x / (1 + std::exp(-x));
  case activation::tanh:
    return std::tanh(x);
  case activation::sigmoid:
    return 1 / (1 + std::exp(-x));
  }
  return 0;
}

class kernels_test : public ::testing::TestWithParam<const kernel_table*> {
protected:
  const kernel_table& table() const { return *GetParam(); }
};

packed_weights pack_layer(const kernel_table& table, std::size_t in, std::size_t out,
                          const std::vector<float>& weight, const std::vector<float>& bias) {
  packed_weights packed(table, in, out);
  packed.fill(table, 0, weight, bias);
  return packed;
}

TEST_P(kernels_test, linear_equals_the_definition_for_every_remainder_of_rows_and_columns) {
  for (const std::size_t rows : {1, 2, 5, 6, 7, 13, 14, 15, 29})
    for (const auto& [in, out] :
         std::vector<std::pair<std::size_t, std::size_t>>{{1, 1}, {3, 31}, {17, 32}, {64, 33}, {40, 96}}) {
      const auto a = numbers(rows * (in + 3), 1);
      const auto w = numbers(in * out, 2);
      const auto b = numbers(out, 3);
      const auto residual = numbers(rows * out, 4);
      const auto packed = pack_layer(table(), in, out, w, b);
      std::vector<float> plain(rows * out + 1, -77.0f);
      std::vector<float> added = residual;
      table().linear(a.data(), in + 3, rows, packed.view(), activation::identity, nullptr, 0, plain.data(), out);
      table().linear(a.data(), in + 3, rows, packed.view(), activation::identity, added.data(), out, added.data(),
                     out);
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t o = 0; o < out; ++o) {
          double expected = b[o];
          for (std::size_t i = 0; i < in; ++i)
            expected += double{a[r * (in + 3) + i]} * w[o * in + i];
          ASSERT_NEAR(plain[r * out + o], expected, 2e-5) << rows << " " << in << " " << out;
          ASSERT_NEAR(added[r * out + o], expected + residual[r * out + o], 2e-5);
        }
      EXPECT_EQ(plain.back(), -77.0f) << "wrote past the end";
    }
}

TEST_P(kernels_test, a_row_does_not_depend_on_the_rows_beside_it) {
  const std::size_t in = 96, out = 64, rows = 31;
  const auto a = numbers(rows * in, 5);
  const auto packed = pack_layer(table(), in, out, numbers(in * out, 6), numbers(out, 7));
  std::vector<float> together(rows * out), alone(out);
  table().linear(a.data(), in, rows, packed.view(), activation::gelu, nullptr, 0, together.data(), out);
  for (std::size_t r = 0; r < rows; ++r) {
    table().linear(a.data() + r * in, in, 1, packed.view(), activation::gelu, nullptr, 0, alone.data(), out);
    for (std::size_t o = 0; o < out; ++o)
      ASSERT_EQ(together[r * out + o], alone[o]);
  }
}

TEST_P(kernels_test, activations_stay_within_a_millionth_of_their_definitions) {
  const float one = 1, zero = 0;
  const auto packed = pack_layer(table(), 1, 1, {one}, {zero});
  for (const auto act :
       {activation::identity, activation::gelu, activation::gelu_tanh, activation::quick_gelu, activation::relu,
        activation::relu6, activation::silu, activation::tanh, activation::sigmoid})
    for (float x = -40; x <= 40; x += 0.0137f) {
      float y = 0;
      table().linear(&x, 1, 1, packed.view(), act, nullptr, 0, &y, 1);
      ASSERT_NEAR(y, exact(act, x), 1e-6 * std::max(1.0f, std::abs(x))) << int(act) << " at " << x;
    }
}

TEST_P(kernels_test, values_that_are_not_numbers_reach_the_output) {
  const float bad = std::numeric_limits<float>::quiet_NaN();
  const auto packed = pack_layer(table(), 1, 1, {1}, {0});
  for (const auto act : {activation::gelu, activation::gelu_tanh, activation::relu, activation::relu6,
                         activation::silu, activation::tanh}) {
    float y = 0;
    table().linear(&bad, 1, 1, packed.view(), act, nullptr, 0, &y, 1);
    EXPECT_TRUE(std::isnan(y)) << int(act);
  }
}

TEST_P(kernels_test, layer_norm_equals_the_definition) {
  for (const std::size_t width : {1, 7, 16, 35, 384}) {
    auto x = numbers(3 * (width + 2), 8, 3);
    const auto before = x;
    const auto gamma = numbers(width, 9), beta = numbers(width, 10);
    table().layer_norm(x.data(), width + 2, 3, width, gamma.data(), beta.data(), 1e-5f);
    for (std::size_t r = 0; r < 3; ++r) {
      const float* row = before.data() + r * (width + 2);
      double mean = 0, variance = 0;
      for (std::size_t i = 0; i < width; ++i)
        mean += row[i] / double(width);
      for (std::size_t i = 0; i < width; ++i)
        variance += (row[i] - mean) * (row[i] - mean) / double(width);
      for (std::size_t i = 0; i < width; ++i)
        ASSERT_NEAR(x[r * (width + 2) + i], (row[i] - mean) / std::sqrt(variance + 1e-5) * gamma[i] + beta[i], 1e-5);
      ASSERT_EQ(x[r * (width + 2) + width], row[width]);
    }
  }
}

TEST_P(kernels_test, an_lstm_cell_equals_the_definition) {
  const auto s = [](double x) { return 1 / (1 + std::exp(-x)); };
  for (const std::size_t width : {1, 4, 7, 16, 35, 96}) {
    const auto gates = numbers(4 * width, 11, 3);
    const auto before = numbers(width, 12, 2);
    auto cell = before;
    cell.push_back(-77);
    std::vector<float> hidden(width + 1, -77);
    table().lstm_cell(gates.data(), cell.data(), hidden.data(), width);
    for (std::size_t i = 0; i < width; ++i) {
      const double c = s(gates[width + i]) * before[i] + s(gates[i]) * std::tanh(gates[2 * width + i]);
      ASSERT_NEAR(cell[i], c, 2e-6);
      ASSERT_NEAR(hidden[i], s(gates[3 * width + i]) * std::tanh(c), 2e-6);
    }
    EXPECT_EQ(cell[width], -77);
    EXPECT_EQ(hidden[width], -77);
  }
}

TEST_P(kernels_test, attention_equals_the_definition) {
  for (const std::size_t length : {1, 2, 15, 32, 33, 70})
    for (const std::size_t head : {1, 7, 32, 48, 64}) {
      const std::size_t stride = 3 * head + 5;
      const auto qkv = numbers(length * stride, 11);
      std::vector<float> out(length * head);
      std::vector<float> scratch(attention_scratch(table(), length, head));
      const float scale = 1 / std::sqrt(float(head));
      table().attention({qkv.data(), qkv.data() + head, qkv.data() + 2 * head, out.data(), stride, head, length, head,
                         scale, scratch.data()});
      for (std::size_t i = 0; i < length; ++i) {
        std::vector<double> p(length);
        double top = -1e300, total = 0;
        for (std::size_t j = 0; j < length; ++j) {
          for (std::size_t c = 0; c < head; ++c)
            p[j] += double{qkv[i * stride + c]} * qkv[j * stride + head + c] * scale;
          top = std::max(top, p[j]);
        }
        for (double& x : p)
          total += x = std::exp(x - top);
        for (std::size_t c = 0; c < head; ++c) {
          double expected = 0;
          for (std::size_t j = 0; j < length; ++j)
            expected += p[j] / total * qkv[j * stride + 2 * head + c];
          ASSERT_NEAR(out[i * head + c], expected, 5e-6) << length << " " << head;
        }
      }
    }
}

TEST_P(kernels_test, attention_adds_what_distances_say) {
  for (const std::size_t length : {1, 15, 33, 70}) {
    const std::size_t head = 16, stride = 3 * head;
    const auto qkv = numbers(length * stride, 13);
    const auto bias = numbers(2 * length - 1, 14);
    std::vector<float> out(length * head), scratch(attention_scratch(table(), length, head));
    attention_task task{qkv.data(), qkv.data() + head, qkv.data() + 2 * head, out.data(), stride, head, length, head,
                        0.25f,      scratch.data()};
    task.by_distance = bias.data() + length - 1;
    table().attention(task);
    for (std::size_t i = 0; i < length; ++i) {
      double total = 0;
      std::vector<double> mixed(head);
      for (std::size_t j = 0; j < length; ++j) {
        double score = bias[length - 1 + j - i];
        for (std::size_t c = 0; c < head; ++c)
          score += double{qkv[i * stride + c]} * qkv[j * stride + head + c];
        const double p = std::exp(score * 0.25);
        total += p;
        for (std::size_t c = 0; c < head; ++c)
          mixed[c] += p * qkv[j * stride + 2 * head + c];
      }
      for (std::size_t c = 0; c < head; ++c)
        ASSERT_NEAR(out[i * head + c], mixed[c] / total, 5e-6) << length;
    }
  }
}

TEST_P(kernels_test, attention_survives_scores_far_apart) {
  const std::size_t length = 20, head = 8;
  auto qkv = numbers(length * 3 * head, 12, 60);
  std::vector<float> out(length * head), scratch(attention_scratch(table(), length, head));
  table().attention({qkv.data(), qkv.data() + head, qkv.data() + 2 * head, out.data(), 3 * head, head, length, head,
                     1, scratch.data()});
  for (const float x : out)
    EXPECT_TRUE(std::isfinite(x));
}

TEST_P(kernels_test, rows_of_logits_are_scanned_exactly_whatever_their_length) {
  for (const std::size_t n : {1UL, 15UL, 16UL, 31UL, 33UL, 64UL, 2049UL, 50265UL}) {
    auto row = numbers(n, static_cast<unsigned>(n), 5);
    row[n - 1] = 30; // in what is left over behind whole vectors, too
    EXPECT_EQ(table().greatest(row.data(), n), 30);
    row[n / 2] = -std::numeric_limits<float>::infinity();
    const auto top = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const float x : row)
      sum += std::exp(double{x} - top);
    if (n > 1) {
      EXPECT_EQ(table().greatest(row.data(), n), top);
      EXPECT_NEAR(table().sum_of_exponentials(row.data(), n, top) / sum, 1, 2e-6) << n;
    }
  }
  EXPECT_EQ(table().greatest(nullptr, 0), -std::numeric_limits<float>::infinity());
}

TEST_P(kernels_test, finds_what_is_not_finite_wherever_it_stands) {
  for (const std::size_t n : {1UL, 16UL, 37UL})
    for (std::size_t at = 0; at < n; ++at)
      for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                              -std::numeric_limits<float>::infinity()}) {
        auto row = numbers(n, 3, 1e38f);
        for (float& x : row)
          x = std::clamp(x, -3e38f, 3e38f);
        EXPECT_TRUE(table().all_finite(row.data(), n));
        row[at] = bad;
        EXPECT_FALSE(table().all_finite(row.data(), n)) << at << " of " << n;
      }
}

std::vector<const kernel_table*> all_tables() {
  std::vector<const kernel_table*> tables;
  for (auto at = available(); *at != nullptr; ++at)
    tables.push_back(*at);
  return tables;
}

INSTANTIATE_TEST_SUITE_P(every_instruction_set, kernels_test, ::testing::ValuesIn(all_tables()),
                         [](const auto& info) { return std::string(info.param->name); });

} // namespace
} // namespace chalkstream::models::kernels
