// Models that find regions against transformers' own outputs, and what their readers refuse.
#include "models/image/preprocessor.hpp"
#include "models/repository.hpp"
#include "models/vision/vision_directory.hpp"
#include "tests/models/device_under_test.hpp"
#include "tests/models/model_folder.hpp"
#include "tests/models/vision_golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace chalkstream::models::vision {
namespace {

using ::testing::AllOf;
using testing::even_image;
using ::testing::HasSubstr;
using testing::read_vision_golden;
using testing::scratch_folder;

result<loaded_model> load_from(const std::filesystem::path& directory, const image_input& input,
                               head output = head::regions) {
  load_request request;
  request.name = "m";
  request.directory = directory;
  request.output = output;
  request.device = testing::device_under_test();
  return load_network(request, input, observer::none());
}

std::string refusal(const model& m, const sequence& s) {
  const std::vector<const sequence*> batch{&s};
  const auto rows = m.run(batch, nullptr);
  return rows ? "" : to_string(rows.error());
}

class region_test : public ::testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    golden_ = read_vision_golden("regions/" + GetParam());
    ASSERT_GE(golden_.cases.size(), 5u);
    auto loaded = load_from(golden_.directory, golden_.input);
    ASSERT_TRUE(loaded) << loaded.error().message;
    loaded_ = std::move(*loaded);
  }

  std::vector<const sequence*> batch() const {
    std::vector<const sequence*> all;
    for (const auto& c : golden_.cases)
      all.push_back(&c.input);
    return all;
  }

  testing::vision_golden golden_;
  loaded_model loaded_;
};

TEST_P(region_test, guesses_as_transformers_does_in_images_of_any_size) {
  EXPECT_TRUE(loaded_.finds_regions);
  EXPECT_FALSE(loaded_.has_classifier);
  EXPECT_THAT(loaded_.labels, ::testing::ElementsAre("figure", "table", "formula"));
  const auto rows = loaded_.compute->run(batch(), nullptr);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), golden_.cases.size());
  EXPECT_EQ(rows->width, loaded_.compute->output_width());
  EXPECT_EQ(rows->width, 7u * (3 + 1 + 4));
  for (std::size_t i = 0; i < rows->size(); ++i) {
    ASSERT_EQ(golden_.cases[i].regions.size(), rows->width);
    EXPECT_LT(testing::largest_difference(golden_.cases[i].regions, rows->row(i).data()), 1e-4) << "image " << i;
  }
}

