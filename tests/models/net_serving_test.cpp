// The project's own image nets as they are served: what was learnt is what answers.
#include "models/image/preprocessor.hpp"
#include "models/repository.hpp"
#include "models/training/trainable_net.hpp"
#include "tests/models/device_under_test.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::models {
namespace {

using nets::net_kind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::scratch_folder;

picture made_picture(std::size_t height, std::size_t width, std::size_t channels, std::size_t shade) {
  picture made{width, height, channels, {}};
  for (std::size_t i = 0; i < width * height * channels; ++i)
    made.values.push_back(static_cast<std::uint8_t>((i * 37 + shade * 91) % 256));
  return made;
}

struct net_serving_test : ::testing::TestWithParam<std::tuple<net_kind, std::size_t>> {
  /// A net after a few steps, in its folder.
  std::unique_ptr<training::trainable_net> learnt() {
    const auto [kind, channels] = GetParam();
    training::trainable_net_settings settings;
    settings.net = nets::usual_net(kind, channels, 32, 28, {"low", "middle", "high"});
    settings.scales.assign(channels, {0.4, 0.3});
    settings.optimiser = training::sgd_settings{};
    settings.seed = 3;
    settings.threads = 1;
    settings.device = testing::device_under_test();
    auto made = training::trainable_net::make(settings).value();
    std::vector<training::labelled_picture> batch;
    for (std::size_t i = 0; i < pictures_.size(); ++i)
      batch.push_back({&pictures_[i], i % 3});
    for (int step = 0; step < 3; ++step) {
      EXPECT_TRUE(made->learn(batch, batch.size()));
      EXPECT_TRUE(made->update(0.05));
    }
    EXPECT_TRUE(made->write_model(folder_.path()));
    return made;
  }

  void SetUp() override {
    for (std::size_t i = 0; i < 6; ++i)
      pictures_.push_back(made_picture(32, 28, std::get<1>(GetParam()), i));
  }

  result<loaded_model> served(head output = head::logits) const {
    load_request request;
    request.name = "net";
    request.directory = folder_.path();
    request.output = output;
    request.device = testing::device_under_test();
    return load(request, observer::none(), log::none());
  }

  scratch_folder folder_;
  std::vector<picture> pictures_;
};

TEST_P(net_serving_test, answers_what_it_was_judged_by) {
  const auto trained = learnt();
  std::vector<training::labelled_picture> batch;
  for (const auto& image : pictures_)
    batch.push_back({&image, 0});
  const auto judged = trained->judge(batch);
  ASSERT_TRUE(judged) << judged.error().message;

  ASSERT_TRUE(sees_images(folder_.path()).value());
  EXPECT_TRUE(inspect(folder_.path()));
  const auto loaded = served();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_THAT(loaded->labels, ElementsAre("low", "middle", "high"));
  EXPECT_TRUE(loaded->has_classifier);
  EXPECT_GE(loaded->image_tokens, 1u);
  std::vector<sequence> sequences;
  for (const auto& image : pictures_) {
    sequence s;
    s.image = std::make_shared<const picture>(image);
    s.image_tokens = loaded->image_tokens;
    sequences.push_back(std::move(s));
  }
  std::vector<const sequence*> all;
  for (const auto& s : sequences)
    all.push_back(&s);
  const auto rows = loaded->compute->run(all, nullptr);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->values.size(), judged->rows.values.size());
  EXPECT_LT(testing::largest_difference(rows->values, judged->rows.values.data()), 1e-4);
}

TEST_P(net_serving_test, sees_pictures_of_its_own_channels) {
  learnt();
  const auto loaded = served();
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto seen = loaded->pictures->prepare(made_picture(64, 56, 3, 1));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->channels, std::get<1>(GetParam()));
  EXPECT_EQ(seen->width, 28u);
  EXPECT_EQ(seen->height, 32u);
}

TEST_P(net_serving_test, gives_no_embeddings) {
  learnt();
  const auto refused = served(head::embedding);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::invalid_configuration);
}

TEST_P(net_serving_test, needs_a_preprocessor_that_fits) {
  learnt();
  folder_.edit("preprocessor_config.json", R"("height": 32)", R"("height": 36)");
  const auto refused = inspect(folder_.path());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("config.json says 32 by 28"));
}

INSTANTIATE_TEST_SUITE_P(nets, net_serving_test,
                         ::testing::Combine(::testing::Values(net_kind::conv, net_kind::dense, net_kind::residual),
                                            ::testing::Values(1u, 3u)));

} // namespace
} // namespace chalkstream::models
