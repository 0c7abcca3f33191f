// Fine-tuning against PyTorch's own steps, and what is written and read again.
#include "models/new_file.hpp"
#include "models/repository.hpp"
#include "models/training/trainable_encoder.hpp"
#include "tests/models/device_under_test.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <limits>

namespace chalkstream::models::training {
namespace {

using models::testing::golden;
using models::testing::golden_case;
using models::testing::golden_cases;
using models::testing::scratch_folder;
using nlohmann::json;
using ::testing::HasSubstr;

void forget_dropout(const scratch_folder& folder) {
  auto config = json::parse(folder.read("config.json"));
  for (auto& [key, value] : config.items())
    if (key.find("dropout") != std::string::npos && value.is_number())
      value = 0.0;
  folder.write("config.json", config.dump());
}

std::vector<std::string> labels_in(const scratch_folder& folder) {
  std::vector<std::string> labels;
  const auto config = json::parse(folder.read("config.json"));
  const auto& names = config.at("id2label");
  for (std::size_t i = 0; i < names.size(); ++i)
    labels.push_back(names.at(std::to_string(i)));
  return labels;
}

trainable_settings settings_for(const scratch_folder& folder, const std::string& kind) {
  trainable_settings settings;
  settings.model.directory = folder.path();
  settings.threads = 1;
  settings.device = models::testing::device_under_test();
  settings.optimiser.weight_decay = 0.1;
  settings.optimiser.clip = 0.5;
  if (kind == "span") {
    settings.model.head = head_kind::span;
    settings.learns = objective::answers;
  } else {
    settings.model.labels = labels_in(folder);
    settings.learns = kind == "label" ? objective::labels : objective::scores;
  }
  return settings;
}

/// The goals of make_training_goldens.py.
std::vector<target> goals_of(const std::vector<golden_case>& cases, const trainable_settings& settings) {
  std::vector<target> goals(cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto outputs = settings.model.labels.size();
    if (settings.learns == objective::labels)
      goals[i].label = i % outputs;
    goals[i].scores.assign(outputs, static_cast<double>(i) * 0.5);
    const auto last = cases[i].input.ids.size() - 1;
    goals[i].answer = {i % (last + 1), last};
  }
  return goals;
}

std::vector<training_example> examples_of(const std::vector<golden_case>& cases, const std::vector<target>& goals) {
  std::vector<training_example> examples;
  for (std::size_t i = 0; i < cases.size(); ++i)
    examples.push_back({&cases[i].input, &goals[i]});
  return examples;
}

TEST(training_test, steps_are_those_of_pytorch_for_every_family_and_head) {
  std::ifstream file(golden("training.json"));
  const auto goldens = json::parse(file);
  ASSERT_GT(goldens.size(), 15U);
  for (const auto& expected : goldens) {
    const auto name = expected.at("model").get<std::string>();
    const scratch_folder folder;
    folder.copy_golden(name);
    forget_dropout(folder);
    const auto settings = settings_for(folder, expected.at("kind"));
    const auto made = trainable_encoder::make(settings);
    ASSERT_TRUE(made) << name << ": " << made.error().message;
    const auto cases = golden_cases(golden(name) / "expected.json", "logits");
    const auto goals = goals_of(cases, settings);
    const auto examples = examples_of(cases, goals);
    for (std::size_t step = 0; step < expected.at("losses").size(); ++step) {
      const auto loss = (*made)->learn(examples, examples.size(), step);
      ASSERT_TRUE(loss) << name << ": " << loss.error().message;
      const auto wanted = expected.at("losses").at(step).get<double>();
      EXPECT_NEAR(*loss, wanted, 2e-4 * std::max(1.0, wanted)) << name << ", step " << step;
      const auto norm = (*made)->update(1e-3);
      ASSERT_TRUE(norm) << name;
      const auto wanted_norm = expected.at("norms").at(step).get<double>();
      EXPECT_NEAR(*norm, wanted_norm, 2e-3 * std::max(1.0, wanted_norm)) << name << ", step " << step;
    }
  }
}

class learning_model : public ::testing::Test {
protected:
  learning_model() {
    folder.copy_golden("electra_classifier");
    settings = settings_for(folder, "label");
    cases = golden_cases(golden("electra_classifier") / "expected.json", "logits");
    goals = goals_of(cases, settings);
    examples = examples_of(cases, goals);
  }

  std::unique_ptr<trainable_encoder> make() {
    auto made = trainable_encoder::make(settings);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }

  std::vector<double> take_steps(trainable_encoder& model, std::size_t from, std::size_t to) {
    std::vector<double> losses;
    for (auto step = from; step < to; ++step) {
      losses.push_back(*model.learn(examples, examples.size(), step)); // with dropout
      EXPECT_TRUE(model.update(1e-3));
    }
    return losses;
  }

