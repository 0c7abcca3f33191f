// Every family of vision models against transformers' own outputs.
#include "models/vision/vision_directory.hpp"
#include "tests/models/device_under_test.hpp"
#include "tests/models/model_folder.hpp"
#include "tests/models/vision_golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>

namespace chalkstream::models::vision {
namespace {

using testing::even_image;
using ::testing::HasSubstr;
using testing::read_vision_golden;

result<loaded_model> load_golden(const testing::vision_golden& from, head output) {
  load_request request;
  request.name = "m";
  request.directory = from.directory;
  request.output = output;
  request.device = testing::device_under_test();
  return load_network(request, from.input, observer::none());
}

std::vector<float> run_one(const model& m, const sequence& s) {
  const std::vector<const sequence*> batch{&s};
  auto rows = m.run(batch, nullptr);
  EXPECT_TRUE(rows) << rows.error().message;
  return rows ? rows->values : std::vector<float>();
}

std::string refusal(const model& m, const sequence& s) {
  const std::vector<const sequence*> batch{&s};
  const auto rows = m.run(batch, nullptr);
  return rows ? "" : to_string(rows.error());
}

class vision_test : public ::testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    golden_ = read_vision_golden(GetParam());
    ASSERT_FALSE(golden_.cases.empty());
    outputs_ = {head::embedding};
    if (!golden_.cases.front().logits.empty())
      outputs_.push_back(head::logits);
  }

  std::vector<const sequence*> batch() const {
    std::vector<const sequence*> all;
    for (const auto& c : golden_.cases)
      all.push_back(&c.input);
    return all;
  }

  testing::vision_golden golden_;
  std::vector<head> outputs_;
};

TEST_P(vision_test, answers_as_transformers_does) {
  for (const auto output : outputs_) {
    const auto loaded = load_golden(golden_, output);
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto rows = loaded->compute->run(batch(), nullptr);
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), golden_.cases.size());
    EXPECT_EQ(rows->width, loaded->compute->output_width());
    EXPECT_FALSE(loaded->compute->row_per_token());
    EXPECT_EQ(loaded->has_classifier, outputs_.size() == 2);
    for (std::size_t i = 0; i < rows->size(); ++i) {
      const auto& c = golden_.cases[i];
      const auto& expected = output == head::logits ? c.logits : c.embedding;
      ASSERT_EQ(expected.size(), rows->width);
      EXPECT_LT(testing::largest_difference(expected, rows->row(i).data()), 1e-4) << "image " << i;
    }
  }
}

TEST_P(vision_test, an_image_gives_the_same_bits_alone_and_in_any_batch) {
  const auto loaded = load_golden(golden_, outputs_.back());
  ASSERT_TRUE(loaded) << loaded.error().message;
  auto all = batch();
  const auto once = all;
  all.insert(all.end(), once.rbegin(), once.rend());
  for (const std::size_t size : {std::size_t{2}, std::size_t{3}, all.size()}) {
    const std::span<const sequence* const> some(all.data(), size);
    const auto rows = loaded->compute->run(some, nullptr);
    ASSERT_TRUE(rows) << rows.error().message;
    for (std::size_t i = 0; i < size; ++i) {
      const auto alone = run_one(*loaded->compute, *all[i]);
      EXPECT_TRUE(std::ranges::equal(alone, rows->row(i))) << "image " << i << " of " << size;
    }
  }
}

std::vector<std::string> golden_names() {
  return {"vit",
          "vit_classifier",
          "vit_odd",
          "vit_grey_pooled",
          "deit",
          "deit_classifier",
          "deit_teacher",
          "swin",
          "swin_padded",
          "swin_absolute",
          "swin_ragged",
          "resnet",
          "resnet_classifier",
          "resnet_basic",
          "resnet_strides_first",
          "convnext",
          "convnext_classifier",
          "convnext_unscaled",
          "mobilenet_v2",
          "mobilenet_v2_same_off",
          "mobilenet_v2_dilated",
          "mobilenet_v2_fine",
          "clip",
          "clip_projected",
          "clip_tower",
          "clip_texts",
          "clip_texts_legacy"};
}

INSTANTIATE_TEST_SUITE_P(every_family, vision_test, ::testing::ValuesIn(golden_names()),
                         [](const auto& info) { return info.param; });

TEST(vision_model_test, has_the_labels_and_the_identity_of_its_directory) {
  const auto golden = read_vision_golden("resnet_classifier");
  const auto loaded = load_golden(golden, head::logits);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_THAT(loaded->labels, ::testing::ElementsAre("cat", "dog", "neither"));
  EXPECT_EQ(loaded->compute->output_width(), 3u);
  EXPECT_EQ(loaded->compute->identity()->name, "m");
  EXPECT_EQ(loaded->compute->identity()->digest.size(), 64u);
  EXPECT_GT(loaded->weight_bytes, 3000 * sizeof(float));
}

