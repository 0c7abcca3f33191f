// `infer` from files of images to answers, with the models of tests/models/goldens/vision.
#include "pipelines/tools/infer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace chalkstream::pipelines::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

const fs::path goldens = "tests/models/goldens/vision";

std::string little_endian(std::uint32_t value, int bytes) {
  std::string out;
  for (int k = 0; k < bytes; ++k)
    out += static_cast<char>(value >> (8 * k) & 0xff);
  return out;
}

/// An uncompressed file of 24 bits a pixel: rows from the bottom, blue first, each filled up to four bytes.
std::string bitmap(const std::string& rgb, std::uint32_t width, std::uint32_t height) {
  std::string rows;
  for (std::uint32_t y = height; y-- > 0;) {
    for (std::uint32_t x = 0; x < width; ++x)
      for (const std::uint32_t c : {2U, 1U, 0U})
        rows += rgb[(std::size_t{y} * width + x) * 3 + c];
    rows.resize((rows.size() + 3) / 4 * 4, '\0');
  }
  const auto size = static_cast<std::uint32_t>(rows.size());
  return "BM" + little_endian(54 + size, 4) + little_endian(0, 4) + little_endian(54, 4) + little_endian(40, 4)
         + little_endian(width, 4) + little_endian(height, 4) + little_endian(1, 2) + little_endian(24, 2)
         + little_endian(0, 4) + little_endian(size, 4) + little_endian(2835, 4) + little_endian(2835, 4)
         + little_endian(0, 4) + little_endian(0, 4) + rows;
}

std::string base64(const std::string& bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? digits[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

class picture_infer_test : public ::testing::Test {
protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "chalkstream-pictures-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
    fs::create_directory(path_ / "model");
    for (const char* file : {"config.json", "model.safetensors"})
      fs::copy(goldens / "vit_classifier" / file, path_ / "model");
    std::ifstream in(goldens / "vit_classifier" / "expected.json");
    expected_ = json::parse(in);
    write("model/preprocessor_config.json",
          json{{"image_processor_type", "ViTImageProcessor"},
               {"do_resize", true},
               {"size", {{"height", expected_.at("height")}, {"width", expected_.at("width")}}},
               {"resample", 2},
               {"do_rescale", true},
               {"rescale_factor", 1 / 255.0},
               {"do_normalize", true},
               {"image_mean", expected_.at("mean")},
               {"image_std", expected_.at("std")}}
              .dump());
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  void write(const fs::path& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }

  std::string file_of(const json& image) const {
    const auto hexadecimal = image.at("bytes").get<std::string>();
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2)
      bytes += static_cast<char>(std::stoul(hexadecimal.substr(i, 2), nullptr, 16));
    return bitmap(bytes, expected_.at("width"), expected_.at("height"));
  }

  result<std::vector<json>> infer(const std::string& task, const std::vector<json>& lines,
                                  const fs::path& annotations = {}) const {
    std::stringstream in, out;
    for (const auto& line : lines)
      in << line.dump() << '\n';
    infer_settings settings;
    settings.model = path_ / "model";
    settings.task = *infer_task_from(task);
    settings.slots = 2;
    settings.annotations = annotations;
    CHALK_CHECK(tools::infer(in, out, settings, observer::none(), log::none()));
    std::vector<json> answers;
    for (std::string line; std::getline(out, line);)
      answers.push_back(json::parse(line));
    return answers;
  }

  fs::path path_;
  json expected_;
};

void expect_row(const json& found, const json& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i].get<double>(), expected[i].get<double>(), 1e-4) << i;
}

