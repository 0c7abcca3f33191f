// `infer --task read`, from a file of an image to the text on it.
#include "core/base64.hpp"
#include "models/image/decode.hpp"
#include "pipelines/tools/infer.hpp"
#include "pipelines/tools/training/images/bitmap.hpp"
#include "tests/printed/page_bitmap.hpp"

#include <cstdlib>
#include <functional>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace chalkstream::pipelines::tools {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct testing_folder {
  testing_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "chalkstream-read-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~testing_folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

class read_infer_test : public ::testing::Test {
protected:
  void SetUp() override {
    if (!models_are_there())
      GTEST_SKIP() << "no English data: install tesseract-ocr-eng";
    std::ifstream in("tests/printed/goldens/pages.json");
    truth_ = json::parse(in);
  }

  static bool models_are_there() {
    return std::filesystem::exists("/usr/share/tesseract-ocr/5/tessdata/eng.traineddata");
  }

  static std::string line_of(const std::string& id, const std::string& file) {
    return json{{"id", id}, {"image", {{"data", encode_base64(file)}}}}.dump() + "\n";
  }

  static std::vector<json> answers(
      const std::string& lines, infer_task task = infer_task::read,
      const std::function<void(infer_settings&)>& with = [](infer_settings&) {}) {
    std::istringstream in(lines);
    std::ostringstream out;
    infer_settings settings;
    settings.model = "examples/printed";
    settings.task = task;
    settings.slots = 2;
    with(settings);
    const auto done = infer(in, out, settings, observer::none(), log::none());
    if (!done)
      return {json{{"refused", done.error().message}}};
    std::vector<json> made;
    std::istringstream lines_out(out.str());
    for (std::string line; std::getline(lines_out, line);)
      made.push_back(json::parse(line));
    return made;
  }

  json truth_;
};

TEST_F(read_infer_test, reads_the_text_of_each_line_in_order) {
  const auto made = answers(line_of("a", bitmap_file(printed::page_bitmap("paragraphs")))
                            + line_of("b", bitmap_file(printed::page_bitmap("turned"))) + line_of("c", "no image")
                            + line_of("d", bitmap_file({40, 40, 3, std::vector<std::uint8_t>(4800, 255)})));
  ASSERT_EQ(made.size(), 4U);
  EXPECT_EQ(made[0]["id"], "a");
  EXPECT_EQ(made[0]["text"],
            "Plants make sugar from light.\n\nWater rises through the stem, and air comes in by the\n"
            "leaves. What is left over is oxygen.");
  EXPECT_EQ(made[0]["pages"].size(), 1U);
  EXPECT_EQ(made[0]["pages"][0]["lines"].size(), 3U);
  EXPECT_GT(made[0]["confidence"].get<double>(), 0.8);
  EXPECT_EQ(made[1]["text"], truth_.at("turned")[0][0]);
  EXPECT_THAT(made[2]["error"].get<std::string>(), HasSubstr("no image"));
  EXPECT_EQ(made[3]["text"], "");
  EXPECT_TRUE(made[3]["confidence"].is_null());
}

TEST_F(read_infer_test, reads_lines_that_were_split_before_and_tells_their_places_on_the_page) {
  const testing_folder folder;
  std::ofstream(folder.path / "config.json") << R"({"model_type": "tesseract", "layout": "line"})";
  const auto made = answers(line_of("a", bitmap_file(printed::page_bitmap("paragraphs")))
                                + line_of("b", bitmap_file({40, 40, 3, std::vector<std::uint8_t>(4800, 255)})),
                            infer_task::read, [&](infer_settings& settings) {
                              settings.model = folder.path;
                              settings.split = page_split::lines;
                            });
  ASSERT_EQ(made.size(), 2U);
  const auto& lines = made[0].at("pages").at(0).at("lines");
  const auto& printed = truth_.at("paragraphs");
  ASSERT_EQ(lines.size(), printed.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].at("text"), printed[i][0]);
    EXPECT_NEAR(lines[i].at("box")[0].get<double>(), printed[i][1].get<double>(), 9);
    EXPECT_NEAR(lines[i].at("box")[1].get<double>(), printed[i][2].get<double>(), 9);
    const auto& words = lines[i].at("words");
    const auto& last = words[words.size() - 1].at("box");
    EXPECT_NEAR(last[0].get<double>() + last[2].get<double>(), printed[i][3].get<double>(), 5);
  }
  EXPECT_THAT(made[0]["text"].get<std::string>(), HasSubstr("light.\n\nWater"));
  EXPECT_THAT(made[0]["text"].get<std::string>(), HasSubstr("by the\nleaves."));
  EXPECT_EQ(made[1]["text"], "");
}

TEST_F(read_infer_test, gives_each_line_its_own_reading_however_they_are_batched) {
  std::string lines;
  const auto first = bitmap_file(printed::page_bitmap("paragraphs")),
             second = bitmap_file(printed::page_bitmap("turned"));
  for (int i = 0; i < 9; ++i) // those behind the first wait for the only slot, and run together
    lines += line_of(std::to_string(i), i % 3 == 0 ? first : second);
  const auto made = answers(lines, infer_task::read, [](infer_settings& settings) {
    settings.slots = 1;
    settings.token_budget = 4096;
  });
  ASSERT_EQ(made.size(), 9U);
  for (std::size_t i = 0; i < made.size(); ++i)
    EXPECT_EQ(made[i].at("pages").at(0).at("lines").size(), i % 3 == 0 ? 3U : 1U) << i;
}

TEST_F(read_infer_test, draws_what_it_read_where_it_is_asked_to) {
  const testing_folder folder;
  const auto made = answers(line_of("a/b", bitmap_file(printed::page_bitmap("turned"))), infer_task::read,
                            [&](infer_settings& settings) { settings.annotations = folder.path / "deeper"; });
  ASSERT_EQ(made.size(), 1U);
  std::ifstream in(folder.path / "deeper" / "000001-a_b-p1.png", std::ios::binary);
  const std::string png{std::istreambuf_iterator<char>(in), {}};
  const auto drawn = image::decode(std::as_bytes(std::span(png)), {});
  ASSERT_TRUE(drawn.ok()) << drawn.error().message;
  const auto& page = drawn->front();
  EXPECT_EQ(page.width, printed::page_bitmap("turned").width);
  const auto& box = made[0].at("pages").at(0).at("lines").at(0).at("box");
  const auto corner = ((box[1].get<std::size_t>() - 2) * page.width + box[0].get<std::size_t>() + 5) * 3;
  EXPECT_GT(page.values[corner + 1], page.values[corner] + 50) << "a green frame around a sure line";
}

TEST_F(read_infer_test, serves_no_other_task) {
  EXPECT_THAT(answers("", infer_task::classify)[0]["refused"].get<std::string>(), HasSubstr("its task is read"));
  EXPECT_THAT(answers("", infer_task::tag)[0]["refused"].get<std::string>(), HasSubstr("model of images"));
}

} // namespace
} // namespace chalkstream::pipelines::tools
