// Every family and head against transformers' own outputs, and what each family refuses.
#include "models/repository.hpp"
#include "tests/models/device_under_test.hpp"
#include "tests/models/model_folder.hpp"
#include "tests/support/lent_threads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace chalkstream::models {
namespace {

using ::testing::AllOf;
using testing::golden;
using ::testing::HasSubstr;
using testing::scratch_folder;

struct golden_model {
  std::string name;
  head output = head::embedding;
};

// So that a failure names the directory.
void PrintTo(const golden_model& m, std::ostream* out) {
  *out << m.name;
}

std::vector<golden_model> golden_models() {
  std::vector<golden_model> all{{"electra_wide"}, {"deberta_own_projections"}, {"xlm_roberta"}, {"deberta_v2"}};
  all.push_back({"deberta_v2_classifier", head::logits});
  all.push_back({"xlm_roberta_classifier", head::logits});
  for (const std::string family : {"roberta", "distilbert", "electra", "mpnet", "deberta_v3"}) {
    all.push_back({family});
    all.push_back({family + "_classifier", head::logits});
    all.push_back({family + "_regression", head::logits});
  }
  for (const std::string family : {"bert", "roberta", "distilbert", "electra", "mpnet", "deberta_v3"}) {
    all.push_back({family + "_tokens", head::token_logits});
    all.push_back({family + "_span", head::span_logits});
  }
  return all;
}

result<loaded_model> load_golden(const std::string& name, head output) {
  load_request request;
  request.name = "m";
  request.directory = golden(name);
  request.output = output;
  request.device = testing::device_under_test();
  return load(request, observer::none(), log::none());
}

std::vector<float> run_one(const model& m, const sequence& s, crew* helpers = nullptr) {
  const std::vector<const sequence*> batch{&s};
  auto rows = m.run(batch, helpers);
  EXPECT_TRUE(rows) << rows.error().message;
  return rows ? rows->values : std::vector<float>();
}

class families_test : public ::testing::TestWithParam<golden_model> {
protected:
  void SetUp() override {
    auto loaded = load_golden(GetParam().name, GetParam().output);
    ASSERT_TRUE(loaded) << loaded.error().message;
    loaded_ = std::move(*loaded);
    cases_ = testing::golden_cases(golden(GetParam().name) / "expected.json",
                                   GetParam().output == head::embedding ? "embedding" : "logits");
    ASSERT_FALSE(cases_.empty());
    for (const auto& c : cases_)
      batch_.push_back(&c.input);
  }

  loaded_model loaded_;
  std::vector<testing::golden_case> cases_;
  std::vector<const sequence*> batch_;
};

TEST_P(families_test, answers_as_transformers_does) {
  const bool per_token = GetParam().output == head::token_logits || GetParam().output == head::span_logits;
  EXPECT_EQ(loaded_.compute->row_per_token(), per_token);
  const auto rows = loaded_.compute->run(batch_, nullptr);
  ASSERT_TRUE(rows) << rows.error().message;
  std::size_t at = 0;
  for (const auto& c : cases_) {
    ASSERT_EQ(c.expected.size(), loaded_.compute->rows_for(c.input) * rows->width);
    ASSERT_LE(at + c.expected.size(), rows->values.size());
    EXPECT_LT(testing::largest_difference(c.expected, rows->values.data() + at), 1e-4)
        << c.input.ids.size() << " tokens";
    at += c.expected.size();
  }
  EXPECT_EQ(at, rows->values.size());
}

TEST_P(families_test, a_text_gives_the_same_bits_alone_with_neighbours_and_with_help) {
  auto batch = batch_;
  batch.insert(batch.end(), batch_.rbegin(), batch_.rend());
  const auto rows = loaded_.compute->run(batch, nullptr).value();
  test::lent_threads lent(2);
  std::size_t at = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto alone = run_one(*loaded_.compute, *batch[i], i % 2 == 0 ? nullptr : &lent.together());
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), rows.values.begin() + static_cast<std::ptrdiff_t>(at))) << i;
    at += alone.size();
  }
}

TEST_P(families_test, takes_its_longest_text_and_none_longer) {
  const auto longest = loaded_.compute->max_tokens();
  EXPECT_EQ(run_one(*loaded_.compute, {std::vector<std::int32_t>(longest, 5), {}}).size(),
            loaded_.compute->rows_for({std::vector<std::int32_t>(longest), {}}) * loaded_.compute->output_width());
  const sequence over{std::vector<std::int32_t>(longest + 1, 5), {}};
  const std::vector<const sequence*> batch{&over};
  EXPECT_FALSE(loaded_.compute->run(batch, nullptr));
}

INSTANTIATE_TEST_SUITE_P(every_family, families_test, ::testing::ValuesIn(golden_models()),
                         [](const auto& info) { return info.param.name; });

TEST(family_heads_test, name_their_labels) {
  for (const char* name : {"roberta_classifier", "distilbert_classifier", "deberta_v3_classifier"}) {
    const auto loaded = load_golden(name, head::logits);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_THAT(loaded->labels, ::testing::ElementsAre("wrong", "half right", "right"));
    EXPECT_TRUE(loaded->has_classifier);
  }
}