  scratch_folder folder;
  trainable_settings settings;
  std::vector<golden_case> cases;
  std::vector<target> goals;
  std::vector<training_example> examples;
};

TEST_F(learning_model, goes_on_from_a_checkpoint_to_the_last_bit) {
  const auto whole = make();
  const auto first = take_steps(*whole, 0, 3);
  const std::vector<double> numbers{1.5, 1.0 / 3};
  ASSERT_TRUE(whole->write_checkpoint(folder.path() / "c", numbers, "text\n"));
  const auto rest = take_steps(*whole, 3, 6);

  const auto again = make();
  const auto found = again->read_checkpoint(folder.path() / "c");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->numbers, numbers);
  EXPECT_EQ(found->text, "text\n");
  EXPECT_EQ(take_steps(*again, 3, 6), rest);
  ASSERT_TRUE(whole->write_checkpoint(folder.path() / "whole", {}, ""));
  ASSERT_TRUE(again->write_checkpoint(folder.path() / "again", {}, ""));
  EXPECT_EQ(folder.read("whole"), folder.read("again"));
  EXPECT_NE(folder.read("whole"), folder.read("c"));
}

TEST_F(learning_model, draws_what_the_seed_says) {
  const auto a = make()->learn(examples, 1, 7);
  const auto b = make()->learn(examples, 1, 7);
  const auto c = make()->learn(examples, 1, 8);
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(*a, *b);
  EXPECT_NE(*a, *c);
}

TEST_F(learning_model, refuses_a_checkpoint_of_another_model) {
  const auto model = make();
  folder.write("no", "nothing");
  EXPECT_EQ(model->read_checkpoint(folder.path() / "no").error().code, errc::corrupt);
  EXPECT_EQ(model->read_checkpoint(folder.path() / "model.safetensors").error().code, errc::corrupt);
  EXPECT_EQ(model->read_checkpoint(folder.path() / "nowhere").error().code, errc::not_found);
}

TEST_F(learning_model, writes_a_directory_that_serves_what_it_judges) {
  const auto model = make();
  take_steps(*model, 0, 4);
  const auto out = folder.path() / "out";
  ASSERT_TRUE(model->write_model(out, 0));
  load_request request;
  request.name = "m";
  request.directory = out;
  request.output = head::logits;
  const auto loaded = load(request, observer::none(), log::none());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->labels, settings.model.labels);
  const auto judged = model->judge(examples);
  ASSERT_TRUE(judged);
  std::vector<const sequence*> batch;
  for (const auto& one : cases)
    batch.push_back(&one.input);
  const auto served = loaded->compute->run(batch, nullptr);
  ASSERT_TRUE(served) << served.error().message;
  ASSERT_EQ(served->values.size(), judged->rows.values.size());
  EXPECT_LT(models::testing::largest_difference(judged->rows.values, served->values.data()), 1e-4);
}

TEST_F(learning_model, a_head_for_other_labels_begins_anew_and_one_for_the_same_goes_on) {
  const auto same = make()->judge(examples);
  settings.model.labels.back() = "another";
  const auto other = make()->judge(examples);
  ASSERT_TRUE(same && other);
  EXPECT_LT(models::testing::largest_difference(cases[0].expected, same->rows.values.data()), 1e-4);
  EXPECT_GT(models::testing::largest_difference(cases[0].expected, other->rows.values.data()), 1e-2);
}

TEST_F(learning_model, gradients_that_are_no_numbers_move_nothing) {
  settings.label_weights.assign(settings.model.labels.size(), std::numeric_limits<double>::infinity());
  const auto broken = make();
  const auto before = broken->judge(examples);
  ASSERT_TRUE(broken->learn(examples, 1, 0));
  const auto norm = broken->update(1);
  ASSERT_TRUE(norm);
  EXPECT_FALSE(std::isfinite(*norm));
  const auto after = broken->judge(examples);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->rows.values, after->rows.values);
}

TEST(new_file_test, a_file_is_replaced_whole_or_not_at_all) {
  const scratch_folder folder;
  const auto place = folder.path() / "file";
  ASSERT_TRUE(write_file(place, "old"));
  {
    auto half = new_file::create(place);
    ASSERT_TRUE(half);
    ASSERT_TRUE(half->write("half"));
  }
  EXPECT_EQ(folder.read("file"), "old");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "file.new"));
  ASSERT_TRUE(write_file(place, "new"));
  EXPECT_EQ(folder.read("file"), "new");
  EXPECT_THAT(write_file(folder.path() / "nowhere" / "file", "x").error().message,
              HasSubstr("nowhere/file: cannot be"));
}

TEST(safetensors_writer_test, what_is_written_is_read_again) {
  const scratch_folder folder;
  const std::vector<float> numbers{1, -2.5f, 3};
  const std::string text = "ä\"";
  const std::vector<tensor_view> tensors{
      {"b.weight", element_type::f32, {3, 1}, std::as_bytes(std::span(numbers))},
      {"a", element_type::u8, {text.size()}, std::as_bytes(std::span(text))},
      {"scalar", element_type::f32, {}, std::as_bytes(std::span(numbers.data(), 1))}};
  ASSERT_TRUE(write_safetensors(folder.path() / "file", tensors));
  const auto archive = tensor_archive::open_file(folder.path() / "file");
  ASSERT_TRUE(archive) << archive.error().message;
  ASSERT_EQ(archive->tensors().size(), 3U);
  const auto* found = archive->find("b.weight");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->shape, tensors[0].shape);
  EXPECT_EQ(*to_float(*found), numbers);
  EXPECT_EQ(archive->find("a")->bytes.size(), text.size());
  EXPECT_THAT(folder.read("file"), HasSubstr(R"("__metadata__":{"format":"pt"})"));
}

TEST(safetensors_writer_test, tensors_that_lie_elsewhere_have_one_name_each) {
  const std::vector<float> numbers{1};
  const tensor_view one{"x", element_type::f32, {1}, std::as_bytes(std::span(numbers))};
  EXPECT_TRUE(tensor_archive::of({one}, nullptr));
  EXPECT_EQ(tensor_archive::of({one, one}, nullptr).error().code, errc::corrupt);
}

} // namespace
} // namespace chalkstream::models::training
