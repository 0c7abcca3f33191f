// The recipe image-classify from files to a directory, by each net.
#include "models/safetensors.hpp"
#include "tests/pipelines_training/picture_bytes.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <nlohmann/json.hpp>

namespace chalkstream::pipelines::tools {
namespace {

using models::nets::net_kind;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class image_training_test : public training_fixture {
protected:
  image_training_test() {
    settings.data.what = recipe::image_classify;
    settings.validation_share = 0.25;
    settings.images.net = net_kind::dense;
    settings.images.optimiser = models::training::sgd_settings{};
    settings.images.threads = 1;
    settings.run.out = path("out");
    settings.run.rate = 0.02;
    settings.run.batch.rows = 16;
    settings.run.epochs = 3;
    settings.run.seed = 4;
    settings.files = {write("data_batch_1.bin", colours(120))};
  }

  /// Reddish pictures are 3, greenish 5, bluish 7, with shades.
  static std::string colours(int count) {
    std::string made;
    for (int i = 0; i < count; ++i) {
      const auto shade = [&](int of) {
        return static_cast<std::uint8_t>(i % 3 == of ? 150 + i % 100 : (i * 7) % 90);
      };
      made += cifar_record(static_cast<std::uint8_t>(3 + 2 * (i % 3)), shade(0), shade(1), shade(2));
    }
    return made;
  }

  result<run_report> run(const run_watcher& watcher = {}) const { return train(settings, watcher, {}); }

  training_settings settings;
};

TEST_F(image_training_test, every_net_learns_colours_and_writes_its_directory) {
  for (const auto net : {net_kind::conv, net_kind::dense, net_kind::residual}) {
    settings.images.net = net;
    settings.run.out = path(std::string(to_string(net)));
    const auto made = run();
    ASSERT_TRUE(made) << told(made.error());
    EXPECT_EQ(made->figure, "accuracy");
    EXPECT_GT(value_of(made->best.validation, "accuracy"), 0.95) << to_string(net);
    EXPECT_GT(value_of(made->best.validation, "macro_f1"), 0.95) << to_string(net);
    const auto config = nlohmann::json::parse(read(settings.run.out / "config.json"));
    EXPECT_EQ(config.at("model_type"), to_string(net));
    EXPECT_EQ(config.at("id2label"), (nlohmann::json{{"0", "3"}, {"1", "5"}, {"2", "7"}}));
    EXPECT_TRUE(models::tensor_archive::open(settings.run.out));
    EXPECT_THAT(read(settings.run.out / "preprocessor_config.json"), HasSubstr("ViTImageProcessor"));
    EXPECT_THAT(read(settings.run.out / "curve.csv"), HasSubstr("accuracy,macro_f1,ece"));
    EXPECT_THAT(read(settings.run.out / "curve.svg"), HasSubstr("accuracy, validation"));
    EXPECT_THAT(read(settings.run.out / "report.html"), AllOf(HasSubstr("Confusion"), HasSubstr("Mistakes")));
    EXPECT_FALSE(std::filesystem::exists(settings.run.out / "checkpoint.safetensors"));
  }
}

TEST_F(image_training_test, stopped_and_gone_on_it_ends_with_the_same_bytes) {
  settings.images.net = net_kind::residual;
  settings.images.augmentation = {0.1, 10, 0.1, 0.1, 0.2, 0.5};
  // Of 6 steps an epoch.
  expect_the_same_bytes_when_stopped(settings, {1, 5, 6, 11, 17}, {"losses.csv", "model.safetensors"});
}

TEST_F(image_training_test, other_settings_do_not_go_on) {
  run_watcher watcher;
  watcher.over = [] { return true; };
  EXPECT_EQ(run(watcher).error().code, errc::cancelled);
  settings.run.resume = true;
  const auto refusal = [&] { return told(run().error()); };
  settings.images.augmentation.shift = 0.1;
  EXPECT_THAT(refusal(), HasSubstr("was written by a run with shift 0.000000, not 0.100000"));
  settings.images.augmentation = {};
  settings.images.net = net_kind::conv;
  EXPECT_THAT(refusal(), HasSubstr("checkpoint.safetensors"));
  settings.images.net = net_kind::dense;
  settings.files = {write("data_batch_2.bin", colours(123))};
  EXPECT_THAT(refusal(), HasSubstr("was written by a run with data"));
}

TEST_F(image_training_test, the_report_shows_mistakes_as_pictures) {
  auto wrong = colours(30); // a third of the labels is another colour's
  for (int i = 0; i < 30; i += 3)
    wrong[static_cast<std::size_t>(i) * 3073] = 5;
  settings.validation = {write("judged.bin", wrong)};
  const auto made = run();
  ASSERT_TRUE(made) << told(made.error());
  const auto page = read("out/report.html");
  EXPECT_THAT(page, AllOf(HasSubstr("10 of 30. Predicted, then right."), HasSubstr("src=\"data:image/bmp;base64,Qk"),
                          HasSubstr("img-src data:"), HasSubstr("judged.bin")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

TEST_F(image_training_test, what_the_other_part_has_must_fit) {
  settings.validation = {write("judged.bin", cifar_record(0, 1, 1, 1) + cifar_record(3, 200, 1, 1))};
  EXPECT_THAT(told(run().error()), HasSubstr("judged.bin: has the label '0', which no picture to learn from has"));
}

TEST_F(image_training_test, labels_that_are_rare_count_more_when_they_are_balanced) {
  auto uneven = colours(90);
  for (int i = 0; i < 40; ++i)
    uneven += cifar_record(3, 200, 10, 10);
  settings.files = {write("uneven.bin", uneven)};
  const auto equal = run();
  settings.run.out = path("balanced");
  settings.images.weights = label_weights::balanced;
  const auto balanced = run();
  ASSERT_TRUE(equal && balanced);
  EXPECT_NE(equal->history.losses.front(), balanced->history.losses.front());
  EXPECT_GT(value_of(balanced->best.validation, "accuracy"), 0.9);
}

TEST_F(image_training_test, pictures_too_small_for_the_net_are_refused_before_the_first_step) {
  write("small-labels-idx1-ubyte", idx_bytes({4}, "abab"));
  settings.files = {write("small-images-idx3-ubyte", idx_bytes({4, 9, 9}, std::string(324, 'x')))};
  settings.images.net = net_kind::conv;
  EXPECT_THAT(told(run().error()), HasSubstr("too small for conv_net"));
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(image_training_test, nothing_is_divided_by_pictures_that_are_all_alike) {
  write("flat-labels-idx1-ubyte", idx_bytes({4}, "abab"));
  settings.files = {write("flat-images-idx3-ubyte", idx_bytes({4, 6, 6}, std::string(144, '\x80')))};
  const auto made = run();
  ASSERT_TRUE(made) << told(made.error());
  EXPECT_TRUE(std::isfinite(made->best.validation.loss));
}

} // namespace
} // namespace chalkstream::pipelines::tools
