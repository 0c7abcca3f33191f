#include "models/exported/exported_model.hpp"
#include "models/exported/processor.hpp"
#include "models/exported/tree_spec.hpp"
#include "models/repository.hpp"

#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace chalkstream::models {
namespace {

using ::testing::ElementsAre;
using testing::golden;
using testing::golden_cases;
using ::testing::HasSubstr;
using testing::largest_difference;

// As their model.yaml has it; pipelines read that.
exported_program described(program_output output, std::vector<output_place> places = {output_place{}}) {
  exported_program p;
  p.file = "model.pt";
  p.inputs = {{"input_ids", program_input::input_ids},
              {"attention_mask", program_input::attention_mask},
              {"token_type_ids", program_input::token_type_ids}};
  p.output = output;
  p.places = std::move(places);
  p.normalize = head_of(output) == head::embedding;
  p.vocabulary = 97;
  p.max_tokens = 40;
  return p;
}

exported_program scores() {
  auto p = described(program_output::scores);
  p.inputs.resize(1);
  return p;
}

load_request request(const std::filesystem::path& directory, const exported_program& program) {
  load_request r;
  r.name = "m";
  r.directory = directory;
  r.output = head_of(program.output);
  r.program = std::make_shared<const exported_program>(program);
  r.allow_code = true;
  return r;
}

result<loaded_model> load_golden(const char* name, const exported_program& program) {
  return load(request(golden("exported") / name, program), observer::none(), log::none());
}

std::string refusal(const load_request& wanted) {
  const auto loaded = load(wanted, observer::none(), log::none());
  return loaded ? "" : to_string(loaded.error());
}

std::string refusal(const char* name, const exported_program& program) {
  return refusal(request(golden("exported") / name, program));
}

// All at once: rectangles of several lengths, padded where there is a mask.
void expect_goldens(const model& m, const char* name, const char* row) {
  const auto cases = golden_cases(golden("exported") / name / "expected.json", row);
  ASSERT_FALSE(cases.empty());
  std::vector<const sequence*> batch;
  for (const auto& c : cases)
    batch.push_back(&c.input);
  const auto rows = m.run(batch, nullptr);
  ASSERT_TRUE(rows) << rows.error().message;
  const float* next = rows->values.data();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ASSERT_EQ(cases[i].expected.size(), m.rows_for(cases[i].input) * m.output_width());
    EXPECT_LT(largest_difference(cases[i].expected, next), 1e-5) << name << ", case " << i;
    next += cases[i].expected.size();
  }
  ASSERT_EQ(next, rows->values.data() + rows->values.size());
}

TEST(exported_test, torchscript_answers_as_transformers_does_for_every_kind_of_output) {
  const struct {
    const char* name;
    exported_program program;
    const char* row;
  } known[] = {{"embeddings", described(program_output::embeddings), "embedding"},
               {"token_states", described(program_output::token_states, {{0, "states"}}), "embedding"},
               {"classes", described(program_output::class_logits), "logits"},
               {"scores", scores(), "logits"},
               {"tokens", described(program_output::token_class_logits), "logits"},
               {"span", described(program_output::span_logits, {{0}, {1}}), "logits"}};
  for (const auto& [name, program, row] : known) {
    SCOPED_TRACE(name);
    const auto loaded = load_golden(name, program);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->max_tokens, 40U);
    expect_goldens(*loaded->compute, name, row);
  }
}

TEST(exported_test, a_row_does_not_depend_on_its_neighbours) {
  for (const auto* name : {"embeddings", "classes"}) {
    const bool vectors = std::string_view(name) == "embeddings";
    const auto loaded =
        load_golden(name, described(vectors ? program_output::embeddings : program_output::class_logits));
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto cases = golden_cases(golden("exported") / name / "expected.json", vectors ? "embedding" : "logits");
    std::vector<const sequence*> batch;
    for (std::size_t i = 0; i < 60; ++i)
      batch.push_back(&cases[i * 7 % cases.size()].input);
    const auto together = loaded->compute->run(batch, nullptr);
    ASSERT_TRUE(together) << together.error().message;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto alone = loaded->compute->run({&batch[i], 1}, nullptr);
      ASSERT_TRUE(alone);
      EXPECT_LT(largest_difference(alone->values, together->row(i).data()), 1e-5) << name << " " << i;
    }
  }
}

