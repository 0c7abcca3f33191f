#include "pipelines/scaling/process_fleet.hpp"
#include "tests/support/collecting_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace chalkstream::pipelines {
namespace {

using namespace std::chrono_literals;

// The processes are shells that note what happens to them in files named by their number.
class process_fleet_test : public testing::Test {
protected:
  void SetUp() override {
    auto pattern = (std::filesystem::temp_directory_path() / "chalkstream-fleet-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }

  void TearDown() override {
    fleet_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// $0 is the process' number.
  void start(const std::string& script, duration grace = 10s) {
    fleet_ = spawn_fleet(
        {"/bin/sh", "-c", "cd '" + folder_.string() + "'; " + script},
        [](std::size_t number) { return std::vector<std::string>{std::to_string(number)}; }, grace, log_);
  }

  template <class Condition>
  bool soon(Condition&& condition, duration within = 10s) {
    const auto until = clock::system().now() + within;
    while (!condition()) {
      if (clock::system().now() >= until)
        return false;
      fleet_->look_after(clock::system().now());
      std::this_thread::sleep_for(10ms);
    }
    return true;
  }

  std::size_t files(const std::string& ending) const {
    std::size_t n = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      n += entry.path().extension() == "." + ending ? 1 : 0;
    return n;
  }

  bool there(const std::string& name) const { return std::filesystem::exists(folder_ / name); }

  test::collecting_log log_;
  std::filesystem::path folder_;
  std::unique_ptr<process_fleet> fleet_;
};

constexpr auto serving = "trap 'sleep 0.1; touch $0.left; exit 0' TERM; touch $0.up; while :; do sleep 0.02; done";

TEST_F(process_fleet_test, starts_what_is_missing_and_lets_the_highest_leave_in_their_own_time) {
  start(serving);
  ASSERT_TRUE(fleet_->want(3));
  ASSERT_TRUE(soon([&] { return files("up") == 3; }));
  EXPECT_EQ(files("left"), 0u);
  const auto before = clock::system().now();
  ASSERT_TRUE(fleet_->want(1));
  EXPECT_LT(clock::system().now() - before, 90ms) << "it does not wait for them";
  ASSERT_TRUE(soon([&] { return files("left") == 2; }));
  EXPECT_TRUE(there("2.left") && there("3.left"));
  EXPECT_TRUE(soon([&] { return log_.contains("process 3 has left, with status 0"); }));
  fleet_->leave();
  EXPECT_TRUE(there("1.left"));
}

TEST_F(process_fleet_test, a_number_is_given_again_only_when_its_process_has_left) {
  start(
      "trap 'sleep 0.3; touch $0.left; exit 0' TERM; [ ! -e $0.up ] || { [ -e $0.left ] && touch $0.again; }; touch "
      "$0.up; while :; do sleep 0.02; done");
  ASSERT_TRUE(fleet_->want(2));
  ASSERT_TRUE(soon([&] { return files("up") == 2; }));
  ASSERT_TRUE(fleet_->want(1));
  ASSERT_TRUE(fleet_->want(2)); // while 2 is leaving
  ASSERT_TRUE(soon([&] { return there("2.again"); }));
  EXPECT_FALSE(there("1.left"));
}

TEST_F(process_fleet_test, one_that_ends_unasked_is_started_again_ever_more_slowly) {
  start("echo >> $0.starts; exit 3");
  ASSERT_TRUE(fleet_->want(1));
  const auto starts = [&] {
    std::ifstream file(folder_ / "1.starts");
    return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
  };
  ASSERT_TRUE(soon([&] { return starts() == 2; }));
  EXPECT_FALSE(soon([&] { return starts() == 3; }, 700ms));
  EXPECT_TRUE(soon([&] { return starts() == 3; }));
  EXPECT_TRUE(log_.contains("it ended with status 3"));
}

TEST_F(process_fleet_test, one_that_does_not_leave_is_killed_after_its_grace) {
  start("trap '' TERM; touch $0.up; while :; do sleep 0.02; done", 300ms);
  ASSERT_TRUE(fleet_->want(1));
  ASSERT_TRUE(soon([&] { return files("up") == 1; }));
  ASSERT_TRUE(fleet_->want(0));
  EXPECT_FALSE(soon([&] { return log_.contains("has left"); }, 200ms));
  EXPECT_TRUE(soon([&] { return log_.contains("has left, by signal 9"); }));
}

TEST_F(process_fleet_test, a_program_that_is_not_there_is_said) {
  fleet_ = spawn_fleet(
      {"/no/such/program"}, [](std::size_t) { return std::vector<std::string>{}; }, 1s, log_);
  ASSERT_TRUE(fleet_->want(1));
  EXPECT_TRUE(soon([&] { return log_.contains("it ended with status 127"); }));
}

TEST_F(process_fleet_test, processes_are_asked_to_leave_when_their_parent_dies) {
  const auto parent = fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    start(serving);
    (void)fleet_->want(1);
    for (int i = 0; i < 500 && !there("1.up"); ++i)
      std::this_thread::sleep_for(10ms);
    kill(getpid(), SIGKILL);
  }
  waitpid(parent, nullptr, 0);
  start("exit 0");
  EXPECT_TRUE(there("1.up"));
  EXPECT_TRUE(soon([&] { return there("1.left"); }));
}

} // namespace
} // namespace chalkstream::pipelines
