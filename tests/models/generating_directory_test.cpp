// The readers of directories with models that write: what they accept, and that they name what they do not.
#include "models/generation/decoder_directory.hpp"
#include "tests/models/generating_golden.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace chalkstream::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::scratch_folder;

class generating_directory_test : public ::testing::Test {
protected:
  // A fresh copy of the golden model with this text of its config.json replaced.
  std::string refusal(const std::string& model, std::string_view from, std::string_view to) {
    folder_.copy_golden("generating/" + model);
    folder_.edit("config.json", from, to);
    return refusal();
  }

  // Likewise with keys added.
  std::string refusal_with(const std::string& model, const std::string& keys) {
    const std::string first = R"("architectures": [)";
    return refusal(model, first, keys + ", " + first);
  }

  std::string refusal() {
    const auto inspected = inspect_decoder(folder_.path());
    if (inspected)
      return "";
    EXPECT_THAT(inspected.error().message, HasSubstr(folder_.path().string()));
    return to_string(inspected.error());
  }

  void edit_weights(std::string_view from, std::string_view to) {
    ASSERT_EQ(from.size(), to.size());
    folder_.edit("model.safetensors", from, to);
  }

  scratch_folder folder_;
};

TEST_F(generating_directory_test, accepts_what_hugging_face_writes) {
  for (const auto& model : testing::generating_goldens()) {
    const auto folder = testing::generating_golden(model);
    const auto inspected = inspect_decoder(folder);
    EXPECT_TRUE(inspected) << inspected.error().message;
    EXPECT_TRUE(writes(folder).value()) << model;
  }
}

TEST_F(generating_directory_test, opens_with_all_that_a_digest_needs) {
  double most = 0;
  const auto folder = testing::generating_golden("marian");
  const auto opened = open_decoder(folder, {}, 1u << 20, [&](double fraction) {
    EXPECT_GT(fraction, most);
    most = fraction;
  });
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->family, "marian");
  ASSERT_EQ(opened->files.size(), 1u);
  EXPECT_EQ(opened->files.front().path.filename(), "model.safetensors");
  EXPECT_GT(opened->weight_bytes, std::filesystem::file_size(folder / "model.safetensors") / 2);
  EXPECT_EQ(most, 1);
  EXPECT_EQ(opened->compute->positions(), 40u);
}

TEST_F(generating_directory_test, tells_models_that_write_from_others) {
  EXPECT_FALSE(writes(testing::golden("classifier")).value());
  EXPECT_FALSE(writes(testing::golden("masked_lm_sharded")).value());
  folder_.copy_golden("generating/gpt2");
  folder_.edit("config.json", "GPT2LMHeadModel", "MambaForCausalLM");
  EXPECT_TRUE(writes(folder_.path()).value());
  EXPECT_FALSE(writes(folder_.path() / "absent"));
}

TEST_F(generating_directory_test, names_an_unknown_family_and_architecture) {
  EXPECT_THAT(refusal("gpt2", R"("model_type": "gpt2")", R"("model_type": "gpt3")"),
              AllOf(HasSubstr("unsupported"), HasSubstr("'gpt3'"), HasSubstr("gpt2")));
  EXPECT_THAT(refusal("bart", "BartForConditionalGeneration", "BartForQuestionAnswering"),
              AllOf(HasSubstr("unsupported"), HasSubstr("'BartForQuestionAnswering'"),
                    HasSubstr("BartForConditionalGeneration")));
}

TEST_F(generating_directory_test, names_settings_of_bart_that_make_it_another_model) {
  EXPECT_THAT(refusal("bart", R"("activation_function": "gelu")", R"("activation_function": "mish")"),
              HasSubstr("activation_function 'mish'"));
  EXPECT_THAT(refusal_with("bart", R"("normalize_before": true)"), HasSubstr("normalize_before true"));
  EXPECT_THAT(refusal_with("mbart", R"("normalize_before": false)"), HasSubstr("normalize_before false"));
  EXPECT_THAT(refusal_with("bart", R"("normalize_embedding": false)"), HasSubstr("normalize_embedding false"));
  EXPECT_THAT(refusal_with("pegasus", R"("add_final_layer_norm": false)"), HasSubstr("add_final_layer_norm false"));
  EXPECT_THAT(refusal_with("marian", R"("static_position_embeddings": false)"),
              HasSubstr("static_position_embeddings false"));
  EXPECT_THAT(refusal_with("bart", R"("share_encoder_decoder_embeddings": false)"),
              HasSubstr("share_encoder_decoder_embeddings false"));
  EXPECT_THAT(refusal("bart", R"("encoder_attention_heads": 3)", R"("encoder_attention_heads": 4)"),
              HasSubstr("d_model 18 is not a multiple of encoder_attention_heads 4"));
}

