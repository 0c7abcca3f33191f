#include "models/repository.hpp"

#include "tests/models/model_folder.hpp"
#include "tests/support/lent_threads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

namespace chalkstream::models {
namespace {

using testing::golden;
using testing::golden_cases;
using ::testing::HasSubstr;
using testing::largest_difference;

struct recording_observer final : observer {
  void model_loaded(std::string_view model, std::string_view, bool succeeded, duration) override {
    loads[std::string(model)] = succeeded;
  }
  void progress(std::string_view, double fraction) override {
    EXPECT_GE(fraction, reached);
    reached = fraction;
  }
  std::map<std::string, bool> loads;
  double reached = 0;
};

load_request request(const std::filesystem::path& directory, head output = head::embedding) {
  load_request r;
  r.name = "m";
  r.directory = directory;
  r.output = output;
  return r;
}

result<loaded_model> load_golden(const char* name, head output = head::embedding) {
  return load(request(golden(name), output), observer::none(), log::none());
}

std::vector<float> run_one(const model& m, const sequence& s, crew* helpers = nullptr) {
  const std::vector<const sequence*> batch{&s};
  auto rows = m.run(batch, helpers);
  EXPECT_TRUE(rows) << rows.error().message;
  return rows ? rows->values : std::vector<float>();
}

void expect_goldens(const loaded_model& loaded, const std::vector<testing::golden_case>& cases) {
  ASSERT_FALSE(cases.empty());
  std::vector<const sequence*> batch;
  for (const auto& c : cases)
    batch.push_back(&c.input);
  const auto rows = loaded.compute->run(batch, nullptr);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->width, loaded.compute->output_width());
  ASSERT_EQ(rows->size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ASSERT_EQ(cases[i].expected.size(), rows->width);
    EXPECT_LT(largest_difference(cases[i].expected, rows->row(i).data()), 1e-4) << "case " << i;
  }
}

TEST(repository_test, embeds_as_transformers_does_for_every_golden_encoder) {
  for (const char* name : {"gelu", "gelu_new", "relu_one_type", "silu_wide_head", "tanh_odd", "masked_lm_sharded"}) {
    SCOPED_TRACE(name);
    const auto loaded = load_golden(name);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_FALSE(loaded->has_classifier);
    EXPECT_EQ(loaded->max_tokens, 40u);
    expect_goldens(*loaded, golden_cases(golden(name) / "expected.json", "embedding"));
  }
}

TEST(repository_test, classifies_as_transformers_does_and_names_the_labels) {
  const auto loaded = load_golden("classifier", head::logits);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_TRUE(loaded->has_classifier);
  EXPECT_THAT(loaded->labels, ::testing::ElementsAre("wrong", "half right", "right"));
  EXPECT_EQ(loaded->problem_type, "single_label_classification");
  expect_goldens(*loaded, golden_cases(golden("classifier") / "expected.json", "logits"));
}

TEST(repository_test, scores_as_transformers_does_with_a_regression_head) {
  const auto loaded = load_golden("regression", head::logits);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->compute->output_width(), 1u);
  EXPECT_EQ(loaded->problem_type, "regression");
  expect_goldens(*loaded, golden_cases(golden("regression") / "expected.json", "logits"));
}

TEST(repository_test, embeds_with_a_classifiers_encoder_too) {
  const auto loaded = load_golden("classifier");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->compute->output_width(), 32u);
}

TEST(repository_test, refuses_logits_of_a_model_without_a_head) {
  const auto loaded = load_golden("gelu", head::logits);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("no classification head"));
}

TEST(repository_test, embeds_as_transformers_does_with_minilm) {
  if (!std::filesystem::exists(CHALK_MINILM "/model.safetensors"))
    GTEST_SKIP() << "MiniLM is not installed at " CHALK_MINILM;
  const auto loaded = load(request(CHALK_MINILM), observer::none(), log::none());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->max_tokens, 512u);
  expect_goldens(*loaded, golden_cases("tests/models/goldens/minilm.json", "embedding"));
}

TEST(repository_test, a_text_gives_the_same_bits_alone_and_with_any_neighbours) {
  const auto loaded = load_golden("gelu_new");
  ASSERT_TRUE(loaded);
  const auto cases = golden_cases(golden("gelu_new") / "expected.json", "embedding");
  std::vector<const sequence*> batch;
  for (int repeat = 0; repeat < 20; ++repeat)
    for (const auto& c : cases)
      batch.push_back(&c.input);
  const auto rows = loaded->compute->run(batch, nullptr).value();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    test::lent_threads lent(2);
    const auto alone = run_one(*loaded->compute, *batch[i], i % 2 == 0 ? nullptr : &lent.together());
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), rows.row(i).begin())) << i;
  }
}

TEST(repository_test, many_threads_share_one_model) {
  const auto loaded = load_golden("gelu");
  ASSERT_TRUE(loaded);
  const auto cases = golden_cases(golden("gelu") / "expected.json", "embedding");
  std::vector<std::jthread> slots;
  for (int slot = 0; slot < 4; ++slot)
    slots.emplace_back([&, slot] {
      for (int round = 0; round < 10; ++round) {
        const auto& c = cases[static_cast<std::size_t>(slot + round) % cases.size()];
        test::lent_threads lent(2);
        auto* helpers = slot % 2 == 0 ? nullptr : &lent.together();
        EXPECT_LT(largest_difference(c.expected, run_one(*loaded->compute, c.input, helpers).data()), 1e-4);
      }
    });
}

