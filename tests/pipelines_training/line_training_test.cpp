// The recipe ocr-line from files to a directory that reads.
#include "models/image/decode.hpp"
#include "models/image/png_file.hpp"
#include "models/reading/line_reader.hpp"
#include "pipelines/tools/infer.hpp"
#include "tests/pipelines_training/picture_bytes.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <sstream>

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class line_training_test : public training_fixture {
protected:
  line_training_test() {
    settings.data.what = recipe::ocr_line;
    settings.validation_share = 0.2;
    settings.lines.threads = 1;
    settings.lines.hidden_sizes = {4, 6, 8, 8, 12};
    settings.run.out = path("out");
    settings.run.rate = 1e-2;
    settings.run.batch.rows = 16;
    settings.run.epochs = 2;
    settings.run.patience = 0;
    settings.run.seed = 4;
    std::filesystem::create_directories(path("lines"));
    write_lines(80);
    settings.files = {path("lines")};
  }

  /// An l is a dark bar, an o a dark block, in the lower half.
  static std::string line_of(const std::string& text) {
    picture made{16 * text.size() + 8, 32, 1, {}};
    made.values.assign(made.width * made.height, 230);
    for (std::size_t i = 0; i < text.size(); ++i)
      for (std::size_t y = text[i] == 'l' ? 4 : 16; y < 28; ++y)
        for (std::size_t x = 0; x < (text[i] == 'l' ? 4U : 10U); ++x)
          made.values[y * made.width + 16 * i + 6 + x] = 30;
    return image::png_file(made).value();
  }

  void write_lines(int count) const {
    std::string list = "file\ttext\n";
    for (int i = 0; i < count; ++i) {
      std::string text;
      for (int c = 0; c < 2 + i % 4; ++c)
        text += (i * 7 + c * c * 3) % 5 < 2 ? 'l' : 'o';
      write("lines/" + std::to_string(i) + ".png", line_of(text));
      list += std::to_string(i) + ".png\t" + text + "\n";
    }
    write("lines/labels.tsv", list);
  }

  result<run_report> run(const run_watcher& watcher = {}) const { return train(settings, watcher, {}); }

  training_settings settings;
};

TEST_F(line_training_test, learns_to_read_and_its_directory_reads) {
  settings.run.epochs = 30;
  const auto made = run();
  ASSERT_TRUE(made) << told(made.error());
  EXPECT_EQ(made->figure, "cer");
  EXPECT_LT(value_of(made->best.validation, "cer"), 0.05);
  EXPECT_GT(value_of(made->best.validation, "exact"), 0.8);
  const auto config = nlohmann::json::parse(read("out/config.json"));
  EXPECT_EQ(config.at("model_type"), "line_crnn");
  EXPECT_EQ(config.at("characters"), (nlohmann::json{"l", "o"}));
  EXPECT_THAT(read("out/curve.csv"), HasSubstr("cer,exact"));
  EXPECT_THAT(read("out/report.html"),
              AllOf(HasSubstr("16 lines"), HasSubstr("img-src data:"), Not(HasSubstr("<script"))));
  const auto reader = models::reading::line_reader::open(path("out"), "cpu");
  ASSERT_TRUE(reader) << told(reader.error());
  EXPECT_EQ(reader.value()->description().characters, (std::vector<std::string>{"l", "o"}));

  infer_settings asked;
  asked.model = path("out");
  asked.task = infer_task::read;
  std::istringstream in(nlohmann::json{{"id", "3"}, {"image", {{"uri", path("lines/3.png")}}}}.dump() + "\n");
  std::ostringstream out;
  const auto done = infer(in, out, asked, observer::none(), log::none());
  ASSERT_TRUE(done) << told(done.error());
  const auto served = nlohmann::json::parse(out.str());
  std::ifstream file(path("lines/3.png"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto pages = image::decode(std::as_bytes(std::span(bytes)), {});
  ASSERT_TRUE(pages);
  const auto alone = reader.value()->read(pages->front());
  ASSERT_TRUE(alone) << told(alone.error());
  EXPECT_EQ(served.at("text"), alone->text);
  EXPECT_NEAR(served.at("confidence").get<double>(), alone->confidence, 1e-6);
  EXPECT_FALSE(alone->text.empty());
}

TEST_F(line_training_test, stopped_and_gone_on_it_ends_with_the_same_bytes) {
  settings.lines.augmentation.shear = 0.1;
  // Of 4 steps an epoch.
  expect_the_same_bytes_when_stopped(settings, {1, 4, 5, 7},
                                     {"losses.csv", "curve.csv", "model.safetensors", "report.html"});
}

TEST_F(line_training_test, an_archive_and_a_list_by_name_are_read_alike) {
  ASSERT_TRUE(run());
  std::vector<std::pair<std::string, std::string>> entries{{"labels.tsv", read("lines/labels.tsv")}};
  for (int i = 0; i < 80; ++i)
    entries.emplace_back(std::to_string(i) + ".png", read("lines/" + std::to_string(i) + ".png"));
  for (const auto& source : {write("lines.zip", zip_bytes(entries, true)), path("lines/labels.tsv")}) {
    settings.files = {source};
    settings.run.out = path("from-" + source.filename().string());
    const auto made = run();
    ASSERT_TRUE(made) << told(made.error());
    EXPECT_EQ(read(settings.run.out / "model.safetensors"), read("out/model.safetensors")) << source;
  }
}

TEST_F(line_training_test, what_is_wrong_with_the_data_is_told_before_the_first_step) {
  const auto refusal = [&](const std::string& list) {
    write("lines/labels.tsv", list);
    return told(run().error());
  };
  EXPECT_THAT(refusal("file\tword\n0.png\tlo\n"), HasSubstr("labels.tsv: has no column `text`"));
  EXPECT_THAT(refusal("file\ttext\n"), HasSubstr("has no lines"));
  EXPECT_THAT(refusal("file\ttext\n0.png\t\n1.png\tlo\n"), HasSubstr("labels.tsv:2: `text` must be"));
  EXPECT_THAT(refusal("file\ttext\n../0.png\tlo\n"), HasSubstr("labels.tsv:2: `file` must name a picture within"));
  EXPECT_THAT(refusal("file\ttext\n/etc/passwd\tlo\n"), HasSubstr("`file` must name a picture within"));
  EXPECT_THAT(refusal("file\ttext\nnone.png\tlo\n"), HasSubstr("none.png: is not there"));
  EXPECT_THAT(refusal("file\ttext\nlabels.tsv\tlo\n"), HasSubstr("labels.tsv:2: labels.tsv: "));
  EXPECT_THAT(refusal("file\ttext\n0.png\tllllllllllllll\n"), HasSubstr("too narrow for its text"));
  EXPECT_THAT(refusal("file\ttext\n0.png\tlo\n"), HasSubstr("is the only line"));
  std::filesystem::remove(path("lines/labels.tsv"));
  EXPECT_THAT(told(run().error()), HasSubstr("lines: has no labels.tsv and no labels.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(line_training_test, a_character_that_was_never_learnt_counts_as_wrong) {
  write("lines/others.jsonl", "{\"file\":\"0.png\",\"text\":\"xyz\"}\n{\"file\":\"1.png\",\"text\":\"lolo\"}\n");
  settings.validation = {path("lines/others.jsonl")};
  const auto made = run();
  ASSERT_TRUE(made) << told(made.error());
  EXPECT_GE(value_of(made->best.validation, "cer"), 3.0 / 7 - 1e-9);
  EXPECT_TRUE(std::isfinite(made->best.validation.loss));
}

} // namespace
} // namespace chalkstream::pipelines::tools