TEST_F(generating_directory_test, names_settings_of_t5) {
  EXPECT_THAT(refusal("t5", R"("feed_forward_proj": "relu")", R"("feed_forward_proj": "gated-mish")"),
              HasSubstr("feed_forward_proj 'mish'"));
  EXPECT_THAT(refusal("t5", R"("relative_attention_num_buckets": 8)", R"("relative_attention_num_buckets": 10)"),
              HasSubstr("relative_attention_num_buckets 10 must be a multiple of 4"));
  EXPECT_THAT(refusal("t5", R"("relative_attention_max_distance": 20)", R"("relative_attention_max_distance": 4)"),
              HasSubstr("relative_attention_max_distance 4"));
}

TEST_F(generating_directory_test, names_parts_of_a_model_that_writes_to_pictures) {
  EXPECT_THAT(refusal("trocr", R"("model_type": "vit")", R"("model_type": "beit")"),
              AllOf(HasSubstr("config.json: encoder"), HasSubstr("'beit'"), HasSubstr("vit, deit, swin")));
  EXPECT_THAT(refusal("trocr", R"("model_type": "trocr")", R"("model_type": "roberta")"),
              AllOf(HasSubstr("config.json: decoder"), HasSubstr("'roberta'"), HasSubstr("trocr, gpt2")));
  EXPECT_THAT(refusal("trocr", R"("encoder": {)", R"("encoder": [], "was": {)"),
              HasSubstr("'encoder' must be an object"));
  EXPECT_THAT(refusal("trocr", R"("hidden_act": "gelu")", R"("hidden_act": "mish")"),
              AllOf(HasSubstr("config.json: encoder"), HasSubstr("hidden_act 'mish'")));
  EXPECT_THAT(refusal("trocr", R"("is_encoder_decoder": true)", R"("is_encoder_decoder": false)"),
              HasSubstr("is_encoder_decoder false"));
  EXPECT_THAT(
      refusal("trocr_sinusoids", R"("cross_attention_hidden_size": 24)", R"("cross_attention_hidden_size": 20)"),
      AllOf(HasSubstr("'decoder.model.decoder.layers.0.encoder_attn.k_proj.weight'"), HasSubstr("[16, 20]")));
  EXPECT_THAT(refusal("trocr_sinusoids", R"("d_model": 16)", R"("d_model": 15)"), HasSubstr("d_model 15"));
  EXPECT_THAT(refusal("vit_gpt2", R"("add_cross_attention": true)", R"("add_cross_attention": false)"),
              HasSubstr("add_cross_attention false"));
}

TEST_F(generating_directory_test, holds_pictures_against_the_encoder) {
  folder_.copy_golden("generating/trocr");
  folder_.edit("preprocessor_config.json", R"("height": 24)", R"("height": 32)");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("config.json: encoder"), HasSubstr("24x24"), HasSubstr("24x32")));
  std::filesystem::remove(folder_.path() / "preprocessor_config.json");
  EXPECT_THAT(refusal(), HasSubstr("preprocessor_config.json"));
}

TEST_F(generating_directory_test, names_tensors_of_a_model_that_writes_to_pictures_whole) {
  folder_.copy_golden("generating/trocr");
  edit_weights("\"enc_to_dec_proj.bias\"", "\"enc_to_dec_prog.bias\"");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("corrupt"), HasSubstr("no tensor 'enc_to_dec_proj.bias'")));
  folder_.copy_golden("generating/trocr");
  edit_weights("\"encoder.layernorm.bias\"", "\"encoder.layernorm.bios\"");
  EXPECT_THAT(refusal(), HasSubstr("no tensor 'encoder.layernorm.bias'"));
  folder_.copy_golden("generating/swin_gpt2");
  folder_.edit("config.json", R"("n_layer": 3)", R"("n_layer": 2)");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported"), HasSubstr("'decoder.transformer.h.2."), HasSubstr("GPT-2")));
}

TEST_F(generating_directory_test, names_settings_of_gpt2) {
  EXPECT_THAT(refusal("gpt2", R"("add_cross_attention": false)", R"("add_cross_attention": true)"),
              HasSubstr("add_cross_attention true"));
  EXPECT_THAT(refusal("gpt2", R"("n_head": 5)", R"("n_head": 4)"),
              HasSubstr("n_embd 25 is not a multiple of n_head 4"));
}