TEST(family_heads_test, are_not_taken_for_one_another) {
  EXPECT_THAT(load_golden("roberta", head::logits).error().message, HasSubstr("has no classification head"));
  EXPECT_THAT(load_golden("roberta_classifier", head::span_logits).error().message,
              HasSubstr("has no question answering head"));
  EXPECT_THAT(load_golden("roberta_span", head::token_logits).error().message,
              HasSubstr("has no token classification head"));
  EXPECT_THAT(load_golden("roberta_tokens", head::logits).error().message, HasSubstr("has no classification head"));
  EXPECT_FALSE(load_golden("roberta_tokens", head::token_logits)->has_classifier);
}

TEST(family_heads_test, embed_with_the_encoder_below_them) {
  for (const char* name : {"distilbert_classifier", "mpnet_span", "deberta_v3_tokens"}) {
    const auto loaded = load_golden(name, head::embedding);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->compute->output_width(), 32u);
    EXPECT_FALSE(loaded->compute->row_per_token());
  }
}

TEST(family_types_test, are_not_looked_at_where_a_model_has_none) {
  const auto loaded = load_golden("distilbert", head::embedding);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(run_one(*loaded->compute, {{4, 5, 6}, {0, 1, 1}}), run_one(*loaded->compute, {{4, 5, 6}, {}}));
}

// A setting changed in a golden's config.json, and what the refusal must name beside the file.
struct refused_setting {
  const char* model;
  const char* from;
  const char* to;
  std::vector<std::string> named;
};

TEST(family_settings_test, that_are_not_known_are_named_with_file_key_and_value) {
  const std::vector<refused_setting> settings{
      {"roberta", R"("hidden_act": "gelu")", R"("hidden_act": "mish")", {"hidden_act", "'mish'"}},
      {"roberta", R"("pad_token_id": 1)", R"("pad_token_id": 41)", {"max_position_embeddings 42", "padding id 41"}},
      {"roberta", R"("RobertaModel")", R"("RobertaForCausalLM")", {"'RobertaForCausalLM'", "RobertaModel"}},
      {"roberta", R"("is_decoder": false)", R"("is_decoder": true)", {"is_decoder"}},
      {"roberta",
       R"("pad_token_id": 1)",
       R"("pad_token_id": 1, "position_embedding_type": "relative_key")",
       {"position_embedding_type", "'relative_key'"}},
      {"distilbert", R"("activation": "relu")", R"("activation": "mish")", {"activation", "'mish'"}},
      {"distilbert", R"("n_heads": 4)", R"("n_heads": 5)", {"dim 32", "n_heads 5"}},
      {"electra", R"("embedding_size": 20)", R"("embedding_size": 0)", {"'embedding_size' is 0"}},
      {"mpnet",
       R"("relative_attention_num_buckets": 32)",
       R"("relative_attention_num_buckets": 64)",
       {"relative_attention_num_buckets 64", "32"}},
      {"deberta_v3",
       R"("norm_rel_ebd": "layer_norm")",
       R"("norm_rel_ebd": "batch_norm")",
       {"norm_rel_ebd", "'batch_norm'"}},
      {"deberta_v3", R"("position_buckets": 16)", R"("position_buckets": 2)", {"position_buckets 2"}},
      {"deberta_v3",
       R"("position_buckets": 16)",
       R"("position_buckets": 16, "conv_kernel_size": 4)",
       {"conv_kernel_size 4"}},
      {"deberta_v3",
       R"("relative_attention": true)",
       R"("relative_attention": false)",
       {"relative_attention false", "pos_att_type"}},
      {"deberta_v3",
       R"("pooler_hidden_act": "gelu")",
       R"("pooler_hidden_act": "mish")",
       {"pooler_hidden_act", "'mish'"}},
      {"roberta_span", R"("architectures")", R"("num_labels": 3, "architectures")", {"num_labels is 3"}},
  };
  for (const auto& s : settings) {
    const scratch_folder folder;
    folder.copy_golden(s.model);
    folder.edit("config.json", s.from, s.to);
    const auto inspected = inspect(folder.path());
    ASSERT_FALSE(inspected) << s.model << " " << s.to;
    EXPECT_THAT(inspected.error().message, HasSubstr("config.json"));
    for (const auto& name : s.named)
      EXPECT_THAT(inspected.error().message, HasSubstr(name)) << s.model;
  }
}

TEST(family_settings_test, an_unknown_kind_of_attention_is_named) {
  const scratch_folder folder;
  folder.copy_golden("deberta_own_projections");
  folder.edit("config.json", R"("c2p")", R"("p2p")");
  EXPECT_THAT(inspect(folder.path()).error().message, AllOf(HasSubstr("pos_att_type"), HasSubstr("'p2p'")));
}

TEST(family_tensors_test, that_are_missing_or_not_known_are_named) {
  const scratch_folder folder;
  folder.copy_golden("electra");
  folder.edit("model.safetensors", "\"embeddings_project.bias\"", "\"embeddings_project.bios\"");
  EXPECT_THAT(inspect(folder.path()).error().message, HasSubstr("no tensor 'embeddings_project.bias'"));
  folder.copy_golden("deberta_v3");
  folder.edit("config.json", R"("num_hidden_layers": 2)", R"("num_hidden_layers": 1)");
  EXPECT_THAT(inspect(folder.path()).error().message,
              AllOf(HasSubstr("'encoder.layer.1."), HasSubstr("not part of a DeBERTa model")));
}

} // namespace
} // namespace chalkstream::models
