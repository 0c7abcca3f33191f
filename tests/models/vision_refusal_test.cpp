// What the readers of vision directories refuse, and that they name it.
#include "models/vision/vision_directory.hpp"
#include "tests/models/model_folder.hpp"
#include "tests/models/vision_golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::models::vision {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::read_vision_golden;
using testing::scratch_folder;

// A golden copied, to be broken.
class broken_copy {
public:
  explicit broken_copy(const std::string& name) : input(read_vision_golden(name).input) {
    folder.copy_golden("vision/" + name);
  }

  std::string refusal() const {
    const auto inspected = inspect_network(folder.path(), input);
    return inspected ? "" : to_string(inspected.error());
  }

  scratch_folder folder;
  image_input input;
};

// A setting changed in a golden's config.json, and what the refusal must name beside the file.
struct refused_setting {
  const char* model;
  const char* from;
  const char* to;
  std::vector<std::string> named;
};

TEST(vision_settings_test, that_are_not_known_or_cannot_be_are_named_with_file_key_and_value) {
  const std::vector<refused_setting> settings{
      {"vit",
       R"("ViTModel")",
       R"("ViTForDetection")",
       {"unsupported", "'ViTForDetection'", "ViTForImageClassification"}},
      {"vit", R"("hidden_act": "gelu")", R"("hidden_act": "mish")", {"unsupported", "hidden_act", "'mish'"}},
      {"vit", R"("pooler_act": "tanh")", R"("pooler_act": "mish")", {"pooler_act", "'mish'"}},
      {"vit",
       R"("num_attention_heads": 3)",
       R"("num_attention_heads": 5)",
       {"hidden_size 24", "num_attention_heads 5"}},
      {"vit", R"("image_size": 24)", R"("image_size": 32)", {"image_size is 32x32", "24x24", "not interpolated"}},
      {"vit", R"("image_size": 24)", R"("image_size": [24])", {"'image_size'", "height and width"}},
      {"vit", R"("patch_size": 8)", R"("patch_size": 0)", {"'patch_size'"}},
      {"vit", R"("patch_size": 8)", R"("patch_size": 25)", {"patch_embeddings.projection.weight", "[24, 3, 25, 25]"}},
      {"vit", R"("num_channels": 3)", R"("num_channels": 1)", {"'num_channels' is 1", "pictures of 3"}},
      {"vit",
       R"("qkv_bias": true)",
       R"("qkv_bias": true, "interpolate_pos_encoding": true)",
       {"unsupported", "interpolate_pos_encoding"}},
      {"vit_odd", R"("qkv_bias": false)", R"("qkv_bias": true)", {"attention.attention.query.bias"}},
      {"deit", R"("DeiTModel")", R"("DeiTForImageClassificationWithTeacher")", {"'cls_classifier.weight'"}},
      {"swin", R"("window_size": 4)", R"("window_size": 9)", {"'window_size' is 9", "8x8"}},
      {"swin", R"("window_size": 4)", R"("window_size": 3)", {"relative_position_bias_table", "[25, 2]"}},
      {"swin", R"("mlp_ratio": 2.0)", R"("mlp_ratio": -2.0)", {"'mlp_ratio'"}},
      {"swin", R"("embed_dim": 12)", R"("embed_dim": 13)", {"embed_dim of stage 1 13", "num_heads 2"}},
      {"swin_absolute", R"("image_size": 32)", R"("image_size": 36)", {"position_embeddings", "[1, 81, 12]"}},
      {"resnet", R"("layer_type": "bottleneck")", R"("layer_type": "wide")", {"unsupported", "layer_type", "'wide'"}},
      {"resnet", R"("embedding_size": 8)", R"("embedding_size": 9)", {"embedder.embedder.convolution.weight"}},
      {"convnext", R"("num_stages": 2)", R"("num_stages": 3)", {"'depths' has 2 numbers for 3 stages"}},
      {"convnext",
       R"("layer_scale_init_value": 1e-06)",
       R"("layer_scale_init_value": 0)",
       {"unsupported", "layer_scale_parameter", "ConvNeXt"}},
      {"mobilenet_v2", R"("depth_multiplier": 0.1)", R"("depth_multiplier": 0)", {"'depth_multiplier'"}},
      {"mobilenet_v2", R"("expand_ratio": 2.0)", R"("expand_ratio": 3.0)", {"expand_1x1.convolution.weight"}},
      {"clip", R"("CLIPModel")", R"("CLIPForImageClassification")", {"unsupported", "'CLIPForImageClassification'"}},
      {"clip", R"("patch_size": 8)", R"("patch_size": 9)", {"embeddings.patch_embedding.weight", "[24, 3, 9, 9]"}},
      {"clip_projected",
       R"("projection_dim": 10)",
       R"("projection_dim": 11)",
       {"visual_projection.weight", "[11, 24]"}},
      {"clip_texts", R"("eos_token_id": 38)", R"("eos_token_id": 40)", {"text_config", "'eos_token_id' is 40"}},
      {"clip_texts", R"("vocab_size": 40)", R"("vocab_size": 41)", {"text_model.embeddings.token_embedding.weight"}},
      {"clip_texts", R"("text_config": {)", R"("text_config": [], "was": {)", {"'text_config' must be an object"}},
      {"vit", R"("model_type": "vit")", R"("model_type": "vet")", {"unsupported", "model_type"}},
  };
  for (const auto& s : settings) {
    const broken_copy copy(s.model);
    copy.folder.edit("config.json", s.from, s.to);
    const auto refusal = copy.refusal();
    EXPECT_THAT(refusal, HasSubstr(copy.folder.path().string())) << s.to;
    for (const auto& part : s.named)
      EXPECT_THAT(refusal, HasSubstr(part)) << s.model << " with " << s.to;
  }
}

