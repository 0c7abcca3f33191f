// Two plain files whose lines belong together.
#include "tests/pipelines_training/training_fixture.hpp"

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using parallel_text_test = training_fixture;

TEST_F(parallel_text_test, lines_belong_together_whatever_ends_them) {
  const auto set = read_parallel(write("a.en", "one\r\ntwo three\nfour"), write("a.ja", "一\n二 三\n四\n"));
  ASSERT_TRUE(set) << set.error().message;
  ASSERT_EQ(set->examples.size(), 3U);
  EXPECT_EQ(set->examples[0].text, "one");
  EXPECT_EQ(set->examples[1].target, "二 三");
  EXPECT_EQ(set->examples[2].line, 3U);
  EXPECT_EQ(told(error{errc::corrupt, set->place(set->examples[2])}), "a.en:3");
}

TEST_F(parallel_text_test, every_mistake_is_named_at_once) {
  const auto set = read_parallel(write("a.en", "one\n\nthree\nfour\n"), write("a.ja", "一\n二\n\xFF\n"));
  ASSERT_FALSE(set);
  EXPECT_THAT(told(set.error()), AllOf(HasSubstr("a.en:2: is empty"), HasSubstr("a.ja:3: is not UTF-8"),
                                       HasSubstr("a.en:4: has no counterpart")));
  EXPECT_THAT(told(read_parallel(write("b.en", ""), write("b.ja", "")).error()), HasSubstr("b.en: has no lines"));
  EXPECT_THAT(told(read_parallel(write("b.en", ""), write("b.ja", "x")).error()),
              HasSubstr("b.ja:1: has no counterpart"));
  EXPECT_EQ(read_parallel(path("nowhere"), path("b.ja")).error().code, errc::not_found);
}

} // namespace
} // namespace chalkstream::pipelines::tools