TEST_P(region_test, an_image_gives_the_same_bits_alone_and_in_any_batch) {
  auto all = batch();
  const auto once = all;
  all.insert(all.end(), once.rbegin(), once.rend());
  const auto rows = loaded_.compute->run(all, nullptr);
  ASSERT_TRUE(rows) << rows.error().message;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto alone = loaded_.compute->run(std::span(all).subspan(i, 1), nullptr);
    ASSERT_TRUE(alone) << alone.error().message;
    EXPECT_TRUE(std::ranges::equal(alone->values, rows->row(i))) << "image " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(every_backbone, region_test,
                         ::testing::Values("detr", "detr_learned", "detr_timm", "detr_timm_dilated",
                                           "detr_timm_bottleneck"),
                         [](const auto& info) { return info.param; });

TEST(region_model_test, refuses_images_that_its_preprocessor_does_not_give) {
  const auto golden = read_vision_golden("regions/detr");
  const auto loaded = load_from(golden.directory, golden.input);
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto& m = *loaded->compute;
  EXPECT_THAT(refusal(m, {{1, 2}, {}}), HasSubstr("the model takes images"));
  EXPECT_THAT(refusal(m, even_image(80, 50, 3, 0)),
              AllOf(HasSubstr("80x50 with 3 channels"), HasSubstr("up to 80x49 with 3 channels")));
  EXPECT_THAT(refusal(m, even_image(161, 1, 3, 0)), HasSubstr("161x1"));
  EXPECT_THAT(refusal(m, even_image(0, 40, 3, 0)), HasSubstr("0x40"));
  EXPECT_THAT(refusal(m, even_image(40, 40, 1, 0)), HasSubstr("with 1 channels"));
  EXPECT_EQ(refusal(m, even_image(160, 1, 3, 0)), "");
  EXPECT_EQ(refusal(m, even_image(49, 80, 3, 0)), "");
  const auto learnt = read_vision_golden("regions/detr_learned");
  auto wide = learnt.input;
  wide.size = {1616, 1};
  const auto places = load_from(learnt.directory, wide);
  ASSERT_FALSE(places);
  EXPECT_THAT(to_string(places.error()), AllOf(HasSubstr("invalid_configuration"), HasSubstr("row_embeddings"),
                                               HasSubstr("50 positions"), HasSubstr("51 places")));
}

TEST(region_model_test, gives_regions_alone) {
  const auto golden = read_vision_golden("regions/detr");
  for (const auto output : {head::embedding, head::logits, head::text})
    EXPECT_THAT(load_from(golden.directory, golden.input, output).error().message, HasSubstr("finds regions"));
  const auto other = read_vision_golden("vit_classifier");
  EXPECT_THAT(load_from(other.directory, other.input).error().message, HasSubstr("finds no regions"));
  load_request request;
  request.directory = testing::golden("roberta");
  request.output = head::regions;
  EXPECT_THAT(load(request, observer::none(), log::none()).error().message, HasSubstr("finds no regions"));
  EXPECT_TRUE(models::finds_regions(golden.directory).value());
  EXPECT_FALSE(models::finds_regions(other.directory).value());
  EXPECT_FALSE(models::finds_regions(testing::golden("roberta")).value());
}

// As facebook/detr-resnet-50 has it: the backbone by its name, and nothing else of it.
TEST(region_directory_test, is_read_in_its_older_forms) {
  for (
      const auto& [name, older] :
      {std::pair{"detr_timm", R"("backbone": "resnet18.a1_in1k", "use_timm_backbone": true, "was": {)"},
       std::pair{"detr_timm_dilated", R"("backbone": "resnet34", "dilation": true, "was": {)"},
       std::pair{
           "detr_timm_bottleneck",
           R"("backbone": "resnet50", "backbone_kwargs": {"output_stride": 16, "out_indices": [1, 2, 3, 4]}, "was": {)"}}) {
    const scratch_folder folder;
    folder.copy_golden(std::string("regions/") + name);
    folder.edit("config.json", R"("backbone_config": {)", older);
    if (std::string_view(older).find("dilation") != std::string_view::npos)
      folder.edit("config.json", "\"dilation\": true,\n  \"dropout\"", "\"dropout\"");
    const auto golden = read_vision_golden(std::string("regions/") + name);
    const auto loaded = load_from(folder.path(), golden.input);
    ASSERT_TRUE(loaded) << name << ": " << loaded.error().message;
    const std::vector<const sequence*> batch{&golden.cases.front().input};
    const auto rows = loaded->compute->run(batch, nullptr);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_LT(testing::largest_difference(golden.cases.front().regions, rows->row(0).data()), 1e-4) << name;
  }
}

struct refused_change {
  const char* model;
  const char* from;
  const char* to;
  std::vector<std::string> named;
};

TEST(region_directory_test, names_what_it_does_not_know_and_what_does_not_fit) {
  const std::vector<refused_change> changes{
      {"detr", R"("DetrForObjectDetection")", R"("DetrForSegmentation")", {"unsupported", "'DetrForSegmentation'"}},
      {"detr", R"("d_model": 24)", R"("d_model": 26)", {"'d_model' is 26", "multiple of 4"}},
      {"detr", R"("encoder_attention_heads": 3)", R"("encoder_attention_heads": 5)", {"d_model 24", "heads 5"}},
      {"detr", R"("encoder_ffn_dim": 20)", R"("encoder_ffn_dim": 21)", {"encoder.layers.0.fc1.weight", "[21, 24]"}},
      {"detr", R"("decoder_layers": 2)", R"("decoder_layers": 3)", {"corrupt", "no tensor 'model.decoder.layers.2."}},
      {"detr",
       R"("decoder_layers": 2)",
       R"("decoder_layers": 1)",
       {"unsupported", "model.decoder.layers.1.", "DETR"}},
      {"detr", R"("num_queries": 7)", R"("num_queries": 8)", {"query_position_embeddings.weight", "[8, 24]"}},
      {"detr", R"("2": "formula")", R"("2": "formula", "3": "map")", {"class_labels_classifier", "[5, 24]"}},
      {"detr", R"("position_embedding_type": "sine")", R"("position_embedding_type": "both")", {"'both'"}},
      {"detr", R"("position_embedding_type": "sine")", R"("position_embedding_type": "learned")", {"row_embeddings"}},
      {"detr",
       R"("activation_function": "relu")",
       R"("activation_function": "mish")",
       {"activation_function", "'mish'"}},
      {"detr", R"("dilation": false)", R"("dilation": true)", {"unsupported", "'dilation'"}},
      {"detr", R"("model_type": "resnet")", R"("model_type": "swin")", {"backbone_config", "'swin'"}},
      {"detr", R"("layer_type": "basic")", R"("layer_type": "wide")", {"backbone_config", "layer_type 'wide'"}},
      {"detr",
       "\"out_features\": [\n      \"stage2\"",
       "\"out_features\": [\n      \"stage1\"",
       {"unsupported", "'out_features'"}},
      {"detr_timm", R"("backbone": "resnet18")", R"("backbone": "resnet50d")", {"'resnet50d'", "resnet101"}},
      {"detr_timm", R"("backbone": "resnet18")", R"("backbone": "resnet34")", {"layer1.2.conv1"}},
      {"detr_timm_dilated", R"("output_stride": 16)", R"("output_stride": 12)", {"'output_stride'", "8, 16 or 32"}},
  };
  for (const auto& change : changes) {
    const scratch_folder folder;
    folder.copy_golden(std::string("regions/") + change.model);
    folder.edit("config.json", change.from, change.to);
    const auto refused = inspect_network(folder.path(), read_vision_golden("regions/detr").input);
    ASSERT_FALSE(refused) << change.to;
    for (const auto& part : change.named)
      EXPECT_THAT(to_string(refused.error()), HasSubstr(part)) << change.model << " with " << change.to;
  }
}

TEST(region_directory_test, is_given_images_of_sizes_of_their_own_with_a_bound_and_without_padding) {
  const scratch_folder folder;
  folder.copy_golden("regions/detr");
  EXPECT_TRUE(inspect(folder.path()));
  const auto prepare = image::preprocessor::read(folder.path());
  ASSERT_TRUE(prepare) << prepare.error().message;
  const auto made = prepare->prepare(*even_image(300, 200, 3, 9).image);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->width, 72u);
  EXPECT_EQ(made->height, 48u);
  folder.edit("preprocessor_config.json", R"("pad_size": null)", R"("pad_size": {"height": 90, "width": 90})");
  EXPECT_THAT(inspect(folder.path()).error().message, AllOf(HasSubstr("pad_size"), HasSubstr("without padding")));
  folder.edit("preprocessor_config.json", R"("pad_size": {"height": 90, "width": 90})", R"("pad_size": null)");
  folder.edit("preprocessor_config.json", R"("do_resize": true)", R"("do_resize": false)");
  EXPECT_THAT(inspect(folder.path()).error().message, AllOf(HasSubstr("any size"), HasSubstr("longest_edge")));
}

} // namespace
} // namespace chalkstream::models::vision