TEST(repository_test, sequences_a_model_cannot_take_are_invalid_arguments) {
  const auto loaded = load_golden("relu_one_type");
  ASSERT_TRUE(loaded);
  const auto refusal = [&](const sequence& s) {
    const std::vector<const sequence*> batch{&s};
    const auto rows = loaded->compute->run(batch, nullptr);
    return rows ? "" : to_string(rows.error());
  };
  EXPECT_THAT(refusal({}), HasSubstr("invalid_argument: a sequence has no tokens"));
  EXPECT_THAT(refusal({std::vector<std::int32_t>(41, 1), {}}), HasSubstr("41 tokens; the model takes 40"));
  EXPECT_THAT(refusal({{1, 97}, {}}), HasSubstr("outside the model's vocabulary of 97"));
  EXPECT_THAT(refusal({{1, -1}, {}}), HasSubstr("outside the model's vocabulary"));
  EXPECT_THAT(refusal({{1, 2}, {0}}), HasSubstr("2 ids and 1 token types"));
  EXPECT_THAT(refusal({{1, 2}, {0, 1}}), HasSubstr("token type is outside"));
  EXPECT_EQ(refusal({{1, 96}, {0, 0}}), "");
}

TEST(repository_test, an_empty_batch_gives_no_rows) {
  const auto loaded = load_golden("gelu");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->compute->run({}, nullptr)->size(), 0u);
}

TEST(repository_test, identity_carries_name_version_and_digest) {
  auto r = request(golden("gelu"));
  r.version = "2026-11";
  const auto loaded = load(r, observer::none(), log::none());
  ASSERT_TRUE(loaded);
  const auto identity = loaded->compute->identity();
  EXPECT_EQ(identity->name, "m");
  EXPECT_EQ(identity->version, "2026-11");
  EXPECT_EQ(identity->digest.size(), 64u);
  EXPECT_EQ(load_golden("gelu")->compute->identity()->version, "1");
  EXPECT_EQ(load_golden("gelu")->compute->identity()->digest, identity->digest);
  EXPECT_NE(load_golden("gelu_new")->compute->identity()->digest, identity->digest);
}

TEST(repository_test, reports_loads_and_failures_to_the_observer) {
  recording_observer watcher;
  ASSERT_TRUE(load(request(golden("gelu")), watcher, log::none()));
  EXPECT_TRUE(watcher.loads.at("m"));
  EXPECT_EQ(watcher.reached, 1.0);
  auto r = request(golden("absent"));
  r.name = "gone";
  EXPECT_FALSE(load(r, watcher, log::none()));
  EXPECT_FALSE(watcher.loads.at("gone"));
}

TEST(repository_test, cuts_at_the_smaller_of_tokenizer_and_positions) {
  const testing::scratch_folder folder;
  folder.copy_golden("gelu");
  const auto limit = [&](const char* value) {
    folder.write("tokenizer_config.json", std::string(R"({"model_max_length": )") + value + "}");
    const auto loaded = load(request(folder.path()), observer::none(), log::none());
    return loaded ? std::to_string(loaded->max_tokens) : loaded.error().message;
  };
  EXPECT_EQ(limit("16"), "16");
  EXPECT_EQ(limit("512"), "40");
  EXPECT_EQ(limit("1000000000000000019884624838656"), "40");
  EXPECT_EQ(limit("null"), "40");
  EXPECT_THAT(limit("0"), HasSubstr("model_max_length"));
  EXPECT_THAT(limit("\"x\""), HasSubstr("model_max_length"));
}

TEST(repository_test, output_that_is_not_finite_is_corrupt_and_stops_the_load) {
  const testing::scratch_folder folder;
  folder.copy_golden("gelu");
  // Token 0's embedding, where warming up looks, becomes NaN; tables are used in place and not scanned.
  const auto archive = tensor_archive::open(folder.path()).value();
  const auto* table = archive.find("embeddings.word_embeddings.weight");
  auto bytes = folder.read("model.safetensors");
  const auto at = bytes.find(std::string(reinterpret_cast<const char*>(table->bytes.data()), 64));
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, 4, std::string("\0\0\xc0\x7f", 4));
  folder.write("new", bytes);
  std::filesystem::rename(folder.path() / "new", folder.path() / "model.safetensors");
  const auto loaded = load(request(folder.path()), observer::none(), log::none());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, errc::corrupt);
  EXPECT_THAT(loaded.error().message, HasSubstr("not finite"));
}

TEST(repository_test, a_device_that_is_not_there_is_explained) {
  auto r = request(golden("gelu"));
  r.device = "cuda:127";
  EXPECT_EQ(load(r, observer::none(), log::none()).error().code, errc::unavailable);
  r.device = "tpu";
  EXPECT_EQ(load(r, observer::none(), log::none()).error().code, errc::invalid_configuration);
}

} // namespace
} // namespace chalkstream::models
