// The reader of BERT directories: what it accepts, and that it names what it does not.
#include "models/repository.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::scratch_folder;

class bert_test : public ::testing::Test {
protected:
  void SetUp() override { folder_.copy_golden("gelu"); }

  std::string refusal() {
    const auto inspected = inspect(folder_.path());
    return inspected ? "" : to_string(inspected.error());
  }

  // The header of the weights with one text replaced by another of the same length.
  void edit_weights(std::string_view from, std::string_view to) {
    ASSERT_EQ(from.size(), to.size());
    folder_.edit("model.safetensors", from, to);
  }

  scratch_folder folder_;
};

TEST_F(bert_test, accepts_what_hugging_face_writes) {
  EXPECT_EQ(refusal(), "");
  for (const char* name :
       {"gelu_new", "relu_one_type", "silu_wide_head", "tanh_odd", "classifier", "regression", "masked_lm_sharded"}) {
    const auto inspected = inspect(testing::golden(name));
    EXPECT_TRUE(inspected) << inspected.error().message;
  }
}

TEST_F(bert_test, names_an_unknown_family_and_architecture) {
  folder_.edit("config.json", R"("model_type": "bert")", R"("model_type": "berd")");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported"), HasSubstr("'berd'"), HasSubstr("bert")));
  folder_.copy_golden("gelu");
  folder_.edit("config.json", "BertModel", "BertForNextSentencePrediction");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported"), HasSubstr("'BertForNextSentencePrediction'")));
}

TEST_F(bert_test, names_settings_it_does_not_support) {
  folder_.edit("config.json", R"("hidden_act": "gelu")", R"("hidden_act": "mish")");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported"), HasSubstr("'mish'")));
  folder_.copy_golden("gelu");
  folder_.edit("config.json", R"("hidden_act": "gelu")",
               R"("hidden_act": "gelu", "position_embedding_type": "relative_key")");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported"), HasSubstr("'relative_key'")));
  folder_.copy_golden("gelu");
  folder_.edit("config.json", R"("is_decoder": false)", R"("is_decoder": true)");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported"), HasSubstr("is_decoder")));
}

TEST_F(bert_test, names_sizes_that_cannot_be) {
  folder_.edit("config.json", R"("num_attention_heads": 4)", R"("num_attention_heads": 5)");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("invalid_configuration"), HasSubstr("multiple of num_attention_heads 5")));
  folder_.copy_golden("gelu");
  folder_.edit("config.json", R"("hidden_size": 32)", R"("hidden_size": 0)");
  EXPECT_THAT(refusal(), HasSubstr("'hidden_size' is 0"));
  folder_.copy_golden("gelu");
  folder_.edit("config.json", R"("hidden_size": 32)", R"("hidden_size": "32")");
  EXPECT_THAT(refusal(), HasSubstr("'hidden_size' must be"));
  folder_.copy_golden("gelu");
  folder_.edit("config.json", R"("num_hidden_layers": 2)", R"("num_hidden_layers": 99999999999)");
  EXPECT_THAT(refusal(), HasSubstr("num_hidden_layers"));
}

TEST_F(bert_test, names_a_tensor_of_the_wrong_shape) {
  folder_.edit("config.json", R"("intermediate_size": 64)", R"("intermediate_size": 63)");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("'encoder.layer.0.intermediate.dense.weight'"), HasSubstr("[64, 32]"),
                               HasSubstr("[63, 32]")));
}

TEST_F(bert_test, names_a_missing_and_an_unknown_tensor) {
  edit_weights("\"encoder.layer.1.output.dense.bias\"", "\"encoder.layer.1.output.dense.bios\"");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("corrupt"), HasSubstr("no tensor 'encoder.layer.1.output.dense.bias'")));
  folder_.copy_golden("gelu");
  folder_.edit("config.json", R"("num_hidden_layers": 2)", R"("num_hidden_layers": 1)");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported"), HasSubstr("tensor 'encoder.layer.1.")));
}

TEST_F(bert_test, names_a_tensor_of_the_wrong_type) {
  const auto bytes = folder_.read("model.safetensors");
  const auto at = bytes.find("\"F32\"", bytes.find("\"embeddings.LayerNorm.bias\""));
  auto changed = bytes;
  changed.replace(at, 5, "\"I32\"");
  folder_.write("model.safetensors", changed);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported"), HasSubstr("'embeddings.LayerNorm.bias' is I32")));
}

TEST_F(bert_test, reads_the_names_of_older_checkpoints) {
  auto bytes = folder_.read("model.safetensors");
  const std::size_t header = static_cast<unsigned char>(bytes[0]) | static_cast<unsigned char>(bytes[1]) << 8;
  auto text = bytes.substr(8, header);
  const auto data = bytes.substr(8 + header);
  for (const auto& [now, then] : {std::pair<std::string, std::string>{"LayerNorm.weight", "LayerNorm.gamma"},
                                  {"LayerNorm.bias", "LayerNorm.beta"}})
    for (auto at = text.find(now); at != std::string::npos; at = text.find(now, at))
      text.replace(at, now.size(), then);
  folder_.write("model.safetensors", testing::safetensors_bytes(text, 0) + data);
  EXPECT_EQ(refusal(), "");
}

TEST_F(bert_test, needs_labels_that_agree_with_each_other) {
  folder_.copy_golden("classifier");
  folder_.edit("config.json", R"("1": "half right")", R"("7": "half right")");
  EXPECT_THAT(refusal(), HasSubstr("'id2label' must give each id from 0 to 2"));
  folder_.copy_golden("classifier");
  folder_.edit("config.json", R"("problem_type": "single_label_classification")", R"("problem_type": "ranking")");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported"), HasSubstr("'ranking'")));
}

TEST_F(bert_test, says_which_file_is_missing_or_broken) {
  folder_.write("config.json", "{\"model_type\": ");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("config.json"), HasSubstr("JSON")));
  folder_.write("config.json", "[]");
  EXPECT_THAT(refusal(), HasSubstr("must be an object"));
  std::filesystem::remove(folder_.path() / "config.json");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("not_found"), HasSubstr("config.json")));
  EXPECT_THAT(inspect(folder_.path() / "absent").error().message, HasSubstr("is not a directory"));
}

} // namespace
} // namespace chalkstream::models