// The header of the weights with one text replaced by another of the same length.
TEST(vision_tensors_test, that_are_missing_or_unknown_are_named) {
  const broken_copy missing("swin");
  missing.folder.edit("model.safetensors", "\"encoder.layers.1.blocks.0.layernorm_after.bias\"",
                      "\"encoder.layers.1.blocks.0.layernorm_after.bios\"");
  EXPECT_THAT(missing.refusal(),
              AllOf(HasSubstr("corrupt"), HasSubstr("no tensor 'encoder.layers.1.blocks.0.layernorm_after.bias'")));
  const broken_copy unknown("resnet_basic");
  unknown.folder.edit("config.json", "    2,\n    1\n  ]", "    1,\n    1\n  ]");
  EXPECT_THAT(unknown.refusal(),
              AllOf(HasSubstr("unsupported"), HasSubstr("'resnet.encoder.stages.1.layers.1."), HasSubstr("ResNet")));
}

TEST(vision_tensors_test, of_heads_agree_with_the_labels) {
  const broken_copy copy("convnext_classifier");
  copy.folder.edit("config.json", R"("2": "neither")", R"("2": "neither", "3": "both")");
  EXPECT_THAT(copy.refusal(), AllOf(HasSubstr("'classifier.weight'"), HasSubstr("[3, 12]"), HasSubstr("[4, 12]")));
}

TEST(vision_input_test, of_a_size_that_vanishes_is_refused) {
  broken_copy copy("convnext");
  copy.input.size = {7, 3};
  EXPECT_THAT(copy.refusal(), AllOf(HasSubstr("invalid_configuration"), HasSubstr("too small")));
  broken_copy other("resnet");
  other.input.size = {1, 1};
  EXPECT_EQ(other.refusal(), "");
}

TEST(vision_heads_test, are_those_of_images) {
  const auto load = [](const char* name, head output) {
    load_request request;
    request.directory = testing::golden("vision") / name;
    request.output = output;
    return load_network(request, read_vision_golden(name).input, observer::none());
  };
  EXPECT_THAT(load("vit", head::logits).error().message, HasSubstr("has no classification head"));
  EXPECT_THAT(load("vit_classifier", head::token_logits).error().message, HasSubstr("is a model of images"));
  EXPECT_THAT(load("vit_classifier", head::text).error().message, HasSubstr("is a model of images"));
}

TEST(vision_kind_test, is_what_config_json_says) {
  EXPECT_TRUE(takes_images(testing::golden("vision") / "swin").value());
  EXPECT_FALSE(takes_images(testing::golden("roberta")).value());
  EXPECT_FALSE(takes_images(testing::golden("vision")).value());
}

} // namespace
} // namespace chalkstream::models::vision
