// Nets that read lines: learning against PyTorch's own steps, checkpoints, the directory that is read back, how steps
// become a text, and what they refuse.
#include "models/reading/line_reader.hpp"
#include "models/training/trainable_line_reader.hpp"
#include "tests/models/made_weights.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>

namespace chalkstream::models::training {
namespace {

using models::testing::golden;
using models::testing::pictures_of_size;
using models::testing::scratch_folder;
using models::testing::write_start;
using nlohmann::json;
using reading::line_reader;
using ::testing::HasSubstr;

class learning_lines : public ::testing::Test {
protected:
  learning_lines() {
    settings.net.hidden_sizes = {4, 6, 8, 8, 10};
    settings.net.state_size = 7;
    settings.net.characters = {"a", "é", "字"};
    settings.optimiser = adamw_settings{0.9, 0.999, 1e-8, 0.1, 1};
    settings.threads = 1;
    const std::vector<std::size_t> widths{46, 61, 40};
    for (std::size_t i = 0; i < widths.size(); ++i)
      pictures.push_back(pictures_of_size(widths[i], 32, 1, 1, 1000 + i).front());
    lines = {{&pictures[0], {1, 2, 2, 3}}, {&pictures[1], {3, 1}}, {&pictures[2], {2}}};
  }

  std::unique_ptr<trainable_line_reader> make() const {
    auto made = trainable_line_reader::make(settings);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }

  std::vector<double> take_steps(trainable_line_reader& model, int count) const {
    std::vector<double> losses;
    for (int step = 0; step < count; ++step) {
      const auto loss = model.learn(lines, lines.size());
      EXPECT_TRUE(loss) << loss.error().message;
      losses.push_back(*loss);
      EXPECT_TRUE(model.update(3e-3));
    }
    return losses;
  }

  trainable_line_reader_settings settings;
  std::vector<picture> pictures;
  std::vector<written_line> lines;
  scratch_folder folder;
};

TEST_F(learning_lines, steps_are_those_of_pytorch) {
  std::ifstream file(golden("line_training.json"));
  const auto expected = json::parse(file);
  const auto model = make();
  write_start(folder.path() / "start", reading::tensors_of(settings.net), false);
  const auto begun = model->read_checkpoint(folder.path() / "start");
  ASSERT_TRUE(begun) << begun.error().message;
  for (std::size_t step = 0; step < expected.at("losses").size(); ++step) {
    const auto loss = model->learn(lines, lines.size());
    ASSERT_TRUE(loss) << loss.error().message;
    const auto wanted = expected.at("losses").at(step).get<double>();
    EXPECT_NEAR(*loss, wanted, 2e-4 * wanted) << step;
    const auto norm = model->update(3e-3);
    ASSERT_TRUE(norm);
    const auto wanted_norm = expected.at("norms").at(step).get<double>();
    EXPECT_NEAR(*norm, wanted_norm, 2e-3 * wanted_norm) << step;
  }
  const auto judged = model->judge(lines);
  ASSERT_TRUE(judged) << judged.error().message;
  EXPECT_NEAR(judged->loss, expected.at("judged").get<double>(), 1e-3 * expected.at("judged").get<double>());
}

TEST_F(learning_lines, goes_on_from_a_checkpoint_to_the_last_bit) {
  const auto whole = make();
  take_steps(*whole, 3);
  const std::vector<double> numbers{1.5};
  ASSERT_TRUE(whole->write_checkpoint(folder.path() / "c", numbers, "text"));
  const auto rest = take_steps(*whole, 3);
  const auto again = make();
  ASSERT_TRUE(again->read_checkpoint(folder.path() / "c"));
  EXPECT_EQ(take_steps(*again, 3), rest);
  ASSERT_TRUE(whole->write_model(folder.path() / "a"));
  ASSERT_TRUE(again->write_model(folder.path() / "b"));
  EXPECT_EQ(folder.read("a/model.safetensors"), folder.read("b/model.safetensors"));
}

TEST_F(learning_lines, learns_a_few_lines_by_heart_and_is_read_back) {
  const auto model = make();
  take_steps(*model, 250);
  const auto judged = model->judge(lines);
  ASSERT_TRUE(judged) << judged.error().message;
  EXPECT_EQ(judged->texts[0].text, "aéé字");
  EXPECT_EQ(judged->texts[1].text, "字a");
  EXPECT_EQ(judged->texts[2].text, "é");
  ASSERT_TRUE(model->write_model(folder.path()));
  const auto reader = line_reader::open(folder.path(), "cpu");
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reading::configuration_of((*reader)->description()), folder.read("config.json"));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto read = (*reader)->read(pictures[i]);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->text, judged->texts[i].text);
    EXPECT_NEAR(read->confidence, judged->texts[i].confidence, 1e-5);
    EXPECT_GT(read->confidence, 0.3);
  }
}