TEST_F(generating_directory_test, names_settings_of_llama_and_qwen) {
  const std::string theta = R"("rope_theta": 500.0)";
  EXPECT_THAT(refusal("llama_scaled", R"("type": "llama3")", R"("type": "yarn")"),
              AllOf(HasSubstr("rope_type 'yarn'"), HasSubstr("llama3")));
  EXPECT_THAT(refusal("llama_linear", R"("rope_type": "linear")", R"("rope_type": "dynamic")"),
              HasSubstr("rope_type 'dynamic'"));
  EXPECT_THAT(refusal("llama_linear", R"("factor": 3.0)", R"("factor": 0)"), HasSubstr("'factor' must be"));
  EXPECT_THAT(refusal("llama_scaled", R"("low_freq_factor": 1.0,)", ""), HasSubstr("'low_freq_factor' must be"));
  EXPECT_THAT(refusal("llama_linear", R"("factor": 3.0)", R"("factor": 3.0, "beta_fast": 32)"),
              HasSubstr("'beta_fast'"));
  EXPECT_THAT(refusal("llama_scaled", theta, theta + R"(, "partial_rotary_factor": 0.5)"),
              HasSubstr("partial_rotary_factor"));
  EXPECT_THAT(refusal("llama", R"("num_key_value_heads": 2)", R"("num_key_value_heads": 3)"),
              HasSubstr("num_attention_heads 4 is not a multiple of num_key_value_heads 3"));
  EXPECT_THAT(refusal("llama_scaled", R"("head_dim": 20)", R"("head_dim": 21)"), HasSubstr("21 elements"));
  EXPECT_THAT(refusal("llama_scaled", R"("attention_bias": true)", R"("attention_bias": false)"),
              AllOf(HasSubstr("tensor 'model.layers.0.self_attn."), HasSubstr("bias'")));
}

TEST_F(generating_directory_test, names_settings_of_lstm) {
  EXPECT_THAT(refusal("lstm", R"("attention": "general")", R"("attention": "concat")"),
              AllOf(HasSubstr("unsupported"), HasSubstr("attention 'concat'"), HasSubstr("dot")));
  EXPECT_THAT(refusal("lstm", R"("bidirectional": true)", R"("bidirectional": false)"),
              HasSubstr("bidirectional false"));
  EXPECT_THAT(refusal("lstm", R"("hidden_size": 34)", R"("hidden_size": 35)"), HasSubstr("hidden_size 35"));
  EXPECT_THAT(refusal("lstm", R"("hidden_size": 34,)", ""), HasSubstr("hidden_size"));
  EXPECT_THAT(refusal("lstm", R"("decoder_layers": 2)", R"("decoder_layers": 16)"),
              HasSubstr("'decoder_layers' is 16"));
  EXPECT_THAT(refusal("lstm", R"("tie_word_embeddings": false)", R"("tie_word_embeddings": true)"),
              AllOf(HasSubstr("embedding_size (13)"), HasSubstr("hidden_size (34)")));
  EXPECT_THAT(refusal("lstm", R"("input_feeding": true)", R"("input_feeding": false)"),
              AllOf(HasSubstr("'decoder.weight_ih_l0'"), HasSubstr("[136, 47]"), HasSubstr("[136, 13]")));
  EXPECT_THAT(refusal("lstm", R"("encoder_layers": 2)", R"("encoder_layers": 1)"),
              HasSubstr("tensor 'encoder.bias_hh_l1'"));
  EXPECT_THAT(refusal("lstm_dot", R"("attention": "dot")", R"("attention": "general")"),
              HasSubstr("no tensor 'attention.query.weight'"));
}

TEST_F(generating_directory_test, an_lstm_is_for_a_cpu) {
  device gpu;
  gpu.kind = device_kind::cuda;
  const auto opened = open_decoder(testing::generating_golden("lstm"), gpu, 1u << 20);
  ASSERT_FALSE(opened);
  EXPECT_THAT(to_string(opened.error()), AllOf(HasSubstr("unsupported"), HasSubstr("CPU")));
}

TEST_F(generating_directory_test, refuses_sliding_windows_that_matter) {
  const std::string types = R"("layer_types": [
    "full_attention",
    "full_attention"
  ])";
  EXPECT_THAT(refusal("qwen2", types, R"("layer_types": ["full_attention", "sliding_attention"])"),
              HasSubstr("layer_types 'sliding_attention'"));
  const std::string unused = R"("use_sliding_window": false)";
  EXPECT_EQ(refusal("qwen2", unused, R"("use_sliding_window": true)"), "");
  folder_.copy_golden("generating/qwen2");
  folder_.edit("config.json", types, R"("layer_types": null)");
  folder_.edit("config.json", unused, R"("use_sliding_window": true)");
  EXPECT_EQ(refusal(), ""); // from layer 28 on, which it has not
  folder_.edit("config.json", R"("max_window_layers": 28)", R"("max_window_layers": 1)");
  EXPECT_THAT(refusal(), HasSubstr("use_sliding_window true"));
}