TEST(exported_test, what_was_exported_for_one_size_gets_no_other) {
  auto p = described(program_output::class_logits);
  p.fixed_batch = 4;
  p.fixed_length = true;
  const auto loaded = load_golden("classes", p);
  ASSERT_TRUE(loaded) << loaded.error().message;
  expect_goldens(*loaded->compute, "classes", "logits");
}

TEST(exported_test, names_its_classes) {
  auto p = described(program_output::class_logits);
  auto loaded = load_golden("classes", p);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->has_classifier);
  EXPECT_EQ(loaded->problem_type, "single_label_classification");
  EXPECT_THAT(loaded->labels, ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
  p.labels = {"wrong", "half right", "right"};
  p.multi_label = true;
  loaded = load_golden("classes", p);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->problem_type, "multi_label_classification");
  EXPECT_EQ(loaded->labels, p.labels);
  EXPECT_EQ(load_golden("scores", scores())->problem_type, "regression");
  p.labels.pop_back();
  EXPECT_THAT(refusal("classes", p), HasSubstr("output.labels names 2, and the program gives 3"));
}

TEST(exported_test, is_not_opened_unless_the_configuration_allows_code) {
  auto wanted = request(golden("exported") / "classes", described(program_output::class_logits));
  EXPECT_TRUE(inspect(wanted));
  wanted.allow_code = false;
  EXPECT_THAT(refusal(wanted), HasSubstr("an exported program is code: say allow_code: true"));
  EXPECT_THAT(inspect(wanted).error().message, HasSubstr("allow_code"));
  wanted.allow_code = true;
  wanted.program = nullptr;
  EXPECT_THAT(refusal(wanted), HasSubstr("model.yaml that was not read"));
}

TEST(exported_test, says_what_does_not_fit_the_program) {
  auto p = described(program_output::class_logits);
  p.inputs[1].name = "mask";
  EXPECT_THAT(refusal("classes", p), HasSubstr("inputs: there is no 'mask'; the program's inputs are input_ids, "
                                               "attention_mask, token_type_ids"));
  p = described(program_output::class_logits);
  p.inputs.pop_back();
  EXPECT_THAT(refusal("classes", p), HasSubstr("inputs: 'token_type_ids' is missing"));
  EXPECT_THAT(refusal("classes", described(program_output::class_logits, {{3}})),
              HasSubstr("no output 3; it gives a tuple of 1"));
  EXPECT_THAT(refusal("classes", described(program_output::class_logits, {{0, "logits"}})),
              HasSubstr("no output 'logits'; it gives no dictionary"));
  EXPECT_THAT(refusal("token_states", described(program_output::token_states, {{0, "hidden"}})),
              HasSubstr("no output 'hidden'; it gives 'states'"));
  EXPECT_THAT(refusal("token_states", described(program_output::token_states)), HasSubstr("say output.key"));
  EXPECT_THAT(
      refusal("tokens", described(program_output::class_logits)),
      HasSubstr("gives a tensor [1, 40, 2] for 1 rows of 40 tokens, and that is not the shape of class_logits"));
  EXPECT_THAT(refusal("classes", described(program_output::span_logits)), HasSubstr("not the shape of span_logits"));
  auto wanted = request(golden("exported") / "classes", described(program_output::class_logits));
  wanted.output = head::embedding;
  EXPECT_THAT(refusal(wanted), HasSubstr("gives class_logits (model.yaml), and something else is asked of it"));
  wanted.output = head::logits;
  wanted.device = "cuda";
  EXPECT_THAT(refusal(wanted), HasSubstr("on a CPU alone"));
}

TEST(exported_test, tables_that_are_smaller_than_said_show_when_it_is_loaded) {
  auto p = described(program_output::class_logits);
  p.vocabulary = 98;
  EXPECT_THAT(refusal("classes", p), HasSubstr("the largest id and token type: "));
  p.vocabulary = 97;
  p.token_types = 3;
  EXPECT_THAT(refusal("classes", p), HasSubstr("the largest id and token type: "));
  p.token_types = 2;
  p.max_tokens = 41;
  EXPECT_THAT(refusal("classes", p), HasSubstr("max_tokens tokens"));
}