TEST_F(picture_infer_test, answers_from_paths_file_uris_and_data_as_transformers_does) {
  const auto& images = expected_.at("images");
  std::vector<json> lines;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto name = "page " + std::to_string(i) + ".bmp";
    const auto file = file_of(images[i]);
    write(name, file);
    const auto path = (path_ / name).string();
    const auto escaped = (path_ / ("page%20" + std::to_string(i) + ".bmp")).string();
    lines.push_back({{"id", i}, {"image", {{"uri", i % 2 == 0 ? path : "file://" + escaped}}}});
    lines.push_back({{"id", std::to_string(i)}, {"image", {{"data", base64(file)}, {"media_type", "image/bmp"}}}});
  }
  const auto classes = infer("classify", lines);
  ASSERT_TRUE(classes) << classes.error().message;
  ASSERT_EQ(classes->size(), lines.size());
  const auto embeddings = infer("embed", lines);
  ASSERT_TRUE(embeddings) << embeddings.error().message;
  ASSERT_EQ(embeddings->size(), lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& image = images[i / 2];
    EXPECT_EQ((*classes)[i].at("id"), lines[i].at("id"));
    expect_row((*classes)[i].at("logits"), image.at("logits"));
    const auto logits = image.at("logits").get<std::vector<double>>();
    const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
    EXPECT_EQ((*classes)[i].at("label"), (std::array{"cat", "dog", "neither"}.at(static_cast<std::size_t>(best))));
    expect_row((*embeddings)[i].at("embedding"), image.at("embedding"));
  }
}