TEST_F(learning_lines, any_picture_is_brought_to_the_height) {
  const auto wide = reading::brought_to_line({300, 64, 3, std::vector<std::uint8_t>(300 * 64 * 3, 200)});
  ASSERT_NE(wide, nullptr);
  EXPECT_EQ(wide->width, 150U);
  EXPECT_EQ(wide->height, 32U);
  EXPECT_EQ(wide->channels, 1U);
  EXPECT_EQ(wide->values, (std::vector<std::uint8_t>(150 * 32, 200)));
  EXPECT_EQ(reading::brought_to_line({1, 100, 1, std::vector<std::uint8_t>(100)})->width, 4U);
  EXPECT_EQ(reading::brought_to_line({129, 1, 1, std::vector<std::uint8_t>(129)}), nullptr); // 4,128 wide
  EXPECT_EQ(reading::brought_to_line({0, 0, 1, {}}), nullptr);
  EXPECT_EQ(reading::brought_to_line({5, 5, 1, std::vector<std::uint8_t>(24)}), nullptr);
  EXPECT_EQ(reading::brought_to_line({5, 5, 2, std::vector<std::uint8_t>(50)}), nullptr);
}

TEST_F(learning_lines, refuses_lines_that_it_cannot_learn) {
  const auto model = make();
  const auto high = pictures_of_size(40, 33, 1, 1).front();
  const written_line wrong_size{&high, {1}};
  EXPECT_THAT(model->learn({&wrong_size, 1}, 1).error().message, HasSubstr("33 by 40"));
  const written_line wrong_character{&pictures[0], {4}};
  EXPECT_THAT(model->judge({&wrong_character, 1}).error().message, HasSubstr("character 4"));
  const auto narrow = pictures_of_size(12, 32, 1, 1).front();
  const written_line twice{&narrow, {1, 1}}; // with one step between
  EXPECT_TRUE(model->learn({&twice, 1}, 1));
  const written_line too_long{&narrow, {1, 1, 2}};
  EXPECT_THAT(model->learn({&too_long, 1}, 1).error().message, HasSubstr("no room for 3 characters"));
}

TEST_F(learning_lines, a_directory_that_does_not_fit_is_refused_by_name) {
  ASSERT_TRUE(make()->write_model(folder.path()));
  const auto good = folder.read("config.json");
  const auto refusal = [&](const std::string& key, const json& value) {
    auto config = json::parse(good);
    config[key] = value;
    folder.write("config.json", config.dump());
    const auto opened = line_reader::open(folder.path(), "cpu");
    return opened ? std::string("none") : opened.error().message;
  };
  EXPECT_EQ(refusal("num_channels", 1), "none");
  EXPECT_THAT(refusal("num_channels", 3), HasSubstr("num_channels"));
  EXPECT_THAT(refusal("image_height", 48), HasSubstr("image_height"));
  EXPECT_THAT(refusal("model_type", "crnn"), HasSubstr("model_type"));
  EXPECT_THAT(refusal("hidden_sizes", {8, 8}), HasSubstr("there must be 5"));
  EXPECT_THAT(refusal("hidden_sizes", {8, 8, 8, 8, 16000}), HasSubstr("16000"));
  EXPECT_THAT(refusal("state_size", 0), HasSubstr("'state_size'"));
  EXPECT_THAT(refusal("state_size", 8), HasSubstr("lstm.weight"));
  EXPECT_THAT(refusal("characters", "abc"), HasSubstr("'characters'"));
  EXPECT_THAT(refusal("characters", json::array()), HasSubstr("0 characters"));
  EXPECT_THAT(refusal("characters", {"a", "bc", "d"}), HasSubstr("number 1 is not one character"));
  EXPECT_THAT(refusal("characters", {"a", "b", "a"}), HasSubstr("one comes twice"));
  EXPECT_THAT(refusal("characters", {"a", 1, "b"}), HasSubstr("number 1"));
  EXPECT_THAT(refusal("characters", {"a", "b"}), HasSubstr("classifier"));
}

TEST(line_decoding_test, a_run_is_one_character_and_a_none_parts_two) {
  const std::vector<std::string> characters{"a", "b"};
  const auto logs = [](std::initializer_list<std::array<double, 3>> rows) {
    std::vector<float> all;
    for (const auto& row : rows)
      for (const auto value : row)
        all.push_back(static_cast<float>(std::log(value)));
    return all;
  };
  const auto read = reading::greedy_text(
      logs({{0.1, 0.8, 0.1}, {0.05, 0.9, 0.05}, {0.9, 0.05, 0.05}, {0.2, 0.7, 0.1}, {0.3, 0.3, 0.4}}), characters);
  EXPECT_EQ(read.text, "aab");
  EXPECT_NEAR(read.confidence, std::cbrt(0.9 * 0.7 * 0.4), 1e-6);
  const auto none = reading::greedy_text(logs({{0.8, 0.1, 0.1}, {0.6, 0.2, 0.2}}), characters);
  EXPECT_EQ(none.text, "");
  EXPECT_NEAR(none.confidence, 0.7, 1e-6);
  EXPECT_EQ(reading::greedy_text({}, characters).confidence, 0);
}

} // namespace
} // namespace chalkstream::models::training
