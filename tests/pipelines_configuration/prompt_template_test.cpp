#include "pipelines/prompt_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::pipelines {
namespace {

using ::testing::HasSubstr;

std::string refusal(std::string_view text) {
  const auto made = prompt_template::parse(text);
  EXPECT_FALSE(made) << text;
  return made ? std::string() : made.error().message;
}

TEST(prompt_template_test, fills_its_places_from_the_event) {
  event from;
  from.text = "ignored";
  from.references = {"one", "two"};
  from.item = "i";
  from.assignment = "a";
  from.course = "c";
  from.max_score = 2.5;
  from.lang = "en";
  const auto made =
      prompt_template::parse("{course}/{assignment}/{item} {{{language}}} {max_score}: {text}\n{references}!");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->fill(from, "an answer {item}"), "c/a/i {en} 2.5: an answer {item}\none\ntwo!");
  EXPECT_EQ(prompt_template::parse("{text}{max_score}{language}")->fill(event{}, "x"), "x");
}

TEST(prompt_template_test, says_what_nobody_fills) {
  EXPECT_THAT(refusal("{text} {learner}"), HasSubstr("nothing fills {learner}"));
  EXPECT_THAT(refusal("{text} {referenecs}"), HasSubstr("did you mean 'references'?"));
  EXPECT_THAT(refusal("{text"), HasSubstr("a '{' stands alone"));
  EXPECT_THAT(refusal("{text} }"), HasSubstr("a '}' stands alone"));
  EXPECT_THAT(refusal("Comment on this."), HasSubstr("{text} is missing"));
  EXPECT_THAT(refusal("{{text}}"), HasSubstr("{text} is missing"));
}

TEST(prompt_template_test, has_passages_where_questions_are_answered) {
  const auto made = prompt_template::parse("{passages} => {text}", prompt_use::answering);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->fill(event{}, "who?", "[1] it was"), "[1] it was => who?");
  EXPECT_THAT(prompt_template::parse("{text}", prompt_use::answering).error().message,
              HasSubstr("{passages} is missing"));
  EXPECT_THAT(refusal("{text} {passages}"), HasSubstr("nothing fills {passages}; there are {text}, {references}"));
}

} // namespace
} // namespace chalkstream::pipelines
