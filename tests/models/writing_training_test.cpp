// Learning to write against PyTorch's own steps; beginning anew; what is written and read again.
#include "models/repository.hpp"
#include "models/training/starting_writer.hpp"
#include "models/training/trainable_lstm.hpp"
#include "models/training/trainable_transformer.hpp"
#include "tests/models/device_under_test.hpp"
#include "tests/models/generating_golden.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <random>

namespace chalkstream::models::training {
namespace {

using models::testing::golden;
using models::testing::scratch_folder;
using models::testing::written_golden;
using models::testing::written_goldens;
using nlohmann::json;
using ::testing::HasSubstr;

std::vector<writing_example> examples_of(const std::vector<written_golden>& cases) {
  std::vector<writing_example> examples;
  for (const auto& one : cases)
    examples.push_back({one.source, one.ids});
  return examples;
}

std::size_t tokens_in(const std::vector<writing_example>& examples) {
  std::size_t tokens = 0;
  for (const auto& example : examples)
    tokens += example.target.size();
  return tokens;
}

/// A golden model as a directory to start from.
void take_golden(const scratch_folder& folder, const std::string& name, bool dropout) {
  folder.copy_golden("generating/" + name);
  auto config = json::parse(folder.read("config.json"));
  for (auto& [key, value] : config.items())
    if (!dropout && key.find("dropout") != std::string::npos && value.is_number())
      value = 0.0;
  folder.write("config.json", config.dump());
}

template <class Settings>
Settings quick_settings() {
  Settings settings;
  settings.threads = 1;
  settings.device = models::testing::device_under_test();
  settings.optimiser.weight_decay = 0.1;
  settings.optimiser.clip = 0.5;
  settings.smoothing = 0.1;
  return settings;
}

result<std::unique_ptr<trainable_writer>> try_from(const std::filesystem::path& directory) {
  CHALK_TRY(const bool recurrent, is_lstm(directory));
  if (recurrent) {
    CHALK_TRY(auto start, start_lstm_from(directory));
    return make_trainable_lstm(std::move(start), quick_settings<lstm_settings>());
  }
  CHALK_TRY(auto start, start_writing_from(directory));
  return make_trainable_transformer(std::move(start), quick_settings<transformer_settings>());
}

std::unique_ptr<trainable_writer> make_from(const std::filesystem::path& directory) {
  auto made = try_from(directory);
  EXPECT_TRUE(made) << made.error().message;
  return made ? std::move(*made) : nullptr;
}

std::vector<double> take_steps(trainable_writer& model, const std::vector<writing_example>& examples,
                               std::size_t from, std::size_t to) {
  std::vector<double> losses;
  for (auto step = from; step < to; ++step) {
    losses.push_back(*model.learn(examples, tokens_in(examples), step));
    EXPECT_TRUE(model.update(1e-3));
  }
  return losses;
}

/// Greedily.
std::vector<std::int32_t> write(const model& by, std::span<const std::int32_t> source, std::size_t longest) {
  generation_settings wanted;
  wanted.max_new_tokens = longest;
  wanted.beams = 1;
  wanted.sample = false;
  const sequence prompt{{source.begin(), source.end()}, {}, std::make_shared<const generation_settings>(wanted)};
  auto text = by.begin(prompt);
  EXPECT_TRUE(text && *text);
  while (!(*text)->finished()) {
    writing* const batch[]{text->get()};
    if (const auto done = by.step(batch); !done) {
      ADD_FAILURE() << done.error().message;
      return {};
    }
  }
  return (*text)->take().ids;
}

void expect_pytorchs_steps(const json& goldens) {
  for (const auto& expected : goldens) {
    const auto name = expected.at("model").get<std::string>();
    const scratch_folder folder;
    take_golden(folder, name, false);
    const auto model = make_from(folder.path());
    ASSERT_NE(model, nullptr) << name;
    const auto cases = written_goldens(name);
    const auto examples = examples_of(cases);
    for (const auto& example : examples)
      ASSERT_TRUE(model->check(example)) << name;
    for (std::size_t step = 0; step < expected.at("losses").size(); ++step) {
      const auto loss = model->learn(examples, tokens_in(examples), step);
      ASSERT_TRUE(loss) << name << ": " << loss.error().message;
      const auto wanted = expected.at("losses").at(step).get<double>();
      EXPECT_NEAR(*loss, wanted, 2e-4 * std::max(1.0, wanted)) << name << ", step " << step;
      const auto norm = model->update(1e-3);
      ASSERT_TRUE(norm) << name;
      const auto wanted_norm = expected.at("norms").at(step).get<double>();
      EXPECT_NEAR(*norm, wanted_norm, 2e-3 * std::max(1.0, wanted_norm)) << name << ", step " << step;
    }
    const auto plain = model->judge(examples);
    ASSERT_TRUE(plain) << name << ": " << plain.error().message;
    EXPECT_NEAR(*plain / static_cast<double>(tokens_in(examples)), expected.at("plain").get<double>(), 2e-3) << name;
  }
}

json goldens_of(const char* name) {
  std::ifstream file(golden(name));
  return json::parse(file);
}

TEST(writing_training_test, steps_are_those_of_pytorch_for_every_family) {
  const auto goldens = goldens_of("writing_training.json");
  ASSERT_GT(goldens.size(), 8U);
  expect_pytorchs_steps(goldens);
}

TEST(writing_training_test, steps_of_lstms_are_those_of_pytorch) {
  const auto goldens = goldens_of("lstm_training.json");
  ASSERT_EQ(goldens.size(), 2U);
  expect_pytorchs_steps(goldens);
}

/// Of a transformer and of an LSTM.
class model_that_learns_to_write : public ::testing::TestWithParam<const char*> {
protected:
  model_that_learns_to_write() : cases(written_goldens(GetParam())), examples(examples_of(cases)) {
    take_golden(folder, GetParam(), true);
  }

