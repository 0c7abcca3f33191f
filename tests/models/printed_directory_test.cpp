#include "models/printed_directory.hpp"

#include "models/repository.hpp"
#include "tests/models/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace chalkstream::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class printed_directory_test : public ::testing::Test {
protected:
  void SetUp() override { folder_.write("config.json", R"({"model_type": "tesseract"})"); }

  result<loaded_model> load_it(head output = head::text, const char* device = "cpu") const {
    load_request request;
    request.name = "print";
    request.directory = folder_.path();
    request.output = output;
    request.device = device;
    return load(request, observer::none(), log::none());
  }

  std::string refusal(std::string_view configuration) const {
    folder_.write("config.json", configuration);
    const auto read = read_printed_settings(folder_.path());
    EXPECT_FALSE(read.ok()) << configuration;
    return read.ok() ? "" : read.error().message;
  }

  static bool has_english() { return inspect(std::filesystem::path("examples/printed")).ok(); }

  testing::scratch_folder folder_;
};

TEST_F(printed_directory_test, is_a_model_that_reads_pages_and_sees_images) {
  if (!has_english())
    GTEST_SKIP() << "no English data: install tesseract-ocr-eng";
  ASSERT_TRUE(sees_images(folder_.path()).value());
  const auto loaded = load_it();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_TRUE(loaded->reads_pages);
  EXPECT_EQ(loaded->pictures, nullptr);
  EXPECT_EQ(loaded->compute->output_width(), 0U);
  EXPECT_GT(loaded->weight_bytes, 1'000'000U);
  EXPECT_EQ(loaded->compute->identity()->name, "print");
  EXPECT_TRUE(load_it(head::logits).ok()) << "what an image shows is asked for so";
}

TEST_F(printed_directory_test, has_a_digest_of_configuration_and_data_wherever_it_lies) {
  if (!has_english())
    GTEST_SKIP() << "no English data: install tesseract-ocr-eng";
  const auto before = load_it();
  ASSERT_TRUE(before) << before.error().message;
  const testing::scratch_folder elsewhere;
  elsewhere.write("deeper/model/config.json", folder_.read("config.json"));
  load_request request;
  request.directory = elsewhere.path() / "deeper" / "model";
  request.output = head::text;
  const auto moved = load(request, observer::none(), log::none());
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(moved->compute->identity()->digest, before->compute->identity()->digest);
  folder_.write("config.json", R"({"model_type": "tesseract", "layout": "block"})");
  EXPECT_NE(load_it()->compute->identity()->digest, before->compute->identity()->digest);
}

TEST_F(printed_directory_test, reads_its_settings) {
  folder_.write("tessdata/deu.traineddata", "");
  folder_.write("tessdata/chi_sim.traineddata", "");
  folder_.write("config.json", R"({"model_type": "tesseract", "languages": ["deu", "chi_sim"], "layout": "line",
                                   "max_seconds": 2.5, "data": "tessdata"})");
  const auto read = read_printed_settings(folder_.path());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->languages, (std::vector<std::string>{"deu", "chi_sim"}));
  EXPECT_EQ(read->layout, printed::page_layout::line);
  EXPECT_EQ(read->max_time, std::chrono::milliseconds(2500));
  EXPECT_EQ(read->data, folder_.path() / "tessdata");
}

TEST_F(printed_directory_test, finds_data_beside_the_configuration) {
  folder_.write("xyz.traineddata", "");
  folder_.write("config.json", R"({"model_type": "tesseract", "languages": ["xyz"]})");
  EXPECT_EQ(read_printed_settings(folder_.path())->data, folder_.path());
}

TEST_F(printed_directory_test, names_the_package_of_data_that_are_not_there) {
  EXPECT_THAT(refusal(R"({"model_type": "tesseract", "languages": ["qqq_Vert"]})"),
              AllOf(HasSubstr("'qqq_Vert'"), HasSubstr("tesseract-ocr-qqq-vert"), HasSubstr("config.json")));
  const auto checked = inspect(folder_.path());
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, errc::not_found);
}

TEST_F(printed_directory_test, names_data_that_lie_in_different_folders) {
  folder_.write("xyz.traineddata", "");
  ::setenv("TESSDATA_PREFIX", (folder_.path() / "other").c_str(), 1);
  folder_.write("other/zyx.traineddata", "");
  EXPECT_THAT(refusal(R"({"model_type": "tesseract", "languages": ["xyz", "zyx"]})"), HasSubstr("different folders"));
  ::unsetenv("TESSDATA_PREFIX");
}

TEST_F(printed_directory_test, refuses_what_it_does_not_know) {
  for (const auto& [configuration, part] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"({"model_type": "tesseract", "language": "eng"})", "unknown key 'language'"},
           {R"({"model_type": "tesseract", "languages": "eng"})", "'languages'"},
           {R"({"model_type": "tesseract", "languages": []})", "'languages'"},
           {R"({"model_type": "tesseract", "languages": ["eng+deu"]})", "'languages'"},
           {R"({"model_type": "tesseract", "languages": ["../eng"]})", "'languages'"},
           {R"({"model_type": "tesseract", "languages": [1]})", "'languages'"},
           {R"({"model_type": "tesseract", "layout": "book"})", "'layout'"},
           {R"({"model_type": "tesseract", "max_seconds": 0})", "'max_seconds'"}})
    EXPECT_THAT(refusal(configuration), HasSubstr(part));
}

TEST_F(printed_directory_test, gives_no_embeddings_and_needs_a_cpu) {
  EXPECT_THAT(load_it(head::embedding).error().message, HasSubstr("no embeddings"));
  EXPECT_THAT(load_it(head::text, "cuda").error().message, HasSubstr("CPU alone"));
}

TEST_F(printed_directory_test, says_which_data_cannot_be_read) {
  folder_.write("xyz.traineddata", "these are no data");
  folder_.write("config.json", R"({"model_type": "tesseract", "languages": ["xyz"]})");
  const auto loaded = load_it();
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, AllOf(HasSubstr("xyz"), HasSubstr(folder_.path().string())));
}

} // namespace
} // namespace chalkstream::models
