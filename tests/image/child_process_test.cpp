#include "models/image/child_process.hpp"

#include <cstdlib>
#include <gmock/gmock.h>

namespace chalkstream::image {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

result<child_answer> run(const char* program, const std::vector<std::string>& arguments, std::string_view input,
                         const child_limits& limits = {}) {
  return run_child(program, arguments, std::as_bytes(std::span(input)), limits);
}

TEST(child_process_test, gives_the_input_and_takes_the_output_however_long) {
  std::string long_text(5'000'000, 'x');
  for (std::size_t i = 0; i < long_text.size(); i += 77)
    long_text[i] = static_cast<char>('a' + i % 26);
  const auto answer = run("cat", {}, long_text);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->output, long_text);
  EXPECT_EQ(answer->status, 0);
  EXPECT_EQ(run("cat", {}, "")->output, "");
}

TEST(child_process_test, tells_how_it_ended_and_what_it_complained_of) {
  const auto answer = run("sh", {}, "echo fine; echo bad >&2; exit 3");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->output, "fine\n");
  EXPECT_EQ(answer->complaints, "bad\n");
  EXPECT_EQ(answer->status, 3);
  EXPECT_EQ(run("sh", {}, "kill -9 $$")->status, 128 + 9);
  EXPECT_LE(run("sh", {}, "head -c 100000 /dev/zero >&2")->complaints.size(), 4096U);
}

TEST(child_process_test, passes_arguments_on_as_they_are) {
  EXPECT_EQ(run("printf", {"%s|", "a b", "$HOME", "`id`", ";"}, "")->output, "a b|$HOME|`id`|;|");
}

TEST(child_process_test, ends_what_takes_too_long_with_all_it_began) {
  const auto began = std::chrono::steady_clock::now();
  const auto answer = run("sh", {}, "sleep 60 & sleep 60", {.time = std::chrono::milliseconds(200)});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->over_time);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

TEST(child_process_test, ends_what_says_too_much) {
  const auto answer = run("yes", {}, "", {.output = 1000});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->over_output);
  EXPECT_LE(answer->output.size(), 1001U);
}

TEST(child_process_test, does_not_wait_for_one_that_wants_no_input) {
  const std::string much(3'000'000, 'x');
  EXPECT_EQ(run("true", {}, much)->status, 0);
}

TEST(child_process_test, bounds_memory_files_and_environment) {
  ::setenv("CHALK_SECRET", "s3cret", 1);
  const auto answer = run("sh", {}, "ulimit -v; ulimit -f; ulimit -c; ulimit -n; env; ls /proc/self/fd | wc -l",
                          {.memory = std::size_t{300} << 20});
  ::unsetenv("CHALK_SECRET");
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->output, ::testing::StartsWith("307200\n0\n0\n64\n"));
  EXPECT_THAT(answer->output, Not(HasSubstr("s3cret")));
  EXPECT_THAT(answer->output, ::testing::EndsWith("\n4\n")) << "three streams, and the folder that ls reads";
}

TEST(child_process_test, names_a_program_that_is_not_there) {
  const auto answer = run("no-such-program-anywhere", {}, "");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, errc::not_found);
  EXPECT_THAT(answer.error().message, HasSubstr("no-such-program-anywhere"));
}

} // namespace
} // namespace chalkstream::image