  scratch_folder folder;
  std::vector<written_golden> cases;
  std::vector<writing_example> examples;
};

TEST_P(model_that_learns_to_write, goes_on_from_a_checkpoint_to_the_last_bit) {
  const auto whole = make_from(folder.path());
  take_steps(*whole, examples, 0, 3);
  ASSERT_TRUE(whole->write_checkpoint(folder.path() / "c", std::vector<double>{0.5}, "text"));
  const auto rest = take_steps(*whole, examples, 3, 6);
  const auto again = make_from(folder.path());
  const auto found = again->read_checkpoint(folder.path() / "c");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->text, "text");
  EXPECT_EQ(take_steps(*again, examples, 3, 6), rest);
  ASSERT_TRUE(whole->write_checkpoint(folder.path() / "whole", {}, ""));
  ASSERT_TRUE(again->write_checkpoint(folder.path() / "again", {}, ""));
  EXPECT_EQ(folder.read("whole"), folder.read("again"));
  EXPECT_NE(folder.read("whole"), folder.read("c"));
}

TEST_P(model_that_learns_to_write, draws_what_the_seed_says_and_nothing_when_it_is_judged) {
  const auto a = make_from(folder.path());
  const auto first = a->learn(examples, 1, 7);
  const auto same = make_from(folder.path())->learn(examples, 1, 7);
  const auto other = make_from(folder.path())->learn(examples, 1, 8);
  ASSERT_TRUE(first && same && other);
  EXPECT_EQ(*first, *same);
  EXPECT_NE(*first, *other);
  EXPECT_EQ(*a->judge(examples), *a->judge(examples));
}

TEST_P(model_that_learns_to_write, does_not_depend_on_what_a_batch_is_made_of) {
  const auto model = make_from(folder.path());
  double alone = 0;
  for (const auto& example : examples)
    alone += *model->judge({&example, 1});
  EXPECT_NEAR(*model->judge(examples), alone, 1e-3 * alone);
}

TEST_P(model_that_learns_to_write, serves_what_it_has_learnt_from_its_directory_and_from_memory) {
  const auto model = make_from(folder.path());
  take_steps(*model, examples, 0, 8);
  const auto out = folder.path() / "out";
  const std::vector<model_file> tokenizer{{"tokenizer.json", "{}"}};
  ASSERT_TRUE(model->write_model(out, tokenizer));
  EXPECT_EQ(folder.read("out/tokenizer.json"), "{}");
  load_request request;
  request.name = "m";
  request.directory = out;
  request.output = head::text;
  request.text_cache_bytes = std::size_t{1} << 22;
  const auto loaded = load(request, observer::none(), log::none());
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto copy = model->as_model();
  ASSERT_TRUE(copy) << copy.error().message;
  const auto before = write(*loaded->compute, examples[1].source, 20);
  EXPECT_EQ(before, write(**copy, examples[1].source, 20));
  take_steps(*model, examples, 8, 30); // the copy has weights of its own
  EXPECT_EQ(before, write(**copy, examples[1].source, 20));
}

TEST_P(model_that_learns_to_write, refuses_what_is_not_its_own) {
  const auto model = make_from(folder.path());
  const std::vector<std::int32_t> good{1, 2}, outside{1, 41}, negative{-1}, longer(41, 3), none;
  EXPECT_TRUE(model->check({good, good}));
  for (const auto* bad : {&outside, &negative, &longer, &none}) {
    EXPECT_EQ(model->check({*bad, good}).error().code, errc::invalid_argument);
    EXPECT_EQ(model->check({good, *bad}).error().code, errc::invalid_argument);
  }
  folder.write("no", "nothing");
  EXPECT_EQ(model->read_checkpoint(folder.path() / "no").error().code, errc::corrupt);
  EXPECT_EQ(model->read_checkpoint(folder.path() / "model.safetensors").error().code, errc::corrupt);
  const scratch_folder alone;
  alone.copy_golden("generating/gpt2");
  EXPECT_THAT(start_writing_from(alone.path()).error().message, HasSubstr("has no encoder"));
  auto config = json::parse(folder.read("config.json"));
  config["decoder_start_token_id"] = 77;
  folder.write("config.json", config.dump());
  EXPECT_EQ(try_from(folder.path()).error().code, errc::invalid_configuration);
}

INSTANTIATE_TEST_SUITE_P(of, model_that_learns_to_write, ::testing::Values("bart", "lstm"),
                         [](const auto& info) { return std::string(info.param); });

TEST(starting_writer_test, copies_of_a_shared_table_learn_as_one) {
  const scratch_folder folder, copied;
  take_golden(folder, "marian", false);
  take_golden(copied, "marian", false);
  {
    const auto archive = tensor_archive::open(folder.path());
    ASSERT_TRUE(archive);
    std::vector<tensor_view> tensors(archive->tensors().begin(), archive->tensors().end());
    for (const char* name :
         {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"}) {
      tensors.push_back(*archive->find("model.shared.weight"));
      tensors.back().name = name;
    }
    ASSERT_TRUE(write_safetensors(copied.path() / "model.safetensors", tensors));
  }
  const auto cases = written_goldens("marian");
  const auto examples = examples_of(cases);
  const auto one = make_from(folder.path());
  const auto other = make_from(copied.path());
  EXPECT_EQ(take_steps(*one, examples, 0, 3), take_steps(*other, examples, 0, 3));
  ASSERT_TRUE(other->write_model(copied.path() / "out", {}));
  const auto archive = tensor_archive::open(copied.path() / "out");
  ASSERT_TRUE(archive);
  EXPECT_NE(archive->find("model.shared.weight"), nullptr);
  EXPECT_EQ(archive->find("lm_head.weight"), nullptr);
  EXPECT_EQ(archive->find("model.encoder.embed_tokens.weight"), nullptr);
}

TEST(starting_writer_test, sizes_that_make_no_model_are_refused) {
  transformer_sizes sizes;
  sizes.heads = 3;
  const auto made = start_writing_anew(sizes, {.size = 10, .end = 2, .unknown = 1}, 0);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("256 cannot be shared by 3 heads"));
}

/// Words 3 to 11 in some order, and the same the other way round.
struct reversed_words {
  std::vector<std::vector<std::int32_t>> sources, targets;

