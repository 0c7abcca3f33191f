#include "models/pooling.hpp"

#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace chalkstream::models {
namespace {

using ::testing::HasSubstr;
using testing::scratch_folder;

class pooling_test : public ::testing::Test {
protected:
  void modules(const std::string& rest) {
    folder_.write("modules.json",
                  R"([{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"})" + rest
                      + "]");
  }
  static std::string module(const std::string& kind, const std::string& path) {
    return R"(,{"idx":1,"name":"1","path":")" + path + R"(","type":"sentence_transformers.models.)" + kind + R"("})";
  }

  std::vector<float> pooled(const std::vector<float>& states) {
    const auto description = read_pooling(folder_.path(), 2);
    EXPECT_TRUE(description) << description.error().message;
    const pooler ready(*description, 2, kernels::best());
    std::vector<float> out(ready.output_width());
    ready.pool(states, out);
    return out;
  }

  std::string refusal() {
    const auto description = read_pooling(folder_.path(), 2);
    return description ? "" : to_string(description.error());
  }

  scratch_folder folder_;
  const std::vector<float> states_{1, 10, 2, 20, 6, 0};
};

TEST_F(pooling_test, without_modules_is_the_mean_normalised) {
  const float length = std::sqrt(9.0f + 100.0f);
  EXPECT_THAT(pooled(states_), ::testing::Pointwise(::testing::FloatNear(1e-6f), {3 / length, 10 / length}));
}

TEST_F(pooling_test, follows_the_flags_of_the_older_form) {
  modules(module("Pooling", "1_Pooling"));
  folder_.write("1_Pooling/config.json", R"({"word_embedding_dimension":2,"pooling_mode_cls_token":true,
    "pooling_mode_mean_tokens":false,"pooling_mode_max_tokens":false})");
  EXPECT_THAT(pooled(states_), ::testing::ElementsAre(1, 10));
  folder_.write("1_Pooling/config.json", R"({"pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":true})");
  EXPECT_THAT(pooled(states_), ::testing::ElementsAre(6, 20, 3, 10));
}

TEST_F(pooling_test, follows_the_names_of_the_newer_form_in_their_order) {
  modules(module("Pooling", "1_Pooling") + module("Normalize", "2_Normalize"));
  folder_.write("1_Pooling/config.json", R"({"embedding_dimension":2,"pooling_mode":"max","include_prompt":true})");
  EXPECT_THAT(pooled({3, 1, 0, 4}), ::testing::Pointwise(::testing::FloatNear(1e-6f), {0.6f, 0.8f}));
  modules(module("Pooling", "1_Pooling"));
  folder_.write("1_Pooling/config.json", R"({"pooling_mode":["mean","cls"]})");
  EXPECT_THAT(pooled(states_), ::testing::ElementsAre(3, 10, 1, 10));
  folder_.write("1_Pooling/config.json", R"({"pooling_mode":"mean_sqrt_len_tokens"})");
  EXPECT_THAT(pooled({1, 2, 3, 4, 5, 6, 7, 8}), ::testing::ElementsAre(8, 10));
}

TEST_F(pooling_test, applies_a_dense_module) {
  modules(module("Pooling", "1_Pooling") + module("Dense", "2_Dense"));
  folder_.write("1_Pooling/config.json", R"({"pooling_mode":"mean"})");
  folder_.write("2_Dense/config.json", R"({"in_features":2,"out_features":1,"bias":true,
    "activation_function":"torch.nn.modules.linear.Identity"})");
  const float numbers[] = {0.5f, 2.0f, -1.0f}; // bias, weights
  std::string data(sizeof numbers, '\0');
  std::memcpy(data.data(), numbers, sizeof numbers);
  auto file = testing::safetensors_bytes(R"({"linear.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                         R"("linear.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}})",
                                         0);
  folder_.write("2_Dense/model.safetensors", file + data);
  EXPECT_THAT(pooled(states_), ::testing::ElementsAre(0.5f + 2 * 3 - 10));
  folder_.write("2_Dense/config.json", R"({"in_features":3,"out_features":1})");
  EXPECT_THAT(refusal(), HasSubstr("takes 3 features"));
  folder_.write("2_Dense/config.json", R"({"in_features":2,"out_features":1,"activation_function":"x.Mish"})");
  EXPECT_THAT(refusal(), HasSubstr("x.Mish"));
}

TEST_F(pooling_test, refuses_what_it_does_not_know_by_name) {
  modules(module("LSTM", "1_LSTM"));
  EXPECT_THAT(refusal(), HasSubstr("'LSTM'"));
  modules("");
  EXPECT_THAT(refusal(), HasSubstr("no Pooling"));
  modules(module("Pooling", "../elsewhere"));
  EXPECT_THAT(refusal(), HasSubstr("not inside"));
  modules(module("Pooling", "1_Pooling"));
  EXPECT_THAT(refusal(), HasSubstr("not_found"));
  folder_.write("1_Pooling/config.json", R"({"pooling_mode":"weightedmean"})");
  EXPECT_THAT(refusal(), HasSubstr("'weightedmean'"));
  folder_.write("1_Pooling/config.json", R"({"pooling_mode_lasttoken":true})");
  EXPECT_THAT(refusal(), HasSubstr("pooling_mode_lasttoken"));
  folder_.write("1_Pooling/config.json", R"({"pooling_mode_mean_tokens":false})");
  EXPECT_THAT(refusal(), HasSubstr("no pooling mode"));
  folder_.write("1_Pooling/config.json", R"({"pooling_mode":"mean","embedding_dimension":3})");
  EXPECT_THAT(refusal(), HasSubstr("the encoder's width is 2"));
  folder_.write("modules.json", "{}");
  EXPECT_THAT(refusal(), HasSubstr("list of modules"));
}

} // namespace
} // namespace chalkstream::models
