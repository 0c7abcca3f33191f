#include "education/pseudonym.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace chalkstream::education {
namespace {

namespace fs = std::filesystem;

class pseudonym_test : public testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("chalkstream-pseudonym-" + std::to_string(::getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  fs::path folder;
};

TEST_F(pseudonym_test, is_the_hmac_of_tenant_nul_learner_cut_to_128_bits) {
  for (const std::size_t size : {32u, 64u, 65u, 131u}) {
    const std::vector<unsigned char> key(size, 0xaa);
    const auto named = pseudonymiser::from_key(key).value()->pseudonym("tenant", "learner-1");
    const std::string message{"tenant\0learner-1", 16};
    std::array<unsigned char, 32> mac;
    unsigned length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(), mac.data(), &length);
    char expected[33];
    for (int i = 0; i < 16; ++i)
      std::snprintf(expected + 2 * i, 3, "%02x", mac[static_cast<std::size_t>(i)]);
    ASSERT_EQ(named.size(), 41u);
    EXPECT_EQ(named[8], '.');
    EXPECT_EQ(named.substr(9), expected);
  }
}

TEST_F(pseudonym_test, is_stable_for_a_learner_and_differs_by_tenant_and_key) {
  const std::array<unsigned char, 32> one{1}, two{2};
  const auto first = pseudonymiser::from_key(one).value(), second = pseudonymiser::from_key(two).value();
  std::set<std::string> all{first->pseudonym("a", "l"), first->pseudonym("b", "l"), first->pseudonym("a", "m"),
                            first->pseudonym("al", ""), first->pseudonym("", "al"), second->pseudonym("a", "l")};
  EXPECT_EQ(all.size(), 6u);
  EXPECT_EQ(first->pseudonym("a", "l"), pseudonymiser::from_key(one).value()->pseudonym("a", "l"));
  EXPECT_NE(first->pseudonym("a", "l").substr(0, 8), second->pseudonym("a", "l").substr(0, 8));
}

TEST_F(pseudonym_test, refuses_a_short_key) {
  EXPECT_FALSE(pseudonymiser::from_key(std::vector<unsigned char>(31)).ok());
}

TEST_F(pseudonym_test, makes_a_key_nobody_else_can_read_and_finds_it_again) {
  const auto file = folder / "new" / "key";
  const auto made = pseudonymiser::from_file(file);
  ASSERT_TRUE(made) << made.error().message;
  struct stat facts {};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(facts.st_size, 32);
  EXPECT_EQ(std::distance(fs::directory_iterator{file.parent_path()}, {}), 1) << "a draft was left behind";
  EXPECT_EQ(made.value()->pseudonym("t", "l"), pseudonymiser::from_file(file).value()->pseudonym("t", "l"));
  EXPECT_NE(made.value()->pseudonym("t", "l"),
            pseudonymiser::from_file(folder / "other").value()->pseudonym("t", "l"));
}

TEST_F(pseudonym_test, gives_all_who_start_at_once_the_same_key) {
  std::vector<std::string> names(8);
  {
    std::vector<std::jthread> threads;
    for (auto& name : names)
      threads.emplace_back([&name, this] {
        // Threads of one process share a draft's name; a loser of that race tries again, as a process would.
        for (auto made = pseudonymiser::from_file(folder / "key"); name.empty();
             made = pseudonymiser::from_file(folder / "key"))
          if (made)
            name = made.value()->pseudonym("t", "l");
      });
  }
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 1u);
}

TEST_F(pseudonym_test, refuses_files_that_are_no_key) {
  const auto write = [&](const char* name, std::size_t size, fs::perms mode) {
    std::ofstream{folder / name} << std::string(size, 'k');
    fs::permissions(folder / name, mode);
    return pseudonymiser::from_file(folder / name);
  };
  const auto owner = fs::perms::owner_read | fs::perms::owner_write;
  EXPECT_TRUE(write("good", 32, owner).ok());
  EXPECT_EQ(write("short", 31, owner).error().code, errc::invalid_configuration);
  EXPECT_EQ(write("long", 33, owner).error().code, errc::invalid_configuration);
  EXPECT_EQ(write("empty", 0, owner).error().code, errc::invalid_configuration);
  const auto open = write("open", 32, owner | fs::perms::others_read);
  EXPECT_EQ(open.error().code, errc::invalid_configuration);
  EXPECT_NE(open.error().message.find("0600"), std::string::npos);
  EXPECT_EQ(open.error().message.find("kkk"), std::string::npos);
  EXPECT_EQ(pseudonymiser::from_file(folder).error().code, errc::invalid_configuration) << "a folder";
}

} // namespace
} // namespace chalkstream::education