  explicit reversed_words(std::size_t count) {
    std::mt19937 random(1);
    for (std::size_t i = 0; i < count; ++i) {
      auto& source = sources.emplace_back();
      for (std::size_t k = 0; k < 2 + random() % 3; ++k)
        source.push_back(static_cast<std::int32_t>(3 + random() % 9));
      auto& target = targets.emplace_back(source.rbegin(), source.rend());
      source.push_back(2);
      target.push_back(2);
    }
  }
};

void expect_learns_to_reverse(trainable_writer& model) {
  const reversed_words words(64);
  std::vector<writing_example> examples;
  for (std::size_t i = 0; i < words.sources.size(); ++i)
    examples.push_back({words.sources[i], words.targets[i]});
  const auto tokens = tokens_in(examples);
  for (std::size_t step = 0; step < 250; ++step) {
    ASSERT_TRUE(model.learn(examples, tokens, step));
    ASSERT_TRUE(model.update(3e-3));
  }
  EXPECT_LT(*model.judge(examples) / static_cast<double>(tokens), 0.05);
  const auto copy = model.as_model();
  ASSERT_TRUE(copy) << copy.error().message;
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_EQ(write(**copy, words.sources[i], 15), words.targets[i]);
}

TEST(starting_writer_test, a_model_that_begins_anew_learns_to_reverse) {
  transformer_sizes sizes;
  sizes.width = 32;
  sizes.heads = 4;
  sizes.inner = 64;
  sizes.encoder_layers = sizes.decoder_layers = 1;
  sizes.positions = 16;
  sizes.dropout = 0;
  auto start = start_writing_anew(sizes, {.size = 12, .end = 2, .unknown = 1}, 3);
  ASSERT_TRUE(start) << start.error().message;
  transformer_settings settings;
  settings.threads = 1;
  settings.device = models::testing::device_under_test();
  const auto model = make_trainable_transformer(std::move(*start), settings);
  ASSERT_TRUE(model) << model.error().message;
  expect_learns_to_reverse(**model);
}

TEST(starting_lstm_test, an_lstm_that_begins_anew_learns_to_reverse) {
  lstm_sizes sizes;
  sizes.width = 32;
  sizes.encoder_layers = sizes.decoder_layers = 2;
  sizes.positions = 16;
  sizes.dropout = 0;
  auto start = start_lstm_anew(sizes, {.size = 12, .end = 2, .unknown = 1}, 3);
  ASSERT_TRUE(start) << start.error().message;
  lstm_settings settings;
  settings.threads = 1;
  settings.device = models::testing::device_under_test();
  const auto model = make_trainable_lstm(std::move(*start), settings);
  ASSERT_TRUE(model) << model.error().message;
  expect_learns_to_reverse(**model);
}

TEST(starting_lstm_test, sizes_that_make_no_model_are_refused) {
  lstm_sizes sizes;
  sizes.width = 33;
  const auto odd = start_lstm_anew(sizes, {.size = 10, .end = 2, .unknown = 1}, 0);
  ASSERT_FALSE(odd);
  EXPECT_THAT(odd.error().message, HasSubstr("33 cannot be shared by the two directions"));
  sizes.width = 32;
  sizes.decoder_layers = 16;
  const auto deep = start_lstm_anew(sizes, {.size = 10, .end = 2, .unknown = 1}, 0);
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().message, HasSubstr("'decoder_layers' is 16"));
}

TEST(starting_lstm_test, is_not_begun_as_a_transformer) {
  EXPECT_THAT(start_writing_from(testing::generating_golden("lstm")).error().message, HasSubstr("lstm_seq2seq"));
}

} // namespace
} // namespace chalkstream::models::training
