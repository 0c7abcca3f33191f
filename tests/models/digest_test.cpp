#include "models/digest.hpp"

#include "tests/models/model_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace chalkstream::models {
namespace {

using testing::scratch_folder;

TEST(digest_test, knows_the_standards_own_example) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

class model_digest_test : public ::testing::Test {
protected:
  void SetUp() override {
    folder_.write("config.json", "{}");
    folder_.write("tokenizer.json", "{\"a\":1}");
    folder_.write("model.safetensors", std::string(3u << 20, 'w'));
  }

  std::string digest(const std::filesystem::path& cache = {}) {
    auto made = digest_model(folder_.path(), {folder_.path() / "model.safetensors"}, cache);
    EXPECT_TRUE(made);
    return made->hex;
  }

  scratch_folder folder_;
};

TEST_F(model_digest_test, is_made_as_documented) {
  const std::string text = "chalkstream model 1\n" + sha256("{}") + " 2 config.json\n"
                           + sha256(std::string(3u << 20, 'w')) + " 3145728 model.safetensors\n" + sha256("{\"a\":1}")
                           + " 7 tokenizer.json\n";
  EXPECT_EQ(digest(), sha256(text));
}

TEST_F(model_digest_test, changes_with_weights_tokenizer_configuration_and_pooling_and_nothing_else) {
  const auto before = digest();
  folder_.write("README.md", "hello");
  EXPECT_EQ(digest(), before);
  std::string last = before;
  for (const char* name :
       {"config.json", "tokenizer.json", "model.safetensors", "modules.json", "1_Pooling/config.json"}) {
    folder_.write(name, "changed");
    EXPECT_NE(digest(), last) << name;
    last = digest();
  }
}

TEST_F(model_digest_test, remembers_large_files_until_they_change) {
  const scratch_folder cache;
  const auto fresh = digest();
  EXPECT_EQ(digest(cache.path()), fresh);
  EXPECT_EQ(digest(cache.path()), fresh);
  std::filesystem::path entry;
  for (const auto& file : std::filesystem::directory_iterator(cache.path())) {
    EXPECT_TRUE(entry.empty()) << "small files are not remembered";
    entry = file.path();
  }
  ASSERT_FALSE(entry.empty());

  // A remembered digest is used: change it and the result changes.
  std::string line;
  std::getline(std::ifstream(entry), line);
  line.back() = line.back() == '0' ? '1' : '0';
  std::ofstream(entry) << line << '\n';
  EXPECT_NE(digest(cache.path()), fresh);

  // Nonsense is not.
  std::ofstream(entry) << "nonsense";
  EXPECT_EQ(digest(cache.path()), fresh);

  folder_.write("model.safetensors", std::string(3u << 20, 'v'));
  EXPECT_NE(digest(cache.path()), fresh);
  EXPECT_EQ(digest(cache.path()), digest());
}

TEST_F(model_digest_test, works_without_a_cache_it_can_write) {
  EXPECT_EQ(digest("/proc/no/such/folder"), digest());
}

TEST_F(model_digest_test, names_a_file_that_is_missing) {
  const auto made = digest_model(folder_.path(), {folder_.path() / "absent.safetensors"}, {});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("absent.safetensors"), std::string::npos);
}

} // namespace
} // namespace chalkstream::models
