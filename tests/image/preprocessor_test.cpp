// Image processors' configurations, and pictures as they prepare them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/image/preprocessor.hpp"
#include "tests/image/golden_pictures.hpp"

namespace chalkstream::image {
namespace {

using ::testing::HasSubstr;

class preprocessor_test : public ::testing::Test {
protected:
  preprocessor_test() {
    const auto* now = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("preprocessor_test_") + now->name());
    std::filesystem::create_directories(folder_);
  }
  ~preprocessor_test() override { std::filesystem::remove_all(folder_); }

  void write(const char* name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary | std::ios::trunc) << content;
  }
  result<preprocessor> read(const std::string& configuration) const {
    write("preprocessor_config.json", configuration);
    return preprocessor::read(folder_);
  }
  error refusal(const std::string& configuration) const {
    const auto made = read(configuration);
    return made ? error{errc::internal, "it was read"} : made.error();
  }

  std::filesystem::path folder_;
};

// What a model takes: channels one after another.
std::vector<float> values_of(const preprocessor& its, const picture& made) {
  std::vector<float> values;
  for (std::size_t c = 0; c < its.channels(); ++c)
    for (std::size_t i = c; i < made.values.size(); i += made.channels)
      values.push_back(its.values(c)[made.values[i]]);
  return values;
}

TEST_F(preprocessor_test, pixel_values_are_those_of_transformers_to_the_bit) {
  const auto cases = read_golden("processors.json");
  ASSERT_GT(cases.size(), 150u);
  for (const auto& one : cases) {
    SCOPED_TRACE(one.dump());
    const auto its = read(one["configuration"].dump());
    ASSERT_TRUE(its.ok()) << its.error().message;
    const auto made = its->prepare(made_picture(one["picture"][0], one["picture"][1], one["picture"][2], 3));
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->width, one["size"][0].get<std::size_t>());
    EXPECT_EQ(made->height, one["size"][1].get<std::size_t>());
    EXPECT_EQ(its->size().value_or(picture_size{made->width, made->height}), (picture_size{made->width, made->height}));
    const auto values = values_of(*its, *made);
    EXPECT_EQ(sum_of(values.data(), values.size() * sizeof(float)), one["values"].get<std::uint32_t>());
  }
}

TEST_F(preprocessor_test, a_size_is_known_only_where_every_picture_has_it) {
  EXPECT_EQ(read(R"({"image_processor_type": "ViTImageProcessor"})")->size(), (picture_size{224, 224}));
  EXPECT_EQ(read(R"({"image_processor_type": "CLIPImageProcessor"})")->size(), (picture_size{224, 224}));
  EXPECT_EQ(read(R"({"image_processor_type": "DetrImageProcessor"})")->size(), std::nullopt);
  EXPECT_EQ(read(R"({"image_processor_type": "CLIPImageProcessor", "do_center_crop": false})")->size(), std::nullopt);
}

TEST_F(preprocessor_test, old_files_name_feature_extractors_or_nothing) {
  EXPECT_TRUE(read(R"({"feature_extractor_type": "ConvNextFeatureExtractor", "size": 224})").ok());
  write("config.json", R"({"model_type": "swin"})");
  EXPECT_EQ(read(R"({"size": 96})")->size(), (picture_size{96, 96}));
  write("config.json", R"({"model_type": "bert"})");
  EXPECT_THAT(refusal(R"({"size": 96})").message, HasSubstr("bert"));
}

TEST_F(preprocessor_test, new_directories_have_one_file_for_all_processors) {
  write("processor_config.json",
        R"({"image_processor": {"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 48}}})");
  const auto its = preprocessor::read(folder_);
  ASSERT_TRUE(its.ok()) << its.error().message;
  EXPECT_EQ(its->size(), (picture_size{48, 32}));
}

TEST_F(preprocessor_test, grey_models_have_one_channel) {
  const auto its = read(R"({"image_processor_type": "ViTImageProcessor", "size": 2, "image_mean": [0.5], "image_std": [0.25]})");
  ASSERT_TRUE(its.ok()) << its.error().message;
  EXPECT_EQ(its->channels(), 1u);
  const auto made = its->prepare({2, 2, 3, {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->values, (std::vector<std::uint8_t>{76, 150, 29, 255})); // Pillow's
  EXPECT_FLOAT_EQ(its->values(0)[255], 2.0f);
}

TEST_F(preprocessor_test, what_is_not_known_is_named) {
  EXPECT_THAT(refusal(R"({"image_processor_type": "SamImageProcessor"})").message, HasSubstr("SamImageProcessor"));
  EXPECT_THAT(refusal(R"({"image_processor_type": "ViTImageProcessor", "do_sharpen": true})").message, HasSubstr("do_sharpen"));
  EXPECT_THAT(refusal(R"({"image_processor_type": "ViTImageProcessor", "resample": 9})").message, HasSubstr("resample"));
  EXPECT_THAT(refusal(R"({"image_processor_type": "ViTImageProcessor", "size": {"longest_edge": 9}})").message, HasSubstr("size"));
  EXPECT_THAT(refusal(R"({"image_processor_type": "ViTImageProcessor", "size": 0})").message, HasSubstr("size"));
  EXPECT_THAT(refusal(R"({"image_processor_type": "ViTImageProcessor", "size": 100000})").message, HasSubstr("size"));
  EXPECT_THAT(refusal(R"({"image_processor_type": "ViTImageProcessor", "do_center_crop": true})").message, HasSubstr("crop_size"));
  EXPECT_THAT(refusal(R"({"image_processor_type": "ViTImageProcessor", "image_std": [1, 0, 1]})").message, HasSubstr("image_std"));
  EXPECT_THAT(refusal(R"({"image_processor_type": "ViTImageProcessor", "image_mean": [1, 0]})").message, HasSubstr("image_mean"));
  EXPECT_THAT(refusal(R"({"image_processor_type": "ConvNextImageProcessor", "crop_pct": 0})").message, HasSubstr("crop_pct"));
  EXPECT_EQ(refusal("[]").code, errc::corrupt);
  EXPECT_EQ(refusal("{").code, errc::corrupt);
}

TEST_F(preprocessor_test, a_picture_too_thin_to_be_one_is_an_error) {
  const auto its = read(R"({"image_processor_type": "CLIPImageProcessor", "do_center_crop": false})");
  picture thin{1'000'000, 1, 3, {}};
  thin.values.resize(3'000'000);
  EXPECT_EQ(its->prepare(thin).error().code, errc::invalid_argument);
  const auto within = read(R"({"image_processor_type": "DetrImageProcessor"})");
  EXPECT_EQ(within->prepare(thin).error().code, errc::invalid_argument);
  // But its middle can be cropped.
  const auto cropped = read(R"({"image_processor_type": "CLIPImageProcessor"})")->prepare(thin);
  ASSERT_TRUE(cropped.ok()) << cropped.error().message;
  EXPECT_EQ(cropped->values.size(), 224u * 224 * 3);
}

TEST_F(preprocessor_test, what_is_no_rgb_picture_is_an_error) {
  const auto its = read(R"({"image_processor_type": "ViTImageProcessor"})");
  EXPECT_FALSE(its->prepare({}).ok());
  EXPECT_FALSE(its->prepare({2, 2, 1, {1, 2, 3, 4}}).ok());
  EXPECT_FALSE(its->prepare({2, 2, 3, {1, 2, 3, 4}}).ok());
}

} // namespace
} // namespace chalkstream::image
