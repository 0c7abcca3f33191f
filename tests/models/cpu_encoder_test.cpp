// The fast path against LibTorch's own operations, on every instruction set this machine has.
#include "models/document.hpp"
#include "models/encoders/encoder.hpp"
#include "models/families/family.hpp"
#include "tests/models/model_folder.hpp"
#include "tests/support/lent_threads.hpp"

#include <gtest/gtest.h>

#include <random>

namespace chalkstream::models {
namespace {

struct described {
  std::shared_ptr<const tensor_archive> weights;
  encoder_description encoder;
};

described describe_golden(const char* name) {
  auto archive = tensor_archive::open(testing::golden(name));
  described d{std::make_shared<const tensor_archive>(std::move(archive).value()), {}};
  const auto root = read_json(testing::golden(name) / "config.json");
  const settings configuration("config.json", root.value());
  d.encoder = families::family_of(configuration).value()->describe(configuration, *d.weights).value().encoder;
  return d;
}

std::vector<sequence> random_batch(std::size_t count, unsigned seed, unsigned types = 2) {
  std::mt19937 chance(seed);
  std::vector<sequence> batch(count);
  for (auto& s : batch) {
    const auto length = 1 + chance() % 37;
    for (std::size_t i = 0; i < length; ++i) {
      s.ids.push_back(static_cast<std::int32_t>(chance() % 97));
      s.types.push_back(static_cast<std::int32_t>(chance() % types));
    }
  }
  return batch;
}

std::vector<const sequence*> pointers(const std::vector<sequence>& batch) {
  std::vector<const sequence*> all;
  for (const auto& s : batch)
    all.push_back(&s);
  return all;
}

std::vector<std::vector<float>> states(const encoder& e, const std::vector<const sequence*>& batch,
                                       crew* helpers = nullptr) {
  std::vector<std::vector<float>> rows(batch.size());
  e.encode(batch, helpers, [&](std::size_t i, std::span<const float> s) {
    EXPECT_TRUE(rows[i].empty());
    rows[i].assign(s.begin(), s.end());
  });
  return rows;
}

TEST(cpu_encoder_test, agrees_with_libtorch_on_every_instruction_set) {
  for (const char* name : {"gelu", "gelu_new", "silu_wide_head", "tanh_odd", "masked_lm_sharded", "xlm_roberta",
                           "distilbert", "electra", "electra_wide", "mpnet"}) {
    const auto d = describe_golden(name);
    const auto batch = random_batch(40, 1, d.encoder.types < 2 ? 1 : 2);
    const auto oracle = make_torch_encoder(d.encoder, *d.weights, device{}, {}).value();
    const auto expected = states(*oracle, pointers(batch));
    for (auto table = kernels::available(); *table != nullptr; ++table) {
      const auto fast = make_cpu_encoder(d.encoder, d.weights, **table, {}).value();
      const auto got = states(*fast, pointers(batch));
      for (std::size_t i = 0; i < batch.size(); ++i) {
        ASSERT_EQ(got[i].size(), expected[i].size());
        EXPECT_LT(testing::largest_difference(expected[i], got[i].data()), 3e-5) << name << " " << (*table)->name;
      }
    }
  }
}

TEST(cpu_encoder_test, gives_the_same_bits_alone_in_a_batch_and_on_several_threads) {
  const auto d = describe_golden("gelu");
  const auto fast = make_cpu_encoder(d.encoder, d.weights, kernels::best(), {}).value();
  const auto batch = random_batch(60, 2);
  const auto together = states(*fast, pointers(batch));
  test::lent_threads lent(3);
  EXPECT_EQ(states(*fast, pointers(batch), &lent.together()), together);
  for (std::size_t i = 0; i < batch.size(); ++i)
    EXPECT_EQ(states(*fast, {&batch[i]}).front(), together[i]);
}

// Rows of every linear layer computed through counting_table().
std::size_t computed_rows = 0;

kernels::kernel_table counting_table() {
  auto table = kernels::best();
  table.linear = [](const float* a, std::size_t a_stride, std::size_t rows, const kernels::packed_linear& weights,
                    kernels::activation act, const float* residual, std::size_t residual_stride, float* out,
                    std::size_t out_stride) {
    computed_rows += rows;
    kernels::best().linear(a, a_stride, rows, weights, act, residual, residual_stride, out, out_stride);
  };
  return table;
}

TEST(cpu_encoder_test, computes_the_tokens_of_a_batch_and_no_padding) {
  const auto d = describe_golden("gelu");
  const auto table = counting_table();
  const auto counted = make_cpu_encoder(d.encoder, d.weights, table, {}).value();
  const auto batch = random_batch(60, 4);
  std::size_t tokens = 0;
  for (const auto& s : batch)
    tokens += s.ids.size();
  computed_rows = 0;
  states(*counted, pointers(batch));
  constexpr std::size_t maps = 4; // of a layer: query, key and value in one, attention's output, up, down
  EXPECT_EQ(computed_rows, tokens * maps * d.encoder.layers.size());
}

TEST(cpu_encoder_test, names_a_tensor_with_values_that_are_not_finite) {
  const testing::scratch_folder folder;
  folder.copy_golden("gelu");
  auto archive = tensor_archive::open(folder.path()).value();
  const auto* tensor = archive.find("encoder.layer.1.output.dense.bias");
  auto bytes = folder.read("model.safetensors");
  const auto whole = std::string_view(bytes);
  const auto at =
      whole.find(std::string_view(reinterpret_cast<const char*>(tensor->bytes.data()), tensor->bytes.size()));
  ASSERT_NE(at, std::string_view::npos);
  bytes.replace(at, 4, std::string("\0\0\xc0\x7f", 4));
  folder.write("model.safetensors.new", bytes);
  std::filesystem::rename(folder.path() / "model.safetensors.new", folder.path() / "model.safetensors");

  auto damaged = std::make_shared<const tensor_archive>(tensor_archive::open(folder.path()).value());
  const auto root = read_json(folder.path() / "config.json");
  const auto description = families::describe_bert(settings("config.json", root.value()), *damaged).value();
  const auto made = make_cpu_encoder(description.encoder, damaged, kernels::best(), {});
  ASSERT_FALSE(made);
  EXPECT_EQ(to_string(made.error()),
            "corrupt: tensor 'encoder.layer.1.output.dense.bias' has values that are not finite");
}

} // namespace
} // namespace chalkstream::models