TEST(vision_model_test, costs_its_tokens_where_a_transformer_has_them_and_else_its_arithmetic) {
  const auto tokens = [](const char* name) {
    return load_golden(read_vision_golden(name), head::embedding)->image_tokens;
  };
  EXPECT_EQ(tokens("vit"), 10u);     // 3 x 3 patches and one
  EXPECT_EQ(tokens("vit_odd"), 17u); // 4 x 4 and one
  EXPECT_EQ(tokens("deit"), 11u);
  EXPECT_EQ(tokens("resnet"), 1u); // less than a token of BERT-base
  EXPECT_EQ(tokens("swin"), 1u);
}

TEST(vision_model_test, refuses_what_is_not_an_image_of_its_size) {
  const auto golden = read_vision_golden("vit");
  const auto loaded = load_golden(golden, head::embedding);
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto& m = *loaded->compute;
  EXPECT_THAT(refusal(m, {{1, 2}, {}}), HasSubstr("invalid_argument: the model takes images"));
  EXPECT_THAT(refusal(m, {}), HasSubstr("the model takes images"));
  EXPECT_THAT(refusal(m, even_image(24, 23, 3, 0)), HasSubstr("24x23 with 3 channels"));
  EXPECT_THAT(refusal(m, even_image(24, 24, 1, 0)), HasSubstr("the model takes 24x24 with 3 channels"));
  auto cut = even_image(24, 24, 3, 0);
  auto short_of_values = *cut.image;
  short_of_values.values.pop_back();
  cut.image = std::make_shared<const picture>(short_of_values);
  EXPECT_THAT(refusal(m, cut), HasSubstr("has 1727 values"));
  EXPECT_EQ(refusal(m, even_image(24, 24, 3, 7)), "");
  EXPECT_EQ(m.run({}, nullptr)->size(), 0u);
}

class text_tower_test : public ::testing::TestWithParam<std::string> {};

TEST_P(text_tower_test, lays_texts_beside_images_as_transformers_does) {
  const auto golden = read_vision_golden(GetParam());
  ASSERT_GE(golden.texts.size(), 5u);
  const auto loaded = load_golden(golden, head::embedding);
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_TRUE(loaded->texts);
  EXPECT_EQ(loaded->texts->max_tokens, 12u);
  // Images and texts in turn, as they may come.
  std::vector<const sequence*> batch;
  for (std::size_t i = 0; i < golden.texts.size(); ++i) {
    batch.push_back(&golden.texts[i].input);
    if (i < golden.cases.size())
      batch.push_back(&golden.cases[i].input);
  }
  const auto rows = loaded->compute->run(batch, nullptr);
  ASSERT_TRUE(rows) << rows.error().message;
  std::vector<std::span<const float>> texts, images;
  for (std::size_t i = 0; i < batch.size(); ++i)
    (batch[i]->image ? images : texts).push_back(rows->row(i));
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_LT(testing::largest_difference(golden.texts[i].embedding, texts[i].data()), 1e-4) << "text " << i;
  const auto cosine = [](std::span<const float> a, std::span<const float> b) {
    const auto dot = [](std::span<const float> x, std::span<const float> y) {
      return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
    };
    return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
  };
  for (std::size_t i = 0; i < images.size(); ++i)
    for (std::size_t t = 0; t < texts.size(); ++t)
      EXPECT_NEAR(loaded->texts->scale * cosine(images[i], texts[t]), golden.cases[i].similarity[t], 1e-4);
}

TEST_P(text_tower_test, refuses_texts_it_cannot_read) {
  const auto loaded = load_golden(read_vision_golden(GetParam()), head::embedding);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_THAT(refusal(*loaded->compute, {}), HasSubstr("a text has no tokens"));
  EXPECT_THAT(refusal(*loaded->compute, {std::vector<std::int32_t>(13, 4), {}}), HasSubstr("the model takes 12"));
  EXPECT_THAT(refusal(*loaded->compute, {{1, 40}, {}}), HasSubstr("token id 40"));
  EXPECT_THAT(refusal(*loaded->compute, {{-1}, {}}), HasSubstr("token id -1"));
}

INSTANTIATE_TEST_SUITE_P(both_rules, text_tower_test, ::testing::Values("clip_texts", "clip_texts_legacy"),
                         [](const auto& info) { return info.param; });

TEST(vision_model_test, is_shared_by_many_threads) {
  const auto golden = read_vision_golden("swin_padded");
  const auto loaded = load_golden(golden, head::logits);
  ASSERT_TRUE(loaded) << loaded.error().message;
  std::vector<std::jthread> slots;
  for (std::size_t slot = 0; slot < 4; ++slot)
    slots.emplace_back([&, slot] {
      for (std::size_t round = 0; round < 5; ++round) {
        const auto& c = golden.cases[(slot + round) % golden.cases.size()];
        EXPECT_LT(testing::largest_difference(c.logits, run_one(*loaded->compute, c.input).data()), 1e-4);
      }
    });
}

} // namespace
} // namespace chalkstream::models::vision
