// The recipe gan from files to a directory that draws, the folders and sheets it draws, and learning from them.
#include "models/image/decode.hpp"
#include "pipelines/tools/draw.hpp"
#include "pipelines/tools/training/images/nearest_pictures.hpp"
#include "tests/pipelines_training/picture_bytes.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <nlohmann/json.hpp>

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class gan_training_test : public training_fixture {
protected:
  gan_training_test() {
    settings.data.what = recipe::gan;
    settings.validation_share = 0.25;
    settings.gan.threads = 1;
    settings.gan.latent_size = 4;
    settings.gan.hidden_sizes = {12, 8};
    settings.gan.averaging = 0.9;
    settings.run.out = path("out");
    settings.run.rate = 2e-3;
    settings.run.batch.rows = 16;
    settings.run.epochs = 3;
    settings.run.patience = 0;
    settings.run.seed = 4;
    settings.files = {write("dark-images-idx3-ubyte", idx_bytes({96, 8, 8}, shades()))};
    write("dark-labels-idx1-ubyte", idx_bytes({96}, labels()));
  }

  /// Pictures of 3 are dark, of 5 between, of 7 light.
  static std::string shades() {
    std::string made;
    for (int i = 0; i < 96; ++i)
      made += std::string(64, static_cast<char>(20 + 100 * (i % 3) + i % 10));
    return made;
  }

  static std::string labels() {
    std::string made;
    for (int i = 0; i < 96; ++i)
      made.push_back(static_cast<char>(3 + 2 * (i % 3)));
    return made;
  }

  result<run_report> run(const run_watcher& watcher = {}) const { return train(settings, watcher, {}); }

  picture decoded(const std::filesystem::path& file) const {
    const auto bytes = read(file);
    auto pages = image::decode(std::as_bytes(std::span(bytes)), {});
    EXPECT_TRUE(pages) << file;
    return pages ? pages->front() : picture{};
  }

  draw_settings drawing() const {
    draw_settings made;
    made.model = settings.run.out;
    made.count = 3;
    return made;
  }

  training_settings settings;
};

TEST_F(gan_training_test, learns_to_draw_and_shows_each_epoch) {
  settings.run.epochs = 40;
  settings.run.select = "loss";
  const auto made = run();
  ASSERT_TRUE(made) << told(made.error());
  EXPECT_GT(made->best.epoch, 10U);
  EXPECT_GT(value_of(made->best.validation, "nearest_accuracy"), 0.9);
  EXPECT_LT(made->best.validation.loss, 0.1);
  const auto config = nlohmann::json::parse(read("out/config.json"));
  EXPECT_EQ(config.at("model_type"), "conditional_dcgan");
  EXPECT_EQ(config.at("id2label"), (nlohmann::json{{"0", "3"}, {"1", "5"}, {"2", "7"}}));
  const auto sheet = decoded("out/samples/epoch-0040.png");
  EXPECT_EQ(sheet.width, 16U * 10 + 2);
  EXPECT_EQ(sheet.height, 3U * 10 + 2); // a row each
  EXPECT_FALSE(std::filesystem::exists(path("out/checkpoint.safetensors")));

  auto folder = drawing();
  folder.folder = path("drawn");
  const auto drawn = draw_pictures(folder, {});
  ASSERT_TRUE(drawn) << told(drawn.error());
  EXPECT_EQ(*drawn, 9U);
  for (const auto& [label, shade] : {std::pair{"3", 20}, {"5", 120}, {"7", 220}})
    EXPECT_NEAR(decoded(std::string("drawn/") + label + "/drawn-000002.png").values.front(), shade, 40) << label;
}

TEST_F(gan_training_test, stopped_and_gone_on_it_ends_with_the_same_bytes) {
  settings.gan.augmentation = {0.1, 10, 0.1, 0.1, 0.2, 0.5};
  // Of 5 steps an epoch.
  expect_the_same_bytes_when_stopped(settings, {1, 4, 5, 6, 14},
                                     {"losses.csv", "curve.csv", "model.safetensors", "samples/epoch-0003.png"});
}

TEST_F(gan_training_test, other_settings_do_not_go_on) {
  run_watcher watcher;
  watcher.over = [] { return true; };
  EXPECT_EQ(run(watcher).error().code, errc::cancelled);
  settings.run.resume = true;
  settings.gan.averaging = 0.5;
  EXPECT_THAT(told(run().error()), HasSubstr("was written by a run with averaging 0.900000, not 0.500000"));
}