TEST_F(picture_infer_test, a_model_of_texts_and_images_embeds_lines_of_both) {
  for (const char* file : {"config.json", "model.safetensors"})
    fs::copy(goldens / "clip_texts" / file, path_ / "model", fs::copy_options::overwrite_existing);
  expected_ = json::parse(std::ifstream(goldens / "clip_texts" / "expected.json"));
  const auto& image = expected_.at("images").at(3);
  const auto& text = expected_.at("texts").at(0);
  const json picture{{"id", 1}, {"image", {{"data", base64(file_of(image))}}}};
  const auto without = infer("embed", {picture, {{"id", 2}, {"text", "w16"}}}); // no tokenizer
  ASSERT_TRUE(without) << without.error().message;
  expect_row((*without)[0].at("embedding"), image.at("embedding"));
  EXPECT_THAT((*without)[1].at("error").get<std::string>(), HasSubstr("`image` must be an object"));

  json words;
  for (int id = 0; id < 40; ++id)
    words["w" + std::to_string(id)] = id;
  const auto special = [](const char* token) { return json{{"SpecialToken", {{"id", token}, {"type_id", 0}}}}; };
  const json sequence{{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  write("model/tokenizer.json", json{{"version", "1.0"},
                                     {"truncation", nullptr},
                                     {"padding", nullptr},
                                     {"added_tokens", json::array()},
                                     {"normalizer", nullptr},
                                     {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                                     {"post_processor",
                                      {{"type", "TemplateProcessing"},
                                       {"single", {special("w0"), sequence, special("w38")}},
                                       {"pair", {sequence, {{"Sequence", {{"id", "B"}, {"type_id", 1}}}}}},
                                       {"special_tokens",
                                        {{"w0", {{"id", "w0"}, {"ids", {0}}, {"tokens", {"w0"}}}},
                                         {"w38", {{"id", "w38"}, {"ids", {38}}, {"tokens", {"w38"}}}}}}}},
                                     {"decoder", nullptr},
                                     {"model", {{"type", "WordLevel"}, {"unk_token", "w2"}, {"vocab", words}}}}
                                    .dump());
  const auto both = infer("embed", {picture, {{"id", 2}, {"text", "w16 w32 w35"}}});
  ASSERT_TRUE(both) << both.error().message;
  expect_row((*both)[0].at("embedding"), image.at("embedding"));
  expect_row((*both)[1].at("embedding"), text.at("embedding"));
}

TEST_F(picture_infer_test, a_model_that_writes_to_images_takes_no_texts_and_no_other_task) {
  fs::remove_all(path_ / "model");
  fs::copy("tests/generation/goldens/trocr", path_ / "model", fs::copy_options::recursive);
  fs::copy("tests/models/goldens/words/tokenizer.json", path_ / "model");
  const auto answers =
      infer("generate", {{{"id", 1}, {"text", "words"}}, {{"id", 2}, {"image", {{"data", "Zg=="}}}}});
  ASSERT_TRUE(answers) << answers.error().message;
  EXPECT_THAT((*answers)[0].at("error").get<std::string>(), HasSubstr("`image` must be an object"));
  EXPECT_EQ((*answers)[1].count("error"), 1u);
  for (const char* task : {"embed", "classify", "translate", "summarize"})
    EXPECT_THAT(infer(task, {}).error().message, HasSubstr("it serves the task generate")) << task;
  fs::remove(path_ / "model" / "tokenizer.json");
  EXPECT_THAT(infer("generate", {}).error().message, HasSubstr("tokenizer.json"));
}

TEST_F(picture_infer_test, a_line_that_is_no_image_is_that_lines_error) {
  write("text.bmp", "not an image");
  const std::vector<json> lines{{{"id", 1}, {"text", "words"}},
                                {{"id", 2}, {"image", {{"uri", (path_ / "absent.bmp").string()}}}},
                                {{"id", 3}, {"image", {{"uri", "https://example.org/a.png"}}}},
                                {{"id", 4}, {"image", {{"data", "Zg"}}}},
                                {{"id", 5}, {"image", {{"uri", (path_ / "text.bmp").string()}}}},
                                {{"id", 6}, {"image", {{"uri", "a"}, {"data", "Zg=="}}}},
                                {{"id", 7}, {"image", {{"data", base64(file_of(expected_.at("images")[0]))}}}}};
  const auto answers = infer("classify", lines);
  ASSERT_TRUE(answers) << answers.error().message;
  ASSERT_EQ(answers->size(), lines.size());
  const auto error_of = [&](std::size_t i) { return (*answers)[i].at("error").get<std::string>(); };
  for (std::size_t i = 0; i < lines.size(); ++i)
    EXPECT_EQ((*answers)[i].at("id"), lines[i].at("id"));
  EXPECT_THAT(error_of(0), HasSubstr("`image` must be an object"));
  EXPECT_THAT(error_of(1), HasSubstr("absent.bmp"));
  EXPECT_THAT(error_of(2), HasSubstr("nothing is fetched"));
  EXPECT_THAT(error_of(3), HasSubstr("not base64"));
  EXPECT_FALSE(error_of(4).empty());
  EXPECT_THAT(error_of(5), HasSubstr("a string `uri` or a string `data`"));
  EXPECT_EQ((*answers)[6].count("logits"), 1u);
}

TEST_F(picture_infer_test, tasks_of_texts_and_a_missing_preprocessor_are_refused) {
  for (const char* task : {"tag", "span", "summarize", "generate"})
    EXPECT_THAT(infer(task, {}).error().message, HasSubstr("embed, classify and score")) << task;
  fs::remove(path_ / "model" / "preprocessor_config.json");
  EXPECT_THAT(infer("classify", {}).error().message, HasSubstr("preprocessor_config.json"));
}

TEST_F(picture_infer_test, draws_what_it_took_a_picture_for_where_it_is_asked_to) {
  const auto file = file_of(expected_.at("images")[0]);
  const std::vector<json> lines{{{"id", "a"}, {"image", {{"data", base64("no image")}}}},
                                {{"id", "b"}, {"image", {{"data", base64(file)}}}}};
  const auto made = infer("classify", lines, path_ / "drawn");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE((*made)[0].contains("error"));
  EXPECT_TRUE((*made)[1].contains("label"));
  EXPECT_FALSE(fs::exists(path_ / "drawn" / "000001-a-p1.png"));
  EXPECT_GT(fs::file_size(path_ / "drawn" / "000002-b-p1.png"), 100U);
  const auto refused = infer("embed", lines, path_ / "drawn");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("pictures are annotated with"));
}

} // namespace
} // namespace chalkstream::pipelines::tools
