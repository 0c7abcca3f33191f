#include "pipelines/exported_directory.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace chalkstream::pipelines {
namespace {

using models::exported_program;
using models::program_input;
using models::program_output;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto full = R"(file: model.pt2
inputs:
  ids: {holds: input_ids, dtype: int32}
  attention_mask: {dtype: float32}
  token_type_ids:
  position_ids:
output: {holds: token_states, key: last_hidden_state, pooling: cls, normalize: false}
vocabulary: 30522
token_types: 1
max_tokens: 512
padding_id: 3
fixed_batch: 8
fixed_length: true
)";

constexpr std::string_view least = "file: model.pt\ninputs: {input_ids: }\noutput: {holds: embeddings}\n"
                                   "vocabulary: 97\nmax_tokens: 40\n";

std::string wrong(std::string_view text) {
  const auto read = parse_exported_program(text, "model.yaml");
  return read ? "" : read.error().message;
}

std::string wrong_without(std::string_view line, std::string_view instead) {
  std::string text(full);
  text.replace(text.find(line), line.size(), instead);
  return wrong(text);
}

TEST(exported_directory_test, every_key_is_read) {
  const auto read = parse_exported_program(full, "model.yaml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->file, "model.pt2");
  ASSERT_EQ(read->inputs.size(), 4U);
  EXPECT_EQ(read->inputs[0].name, "ids");
  EXPECT_EQ(read->inputs[0].holds, program_input::input_ids);
  EXPECT_EQ(read->inputs[0].type, models::input_type::int32);
  EXPECT_EQ(read->inputs[1].holds, program_input::attention_mask);
  EXPECT_EQ(read->inputs[1].type, models::input_type::float32);
  EXPECT_EQ(read->inputs[3].holds, program_input::position_ids);
  EXPECT_EQ(read->output, program_output::token_states);
  ASSERT_EQ(read->places.size(), 1U);
  EXPECT_EQ(read->places[0].key, "last_hidden_state");
  EXPECT_EQ(read->pooling, models::pooling_mode::first_token);
  EXPECT_FALSE(read->normalize);
  EXPECT_EQ(read->vocabulary, 30522U);
  EXPECT_EQ(read->token_types, 1U);
  EXPECT_EQ(read->max_tokens, 512U);
  EXPECT_EQ(read->padding_id, 3);
  EXPECT_EQ(read->fixed_batch, 8U);
  EXPECT_TRUE(read->fixed_length);
}

TEST(exported_directory_test, little_has_to_be_said) {
  const auto read = parse_exported_program(least, "model.yaml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->inputs[0].type, models::input_type::int64);
  EXPECT_FALSE(read->normalize);
  EXPECT_EQ(read->token_types, 2U);
  EXPECT_FALSE(read->fixed_batch);
  EXPECT_FALSE(read->fixed_length);
  EXPECT_EQ(read->places[0].index, 0U);
}

TEST(exported_directory_test, token_states_are_pooled_as_embeddings_are_elsewhere) {
  const auto read = parse_exported_program(
      "file: m.pt\ninputs: {input_ids: }\noutput: {holds: token_states}\nvocabulary: 9\nmax_tokens: 9\n",
      "model.yaml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->pooling, models::pooling_mode::mean);
  EXPECT_TRUE(read->normalize);
}

TEST(exported_directory_test, starts_and_ends_may_be_two_tensors) {
  std::string text(least);
  const auto at = text.find("{holds: embeddings}");
  text.replace(at, 19, "{holds: span_logits, index: [2, 3]}");
  const auto read = parse_exported_program(text, "model.yaml");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->places.size(), 2U);
  EXPECT_EQ(read->places[1].index, 3U);
  text.replace(text.find("[2, 3]"), 6, "[2, 3, 4]");
  EXPECT_THAT(wrong(text), HasSubstr("output.index: expected one tensor, or one of starts and one of ends"));
}

TEST(exported_directory_test, unknown_keys_are_named_with_their_line_and_what_was_meant) {
  EXPECT_THAT(wrong_without("max_tokens", "maxtokens"),
              HasSubstr("model.yaml:10:1: unknown key 'maxtokens'; did you mean 'max_tokens'?"));
  EXPECT_THAT(wrong_without("dtype: int32", "type: int32"),
              HasSubstr("model.yaml:3:27: unknown key 'type' in inputs.ids"));
  EXPECT_THAT(wrong_without("pooling: cls", "poolin: cls"),
              HasSubstr("unknown key 'poolin' in output; did you mean 'pooling'?"));
}

TEST(exported_directory_test, everything_that_is_missing_is_said_at_once) {
  EXPECT_THAT(wrong("padding_id: 0\n"), AllOf(HasSubstr("'file' is missing"), HasSubstr("'inputs' is missing"),
                                              HasSubstr("'output' is missing"), HasSubstr("'vocabulary' is missing"),
                                              HasSubstr("'max_tokens' is missing")));
  EXPECT_THAT(wrong("- a list\n"), HasSubstr("expected keys and values"));
  EXPECT_THAT(wrong(""), HasSubstr("'file' is missing"));
  EXPECT_THAT(wrong("file: [\n"), HasSubstr("not valid YAML"));
}

TEST(exported_directory_test, values_that_cannot_be_meant_are_refused) {
  EXPECT_THAT(wrong_without("model.pt2", "../model.pt2"), HasSubstr("expected a name in this directory"));
  EXPECT_THAT(wrong_without("holds: input_ids", "holds: attention_mask"), HasSubstr("two of them hold the same"));
  EXPECT_THAT(wrong_without("ids: {holds: input_ids, ", "ids: {"), HasSubstr("'holds' is missing"));
  EXPECT_THAT(wrong_without("  attention_mask: {dtype: float32}\n", ""),
              HasSubstr("needs an input that holds attention_mask"));
  EXPECT_THAT(wrong_without("padding_id: 3", "padding_id: 30522"), HasSubstr("expected an id below vocabulary"));
  EXPECT_THAT(wrong_without("holds: token_states", "holds: embeddings"),
              HasSubstr("output.pooling: belongs to an output that holds token_states"));
  EXPECT_THAT(wrong_without("key: last_hidden_state", "key: a, index: 1"), HasSubstr("found by either"));
  EXPECT_THAT(wrong_without("max_tokens: 512", "max_tokens: 0"), HasSubstr("a whole number from 1 to"));
}

TEST(exported_directory_test, a_directory_without_one_has_none) {
  std::string folder = (std::filesystem::temp_directory_path() / "chalkstream-exported-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  EXPECT_EQ(read_exported_program(folder).value(), nullptr);
  std::ofstream(folder + "/model.yaml") << least;
  const auto read = read_exported_program(folder);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_NE(*read, nullptr);
  EXPECT_EQ((*read)->vocabulary, 97U);
  std::filesystem::remove_all(folder);
}

} // namespace
} // namespace chalkstream::pipelines