TEST(exported_test, sequences_it_cannot_take_are_invalid_arguments) {
  const auto loaded = load_golden("classes", described(program_output::class_logits));
  ASSERT_TRUE(loaded);
  const auto refused = [&](const sequence& s) {
    const std::vector<const sequence*> batch{&s};
    const auto rows = loaded->compute->run(batch, nullptr);
    return rows ? "" : to_string(rows.error());
  };
  EXPECT_THAT(refused({}), HasSubstr("invalid_argument: a sequence has no tokens"));
  EXPECT_THAT(refused({std::vector<std::int32_t>(41, 1), {}}), HasSubstr("41 tokens; the model takes 40"));
  EXPECT_THAT(refused({{1, 97}, {}}), HasSubstr("outside the model's vocabulary of 97"));
  EXPECT_THAT(refused({{1, 2}, {0, 2}}), HasSubstr("token type is outside"));
  EXPECT_EQ(refused({{1, 96}, {0, 1}}), "");
}

TEST(exported_test, many_threads_share_one_program) {
  const auto loaded = load_golden("embeddings", described(program_output::embeddings));
  ASSERT_TRUE(loaded);
  std::vector<std::jthread> slots;
  for (int slot = 0; slot < 4; ++slot)
    slots.emplace_back([&] {
      for (int round = 0; round < 5; ++round)
        expect_goldens(*loaded->compute, "embeddings", "embedding");
    });
}

TEST(exported_test, has_a_digest_that_the_program_and_its_description_decide) {
  const testing::scratch_folder folder;
  folder.copy_golden("exported/classes");
  const auto digest = [&] {
    const auto loaded =
        load(request(folder.path(), described(program_output::class_logits)), observer::none(), log::none());
    return loaded ? loaded->compute->identity()->digest : loaded.error().message;
  };
  const auto before = digest();
  EXPECT_EQ(before.size(), 64U);
  EXPECT_EQ(digest(), before);
  folder.edit("model.yaml", "half right", "nearly right");
  const auto described_anew = digest();
  EXPECT_NE(described_anew, before);
  std::filesystem::copy_file(golden("exported") / "span" / "model.pt", folder.path() / "new");
  std::filesystem::rename(folder.path() / "new", folder.path() / "model.pt");
  const auto other =
      load(request(folder.path(), described(program_output::span_logits, {{0}, {1}})), observer::none(), log::none());
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_NE(other->compute->identity()->digest, described_anew);
}

TEST(exported_test, a_file_that_is_no_program_says_what_it_is) {
  const testing::scratch_folder folder;
  folder.write("model.yaml", "");
  const auto wanted = request(folder.path(), described(program_output::class_logits));
  EXPECT_THAT(refusal(wanted), HasSubstr("model.pt"));
  folder.write("model.pt", "not an archive at all");
  EXPECT_THAT(refusal(wanted), HasSubstr("corrupt: "));
  EXPECT_THAT(inspect(wanted).error().message, HasSubstr("model.pt"));
  // Cut short at every eighth.
  const testing::scratch_folder whole;
  whole.copy_golden("exported/classes");
  const auto bytes = whole.read("model.pt");
  for (std::size_t part = 0; part < 8; ++part) {
    folder.write("model.pt", std::string_view(bytes).substr(0, bytes.size() * part / 8));
    EXPECT_NE(refusal(wanted), "") << part;
  }
}

TEST(exported_test, a_compiled_programs_tensors_are_the_leaves_of_a_tree) {
  constexpr auto inputs = R"([1, {"type": "builtins.tuple", "context": "null", "children_spec": [
      {"type": "builtins.tuple", "context": "null", "children_spec": [{"type": null, "context": null, "children_spec": []}]},
      {"type": "builtins.dict", "context": "[\"attention_mask\", \"types\"]", "children_spec": [
        {"type": null, "context": null, "children_spec": []}, {"type": null, "context": null, "children_spec": []}]}]}])";
  const auto names = leaf_names(inputs);
  ASSERT_TRUE(names) << names.error().message;
  EXPECT_THAT(*names, ElementsAre("", "attention_mask", "types"));
  EXPECT_EQ(leaf_names(R"([2, {"type": null, "context": null, "children_spec": []}])").error().code,
            errc::unsupported);
  EXPECT_EQ(leaf_names(R"([1, {"type": "builtins.tuple"}])").error().code, errc::corrupt);
  EXPECT_EQ(leaf_names("[1, ").error().code, errc::corrupt);
}

TEST(exported_test, instructions_that_a_processor_lacks_are_named) {
  EXPECT_TRUE(check_instructions(""));
  EXPECT_TRUE(check_instructions("INVALID_VEC_ISA"));
  EXPECT_THAT(check_instructions("AVX9000").error().message, HasSubstr("'AVX9000'"));
  EXPECT_FALSE(machine().empty());
}

} // namespace
} // namespace chalkstream::models