TEST_F(gan_training_test, pictures_that_cannot_be_drawn_are_refused_before_the_first_step) {
  write("odd-labels-idx1-ubyte", idx_bytes({4}, "abab"));
  settings.files = {write("odd-images-idx3-ubyte", idx_bytes({4, 9, 9}, std::string(324, 'x')))};
  EXPECT_THAT(told(run().error()), HasSubstr("9 by 9 cannot be drawn: a side must be a multiple of 4"));
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(gan_training_test, the_same_seed_draws_the_same_and_a_sheet_has_its_form) {
  ASSERT_TRUE(run());
  auto sheet = drawing();
  sheet.count = 5;
  sheet.labels = {"7", "3"};
  sheet.form.columns = 4;
  sheet.form.scale = 2;
  sheet.form.inverted = true;
  sheet.sheet = path("a.png");
  ASSERT_TRUE(draw_pictures(sheet, {}));
  sheet.sheet = path("b.png");
  ASSERT_TRUE(draw_pictures(sheet, {}));
  EXPECT_EQ(read("a.png"), read("b.png"));
  sheet.drawing.seed = 1;
  ASSERT_TRUE(draw_pictures(sheet, {}));
  EXPECT_NE(read("a.png"), read("b.png"));
  const auto page = decoded("a.png");
  EXPECT_EQ(page.width, 4U * 18 + 2);
  EXPECT_EQ(page.height, 4U * 18 + 2); // two rows for each label, the second with three blanks
  EXPECT_EQ(page.values.front(), 255);
  EXPECT_EQ(page.values[3 * ((18 + 9) * page.width + 3 * 18 + 9)], 255);
}

TEST_F(gan_training_test, what_cannot_be_drawn_is_refused) {
  ASSERT_TRUE(run());
  const auto refusal = [&](const draw_settings& wrong) { return told(draw_pictures(wrong, {}).error()); };
  auto wrong = drawing();
  EXPECT_THAT(refusal(wrong), AllOf(HasSubstr("--out"), HasSubstr("--sheet")));
  wrong.sheet = path("sheet.png");
  wrong.labels = {"8"};
  EXPECT_THAT(refusal(wrong), HasSubstr("out: has no label '8'"));
  wrong.labels.clear();
  wrong.form.columns = 1000;
  wrong.form.scale = 32;
  wrong.count = 1'000'000;
  EXPECT_THAT(refusal(wrong), HasSubstr("is too large"));
  wrong = drawing();
  wrong.folder = settings.run.out;
  EXPECT_THAT(refusal(wrong), HasSubstr("out: is not an empty folder"));
}

TEST_F(gan_training_test, a_label_never_leads_out_of_the_folder) {
  ASSERT_TRUE(run());
  for (const char* name : {"..", ".", "", "a/b", "/tmp"}) {
    auto config = nlohmann::json::parse(read("out/config.json"));
    config["id2label"]["0"] = name;
    write("out/config.json", config.dump());
    auto settings_for = drawing();
    settings_for.folder = path("drawn");
    const auto refused = draw_pictures(settings_for, {});
    ASSERT_FALSE(refused) << name;
    EXPECT_FALSE(std::filesystem::exists(path("drawn"))) << name;
  }
}

TEST_F(gan_training_test, drawn_pictures_are_learnt_from_and_never_judged_by) {
  ASSERT_TRUE(run());
  auto folder = drawing();
  folder.folder = path("drawn");
  ASSERT_TRUE(draw_pictures(folder, {}));
  settings.data.what = recipe::image_classify;
  settings.images.net = models::nets::net_kind::dense;
  settings.images.threads = 1;
  settings.images.optimiser = models::training::sgd_settings{};
  settings.synthetic = {path("drawn")};
  settings.run.out = path("mixed");
  training_parts parts;
  const auto made = train(settings, {}, [&](const training_parts& p) { parts = p; });
  ASSERT_TRUE(made) << told(made.error());
  EXPECT_EQ(parts.training, 72U + 9);
  EXPECT_EQ(parts.validation, 24U);

  std::filesystem::rename(path("drawn/3"), path("drawn/4"));
  settings.run.out = path("other");
  EXPECT_THAT(told(run().error()), HasSubstr("drawn: has the label '4', which no picture to learn from has"));
}

TEST(likeness_test, counts_the_nearest_of_all_and_measures_the_nearest_of_the_label) {
  const auto flat = [](int shade) {
    return picture{2, 2, 1, std::vector<std::uint8_t>(4, static_cast<std::uint8_t>(shade))};
  };
  picture_set real;
  real.labels = {"a", "b"};
  real.pictures = {flat(0), flat(100), flat(190)};
  real.goals = {0, 0, 1};
  const std::vector<picture> drawn{flat(10), flat(120), flat(200)};
  const std::vector<std::size_t> labels{0, 1, 1};
  const auto like = likeness_of(real, drawn, labels, [](double) {});
  EXPECT_NEAR(like.accuracy, 2.0 / 3, 1e-9); // 100 is nearest to 120, which is a b
  EXPECT_NEAR(like.distance, (10 + 90 + 10) / 3.0 / 255, 1e-9);
}

TEST(picture_sheet_test, pictures_stand_beside_each_other_from_the_top_left) {
  const std::vector<picture> three{{1, 1, 1, {10}}, {1, 1, 1, {20}}, {1, 1, 1, {30}}};
  const auto made = sheet_of(three, {2, 1, 1, 99, false});
  EXPECT_EQ(made.width, 5U);
  EXPECT_EQ(made.height, 5U);
  EXPECT_EQ(made.values, (std::vector<std::uint8_t>{99, 99, 99, 99, 99, 99, 10, 99, 20, 99, 99, 99, 99,
                                                    99, 99, 99, 30, 99, 99, 99, 99, 99, 99, 99, 99}));
  EXPECT_EQ(sheet_of(std::span(three).first(1), {1, 2, 0, 0, true}).values, (std::vector<std::uint8_t>(4, 245)));
}

} // namespace
} // namespace chalkstream::pipelines::tools