TEST_F(generating_directory_test, needs_the_output_that_an_untied_model_has) {
  EXPECT_THAT(refusal("gpt2", R"("tie_word_embeddings": true)", R"("tie_word_embeddings": false)"),
              HasSubstr("no tensor 'lm_head.weight'"));
  // What is there counts, tied or not.
  EXPECT_EQ(refusal("llama", R"("tie_word_embeddings": false)", R"("tie_word_embeddings": true)"), "");
}

TEST_F(generating_directory_test, names_missing_unknown_and_misshapen_tensors) {
  folder_.copy_golden("generating/t5");
  edit_weights("\"decoder.block.1.layer.1.EncDecAttention.v.weight\"",
               "\"decoder.block.1.layer.1.EncDecAttention.w.weight\"");
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("corrupt"), HasSubstr("no tensor 'decoder.block.1.layer.1.EncDecAttention.v.weight'")));
  EXPECT_THAT(refusal("bart", R"("decoder_layers": 2)", R"("decoder_layers": 1)"),
              AllOf(HasSubstr("unsupported"), HasSubstr("tensor 'model.decoder.layers.1.")));
  EXPECT_THAT(refusal("gpt2", R"("n_inner": null)", R"("n_inner": 99)"),
              AllOf(HasSubstr("'transformer.h.0.mlp.c_fc.weight'"), HasSubstr("[25, 100]"), HasSubstr("[25, 99]")));
  EXPECT_THAT(refusal("marian", R"("max_position_embeddings": 40)", R"("max_position_embeddings": 0)"),
              HasSubstr("'max_position_embeddings' is 0"));
}

TEST_F(generating_directory_test, names_a_tensor_that_is_not_finite) {
  folder_.copy_golden("generating/qwen3");
  auto bytes = folder_.read("model.safetensors");
  for (std::size_t i = 1; i <= 4; ++i)
    bytes[bytes.size() - i] = '\xff';
  folder_.write("model.safetensors", bytes);
  const auto opened = open_decoder(folder_.path(), {}, 1u << 20);
  ASSERT_FALSE(opened);
  EXPECT_THAT(to_string(opened.error()),
              AllOf(HasSubstr("corrupt"), HasSubstr("not finite"), HasSubstr("'model.norm")));
}

TEST_F(generating_directory_test, says_how_large_a_cache_must_be) {
  const auto opened = open_decoder(testing::generating_golden("gpt2"), {}, 1000);
  ASSERT_FALSE(opened);
  // 2 layers of 5 heads of 5 elements, keys and values, 16 tokens
  EXPECT_THAT(to_string(opened.error()), AllOf(HasSubstr("invalid_argument"), HasSubstr("6400")));
}

TEST_F(generating_directory_test, reads_gpt2_as_it_was_first_published) {
  folder_.copy_golden("generating/gpt2");
  const auto bytes = folder_.read("model.safetensors");
  const std::size_t header = static_cast<unsigned char>(bytes[0]) | static_cast<unsigned char>(bytes[1]) << 8;
  auto text = bytes.substr(8, header);
  auto data = bytes.substr(8 + header);
  const std::string prefix = "\"transformer.";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
    text.replace(at, prefix.size(), "\"");
  // Behind the others, a causal mask.
  const auto end = data.size();
  text.replace(text.rfind('}'), 1,
               R"(,"h.1.attn.bias":{"dtype":"U8","shape":[1,1,2,2],"data_offsets":[)" + std::to_string(end) + ","
                   + std::to_string(end + 4) + "]}}");
  data.append(4, '\1');
  folder_.write("model.safetensors", testing::safetensors_bytes(text, 0) + data);
  EXPECT_EQ(refusal(), "");
}

TEST_F(generating_directory_test, says_which_file_is_missing_or_broken) {
  folder_.copy_golden("generating/gpt2");
  folder_.write("config.json", "[]");
  EXPECT_THAT(refusal(), HasSubstr("must be an object"));
  std::filesystem::remove(folder_.path() / "config.json");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("not_found"), HasSubstr("config.json")));
  folder_.copy_golden("generating/gpt2");
  std::filesystem::remove(folder_.path() / "model.safetensors");
  EXPECT_THAT(refusal(), HasSubstr("model.safetensors"));
}

} // namespace
} // namespace chalkstream::models
