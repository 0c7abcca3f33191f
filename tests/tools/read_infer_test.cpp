// `infer --task read`, from a file of an image to the text on it.
#include "core/base64.hpp"
#include "pipelines/tools/infer.hpp"
#include "pipelines/tools/training/images/bitmap.hpp"
#include "tests/printed/page_bitmap.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::HasSubstr;
using nlohmann::json;

class read_infer_test : public ::testing::Test {
protected:
  void SetUp() override {
    if (!models_are_there())
      GTEST_SKIP() << "no English data: install tesseract-ocr-eng";
    std::ifstream in("tests/printed/goldens/pages.json");
    truth_ = json::parse(in);
  }

  static bool models_are_there() { return std::filesystem::exists("/usr/share/tesseract-ocr/5/tessdata/eng.traineddata"); }

  static std::string line_of(const std::string& id, const std::string& file) {
    return json{{"id", id}, {"image", {{"data", encode_base64(file)}}}}.dump() + "\n";
  }

  static std::vector<json> answers(const std::string& lines, infer_task task = infer_task::read) {
    std::istringstream in(lines);
    std::ostringstream out;
    infer_settings settings;
    settings.model = "examples/printed";
    settings.task = task;
    settings.slots = 2;
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
  EXPECT_EQ(made[0]["text"], "Plants make sugar from light.\n\nWater rises through the stem, and air comes in by the\n"
                             "leaves. What is left over is oxygen.");
  EXPECT_EQ(made[0]["pages"].size(), 1U);
  EXPECT_EQ(made[0]["pages"][0]["lines"].size(), 3U);
  EXPECT_GT(made[0]["confidence"].get<double>(), 0.8);
  EXPECT_EQ(made[1]["text"], truth_.at("turned")[0][0]);
  EXPECT_THAT(made[2]["error"].get<std::string>(), HasSubstr("no image"));
  EXPECT_EQ(made[3]["text"], "");
  EXPECT_TRUE(made[3]["confidence"].is_null());
}

TEST_F(read_infer_test, serves_no_other_task) {
  EXPECT_THAT(answers("", infer_task::classify)[0]["refused"].get<std::string>(), HasSubstr("its task is read"));
  EXPECT_THAT(answers("", infer_task::tag)[0]["refused"].get<std::string>(), HasSubstr("model of images"));
}

} // namespace
} // namespace chalkstream::pipelines::tools
