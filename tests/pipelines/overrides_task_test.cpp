#include "pipelines/overrides.hpp"

#include "tests/pipelines/task_fixture.hpp"

namespace chalkstream::pipelines {
namespace {

/// Grades that are there at once, or that cannot be had.
class listed_grades final : public grade_source {
public:
  result<std::shared_ptr<const education::remembered_grade>> find(const education::grade_override& by,
                                                                  wall_time) const override {
    if (away)
      return *away;
    return known.find(by);
  }
  std::size_t waits_at_once() const noexcept override { return 3; }

  education::remembered_grades known{100};
  std::optional<error> away;
};

class overrides_test : public task_fixture {
protected:
  overrides_test() {
    outcome grade;
    grade.id = "g-1";
    grade.event = "s-1";
    grade.learner = pseudonym("t", "learner-007");
    grade.pipeline = "short-answers";
    grade.course = "c";
    grade.assignment = "quiz";
    grade.score = 1.5;
    grade.max_score = 4;
    grade.label = "partially_correct";
    grades->known.add(grade);
  }

  task_step given(std::string_view event, std::string_view more = "") const {
    auto with = settings();
    with.groups = groups;
    return overrides({.task = with, .grades = grades})
        .prepare(
            record_of(R"({"id":"o-1","type":"override","tenant":"t","learner":"learner-007","reviewer":"Ms Marple",)"
                      R"("score":3,"max_score":4,"event":")"
                      + std::string(event) + "\"" + std::string(more) + "}"));
  }

  std::shared_ptr<listed_grades> grades = std::make_shared<listed_grades>();
  std::shared_ptr<result_groups> groups = std::make_shared<result_groups>();
};

TEST_F(overrides_test, become_a_record_beside_the_grade_under_the_learners_pseudonym) {
  const auto kept = expect_step<reply>(given("s-1", R"(,"reason":"Both points are there.")"));
  EXPECT_EQ(kept.key, pseudonym("t", "learner-007"));
  for (const auto part :
       {R"("event":"s-1","pipeline":"p")", R"("override":"o-1")", R"("result":"g-1")",
        R"("graded_by":"short-answers")", R"("assignment":"quiz")", R"("engine_score":1.5)", R"("score":3)",
        R"("agreement":"apart")", R"("difference":0.375)", R"("reason":"Both points are there.")"})
    EXPECT_TRUE(has(kept.value, part)) << part << " is not in " << kept.value;
  EXPECT_TRUE(has(kept.value, R"("reviewer":")" + pseudonym("t", "Ms Marple")));
  for (const auto& text : {kept.value, kept.key})
    EXPECT_FALSE(has(text, "Marple") || has(text, "learner-007")) << text;
  EXPECT_FALSE(kept.review) << "a person has spoken";
}

TEST_F(overrides_test, are_counted_by_agreement_and_not_among_the_scores) {
  groups->names[static_cast<std::size_t>(group_kind::assignment)] = {"other-quiz", "quiz"};
  const auto tally = expect_step<reply>(given("s-1")).tally;
  ASSERT_TRUE(tally.compared && tally.compared->scores);
  EXPECT_EQ(tally.compared->how, agreement::apart);
  EXPECT_FLOAT_EQ(tally.compared->scores->person, 0.75F);
  EXPECT_FLOAT_EQ(tally.compared->scores->engine, 0.375F);
  EXPECT_FALSE(tally.score);
  EXPECT_EQ(tally.groups[static_cast<std::size_t>(group_kind::assignment)], 2) << "the grade's, not the override's";
}

TEST_F(overrides_test, of_grades_that_nobody_remembers_are_kept_all_the_same) {
  const auto kept = expect_step<reply>(given("s-2", R"(,"assignment":"told")"));
  EXPECT_TRUE(has(kept.value, R"("assignment":"told")")) << kept.value;
  EXPECT_TRUE(has(kept.value, R"("score":3)"));
  EXPECT_TRUE(has(kept.value, R"("agreement":"unknown")"));
  ASSERT_TRUE(kept.tally.compared);
  EXPECT_EQ(kept.tally.compared->how, agreement::unknown);
  EXPECT_FALSE(kept.tally.compared->scores);
}

TEST_F(overrides_test, of_an_assignment_are_about_its_newest_grade_and_name_its_event) {
  const auto kept = expect_step<reply>(given("", R"(,"assignment":"quiz")"));
  EXPECT_TRUE(has(kept.value, R"("event":"s-1")")) << kept.value;
  EXPECT_TRUE(has(kept.value, R"("result":"g-1")"));
}

TEST_F(overrides_test, the_same_one_read_again_has_the_same_id) {
  EXPECT_EQ(expect_step<reply>(given("s-1")).value, expect_step<reply>(given("s-1")).value);
}

TEST_F(overrides_test, what_is_no_override_is_rejected_and_so_is_what_cannot_be_compared_now) {
  EXPECT_EQ(expect_step<rejection>(given("")).reason, reject_reason::missing_field) << "neither event nor assignment";
  grades->away = error{errc::unavailable, "could not be read to their end in time"};
  const auto refused = expect_step<rejection>(given("s-1"));
  EXPECT_EQ(refused.reason, reject_reason::source_unavailable);
  EXPECT_EQ(refused.detail, "the grades could not be read to their end in time");
}

TEST_F(overrides_test, wait_on_threads_of_their_own) {
  EXPECT_EQ(overrides({.task = settings(), .grades = grades}).waits_at_once(), 3u);
}

} // namespace
} // namespace chalkstream::pipelines
