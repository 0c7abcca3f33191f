// `infer --task detect`, from a file of an image to the regions in it, with the models of
// tests/models/goldens/regions.
#include "models/image/decode.hpp"
#include "pipelines/tools/infer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace chalkstream::pipelines::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

const fs::path goldens = "tests/models/goldens/regions";

json expected_of(const std::string& model) {
  std::ifstream in(goldens / model / "expected.json");
  return json::parse(in).at("file");
}

result<std::vector<json>> detect(const fs::path& model, const std::vector<json>& lines, double above,
                                 const fs::path& annotations = {}, infer_task task = infer_task::detect) {
  std::stringstream in, out;
  for (const auto& line : lines)
    in << line.dump() << '\n';
  infer_settings settings;
  settings.model = model;
  settings.task = task;
  settings.slots = 2;
  settings.regions_above = above;
  settings.annotations = annotations;
  CHALK_CHECK(infer(in, out, settings, observer::none(), log::none()));
  std::vector<json> answers;
  for (std::string line; std::getline(out, line);)
    answers.push_back(json::parse(line));
  return answers;
}

class detect_infer_test : public ::testing::TestWithParam<std::string> {};

TEST_P(detect_infer_test, finds_in_a_file_what_transformers_finds) {
  const auto expected = expected_of(GetParam());
  auto found = expected.at("found");
  ASSERT_FALSE(found.empty());
  std::sort(found.begin(), found.end(), [](const json& a, const json& b) { return a.at("score") > b.at("score"); });
  const json line{{"id", "one"}, {"image", {{"data", expected.at("png")}}}};
  const auto answers = detect(goldens / GetParam(), {line, {{"id", 2}, {"image", {{"data", "Zg=="}}}}, line},
                              expected.at("threshold"));
  ASSERT_TRUE(answers) << answers.error().message;
  ASSERT_EQ(answers->size(), 3u);
  EXPECT_EQ(answers->at(0), answers->at(2));
  EXPECT_THAT(answers->at(1).at("error").get<std::string>(), HasSubstr("no image"));
  const auto& answer = answers->at(0);
  EXPECT_EQ(answer.at("id"), "one");
  EXPECT_EQ(answer.at("pages"), (json{{{"width", 120}, {"height", 70}}}));
  ASSERT_EQ(answer.at("regions").size(), found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& region = answer.at("regions")[i];
    EXPECT_EQ(region.at("page"), 1);
    EXPECT_EQ(region.at("label"), found[i].at("label"));
    EXPECT_NEAR(region.at("confidence").get<double>(), found[i].at("score").get<double>(), 1e-4);
    const auto box = region.at("box").get<std::vector<double>>();
    const auto corners = found[i].at("corners").get<std::vector<double>>();
    const std::vector<double> made{box[0], box[1], box[0] + box[2], box[1] + box[3]};
    for (std::size_t k = 0; k < made.size(); ++k)
      EXPECT_NEAR(made[k], std::clamp(corners[k], 0.0, k % 2 == 0 ? 120.0 : 70.0), 0.51) << i << ": " << k;
  }
}

INSTANTIATE_TEST_SUITE_P(every_backbone, detect_infer_test,
                         ::testing::Values("detr", "detr_learned", "detr_timm", "detr_timm_dilated",
                                           "detr_timm_bottleneck"),
                         [](const auto& info) { return info.param; });

TEST(detect_annotation_test, draws_what_was_found_where_it_is_asked_to) {
  std::string name = (fs::temp_directory_path() / "chalkstream-detect-XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  const auto expected = expected_of("detr_timm");
  const auto answers = detect(goldens / "detr_timm", {{{"id", "a/b"}, {"image", {{"data", expected.at("png")}}}}},
                              expected.at("threshold"), folder);
  ASSERT_TRUE(answers) << answers.error().message;
  std::ifstream in(folder / "000001-a_b-p1.png", std::ios::binary);
  const std::string png{std::istreambuf_iterator<char>(in), {}};
  fs::remove_all(folder);
  const auto drawn = image::decode(std::as_bytes(std::span(png)), {});
  ASSERT_TRUE(drawn.ok()) << drawn.error().message;
  const auto& page = drawn->front();
  ASSERT_EQ(page.width, 120u);
  const auto& box = answers->at(0).at("regions").back().at("box"); // drawn last, so that nothing lies over it
  const auto bottom = box[1].get<std::size_t>() + box[3].get<std::size_t>() + 1;
  const auto at = (bottom * page.width + box[0].get<std::size_t>() + 5) * 3;
  EXPECT_EQ(page.values[at + 2], 30) << "a frame, which has this much blue";
  EXPECT_GT(page.values[at + 1], page.values[at]) << "and more green than red around a sure region";
}

TEST(detect_model_test, serves_no_other_task_and_no_other_model_serves_its) {
  for (const auto task : {infer_task::classify, infer_task::embed})
    EXPECT_THAT(detect(goldens / "detr", {}, 0.5, {}, task).error().message, HasSubstr("finds regions in images"));
  EXPECT_THAT(detect(goldens / "detr", {}, 0.5, {}, infer_task::tag).error().message, HasSubstr("or detect"));
  EXPECT_THAT(detect("examples/printed", {}, 0.5).error().message, HasSubstr("reads text from pictures"));
}

} // namespace
} // namespace chalkstream::pipelines::tools
