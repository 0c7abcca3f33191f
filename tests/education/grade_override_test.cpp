#include "education/grade_override.hpp"

#include "education/override_result.hpp"

#include <array>
#include <fstream>
#include <gtest/gtest.h>

namespace chalkstream::education {
namespace {

std::shared_ptr<const pseudonymiser> test_pseudonyms() {
  const std::array<unsigned char, 32> key{1, 2, 3};
  return pseudonymiser::from_key(key).value();
}

class grade_override_test : public testing::Test {
protected:
  override_decoder decoder{test_pseudonyms(), {.max_bytes = 8192}};

  grade_override accepted(std::string_view value) const {
    auto decoded = decoder.decode(value);
    if (const auto* refused = std::get_if<rejection>(&decoded)) {
      ADD_FAILURE() << "rejected: " << refused->detail;
      return {};
    }
    return std::get<grade_override>(std::move(decoded));
  }

  /// "missing_field: event is required"
  std::string refused(std::optional<std::string_view> value) const {
    const auto decoded = decoder.decode(value);
    const auto* why = std::get_if<rejection>(&decoded);
    return why ? std::string{to_string(why->reason)} + ": " + why->detail : "accepted";
  }

  /// A valid override whose member `name` is `json` instead, or is added.
  static std::string with(std::string_view name, std::string_view json) {
    std::string out = "{";
    bool there = false;
    for (auto [key, value] : {std::pair{"id", R"("o1")"},
                              {"type", R"("override")"},
                              {"event", R"("s1")"},
                              {"learner", R"("learner-007")"},
                              {"reviewer", R"("teacher-3")"},
                              {"score", "0.5"}}) {
      out += std::string{out.size() > 1 ? "," : ""} + '"' + key + "\":" + std::string{key == name ? json : value};
      there |= key == name;
    }
    if (!there && !name.empty())
      out += ",\"" + std::string{name} + "\":" + std::string{json};
    return out + "}";
  }
};

TEST_F(grade_override_test, reads_every_field) {
  const auto o = accepted(
      R"({"id":"o1","type":"override","tenant":"t","event":"s-1","result":"abc","learner":"l-1","reviewer":"r-1",
          "course":"c","assignment":"a","item":"i","score":3,"max_score":4,"label":"correct","reason":"A new point.",
          "occurred_at":"2026-11-24T08:59:59.5Z","unknown":[1]})");
  EXPECT_EQ(o.id, "o1");
  EXPECT_EQ(o.event, "s-1");
  EXPECT_EQ(o.result, "abc");
  EXPECT_EQ(o.tenant, "t");
  EXPECT_EQ(o.course, "c");
  EXPECT_EQ(o.assignment, "a");
  EXPECT_EQ(o.item, "i");
  EXPECT_EQ(o.score, 3);
  EXPECT_EQ(o.max_score, 4);
  EXPECT_EQ(o.label, "correct");
  EXPECT_EQ(o.reason, "A new point.");
  EXPECT_TRUE(o.occurred_at);
}

TEST_F(grade_override_test, a_native_one_is_not_taken_for_a_learning_systems_by_what_else_it_has) {
  EXPECT_EQ(accepted(with("verb", R"({"id":"http://adlnet.gov/expapi/verbs/scored"})")).event, "s1");
  EXPECT_EQ(accepted(with("metadata", R"({"a":1},"body":{"b":2})")).event, "s1");
}

TEST_F(grade_override_test, people_leave_as_pseudonyms_of_their_tenant) {
  const auto o = accepted(with("tenant", R"("north")"));
  const auto names = test_pseudonyms();
  EXPECT_EQ(o.learner, names->pseudonym("north", "learner-007"));
  EXPECT_EQ(o.reviewer, names->pseudonym("north", "teacher-3"));
  EXPECT_NE(accepted(with("", "")).reviewer, o.reviewer);
}

TEST_F(grade_override_test, a_label_may_stand_for_a_score_and_null_is_absent) {
  const auto o = accepted(
      R"({"id":"o1","type":"override","event":"s1","learner":"l","reviewer":"r","score":null,"label":"B2","max_score":null})");
  EXPECT_FALSE(o.score);
  EXPECT_EQ(o.max_score, 1);
  EXPECT_EQ(o.label, "B2");
}

TEST_F(grade_override_test, what_is_wrong_is_named_and_never_quoted) {
  EXPECT_EQ(refused(std::nullopt), "empty_value: the record has no value");
  EXPECT_EQ(refused("[]"), "wrong_type: the value is JSON, but not an object");
  EXPECT_EQ(refused("{"), "malformed_json: the value is not one JSON object");
  EXPECT_EQ(refused(std::string(9000, ' ')), "too_large: the value has 9000 bytes; the limit is 8192");
  EXPECT_EQ(refused("{\"id\":\"\xff\"}"), "invalid_utf8: the value is not UTF-8");
  EXPECT_TRUE(refused(with("x", std::string(40, '[') + std::string(40, ']'))).starts_with("too_deep"));
  for (const std::string name : {"id", "learner", "reviewer", "type"}) {
    EXPECT_EQ(refused(with(name, "null")), "missing_field: " + name + " is required");
    EXPECT_EQ(refused(with(name, "7")), "wrong_type: " + name + " must be a string");
  }
  EXPECT_EQ(refused(with("event", "null")), "missing_field: event or assignment is required");
  EXPECT_EQ(refused(with("reviewer", R"("  ")")), "invalid_value: reviewer is empty");
  EXPECT_EQ(refused(with("reviewer", R"("a\u0000b")")), "invalid_value: reviewer holds control characters");
  EXPECT_EQ(refused(with("result", '"' + std::string(513, 'x') + '"')),
            "invalid_value: result is longer than 512 bytes");
  EXPECT_EQ(refused(with("label", R"("a\nb")")), "invalid_value: label holds control characters");
  EXPECT_EQ(refused(with("type", R"("essay")")), "unknown_type: type must be override");
  EXPECT_EQ(refused(with("score", "null")), "missing_field: score or label is required");
  EXPECT_EQ(refused(with("score", R"("1")")), "wrong_type: score must be a number");
  for (const auto* impossible : {"-0.1", "1.5", "1e308"})
    EXPECT_EQ(refused(with("score", impossible)),
              "invalid_value: score must be from 0 to max_score (1 if there is none)");
  for (const auto* impossible : {"0", "-4"})
    EXPECT_EQ(refused(with("max_score", impossible)), "invalid_value: max_score must be finite and above 0");
  EXPECT_EQ(refused(with("max_score", "NaN")), "malformed_json: the value is not one JSON object");
  EXPECT_EQ(refused(with("reason", '"' + std::string(4097, 'x') + '"')),
            "invalid_value: reason is longer than 4096 bytes");
  EXPECT_EQ(refused(with("occurred_at", R"("yesterday")")),
            "invalid_value: occurred_at is not an RFC 3339 time with an offset");
  const auto once = with("", "");
  EXPECT_EQ(refused(once.substr(0, once.size() - 1) + R"(,"score":1})"), "invalid_value: score appears twice");
}

TEST_F(grade_override_test, one_that_names_no_event_names_the_assignment) {
  const auto o = accepted(
      R"({"id":"o1","type":"override","assignment":"quiz","item":"q1","learner":"l","reviewer":"r","score":1})");
  EXPECT_EQ(o.event, "");
  EXPECT_EQ(o.assignment, "quiz");
}

TEST_F(grade_override_test, the_tenant_of_those_that_do_not_say_theirs_may_be_given) {
  const override_decoder of_north{test_pseudonyms(), {}, "north"};
  const auto own = std::get<grade_override>(of_north.decode(with("tenant", R"("south")")));
  EXPECT_EQ(own.tenant, "south");
  const auto given = std::get<grade_override>(of_north.decode(with("", "")));
  EXPECT_EQ(given.learner, test_pseudonyms()->pseudonym("north", "learner-007"));
}

// -- the rule ---------------------------------------------------------------------------

outcome graded(std::optional<double> score, std::optional<double> max_score, std::string label = "") {
  outcome grade;
  grade.id = "g1";
  grade.event = "s1";
  grade.learner = "k.1";
  grade.pipeline = "short-answers";
  grade.score = score;
  grade.max_score = max_score;
  grade.label = std::move(label);
  return grade;
}

grade_override by_person(std::optional<double> score, double max_score, std::string label = "") {
  grade_override by;
  by.id = "o1";
  by.event = "s1";
  by.learner = "k.1";
  by.reviewer = "k.2";
  by.score = score;
  by.max_score = max_score;
  by.label = std::move(label);
  return by;
}

agreement between(const grade_override& person, const outcome& engine, std::size_t steps) {
  const remembered_grade grade{engine};
  return compare_grades(person, &grade, steps).how;
}

TEST(compared_grades_test, scores_are_compared_on_the_nearest_of_equal_steps) {
  EXPECT_EQ(between(by_person(3, 4), graded(3.4, 4), 4), agreement::exact) << "3.4 of 4 is nearest to 3";
  EXPECT_EQ(between(by_person(3, 4), graded(3.6, 4), 4), agreement::adjacent);
  EXPECT_EQ(between(by_person(3, 4), graded(1.4, 4), 4), agreement::apart);
  EXPECT_EQ(between(by_person(3, 4), graded(0.75, 1), 4), agreement::exact) << "each of its own highest";
  EXPECT_EQ(between(by_person(1, 1), graded(0.94, 1), 10), agreement::adjacent);
  EXPECT_EQ(between(by_person(1, 1), graded(0.96, 1), 10), agreement::exact);
  const remembered_grade grade{graded(1, 4)};
  const auto compared = compare_grades(by_person(3, 4), &grade, 10);
  ASSERT_TRUE(compared.scores);
  EXPECT_FLOAT_EQ(compared.scores->person, 0.75F);
  EXPECT_FLOAT_EQ(compared.scores->engine, 0.25F);
}

TEST(compared_grades_test, labels_decide_where_a_score_is_missing) {
  EXPECT_EQ(between(by_person({}, 1, "correct"), graded(0.9, 1, "correct"), 10), agreement::exact);
  EXPECT_EQ(between(by_person({}, 1, "non_domain"), graded(0.1, 1, "incorrect"), 10), agreement::exact)
      << "another name of it";
  EXPECT_EQ(between(by_person({}, 1, "B2"), graded({}, {}, "B2"), 10), agreement::exact);
  EXPECT_EQ(between(by_person({}, 1, "B2"), graded({}, {}, "B1"), 10), agreement::apart);
  EXPECT_EQ(between(by_person(1, 1), graded({}, 1), 10), agreement::unknown);
  EXPECT_EQ(between(by_person(1, 1), graded(1, 0), 10), agreement::unknown) << "of nothing";
  EXPECT_EQ(compare_grades(by_person(1, 1), nullptr, 10).how, agreement::unknown);
}

TEST(remembered_grades_test, finds_a_grade_by_its_id_or_the_newest_of_the_event) {
  remembered_grades grades(3);
  auto first = graded(1, 4), again = graded(2, 4);
  again.id = "g2";
  grades.add(first);
  grades.add(again);
  auto by = by_person(1, 4);
  EXPECT_EQ(grades.find(by)->id, "g2");
  by.result = "g1";
  EXPECT_EQ(grades.find(by)->id, "g1");
  by.event = "s2";
  EXPECT_EQ(grades.find(by), nullptr) << "a grade of another event";
  by.event = "s1";
  by.learner = "k.9";
  EXPECT_EQ(grades.find(by), nullptr) << "a grade of another learner";
  by.result.clear();
  EXPECT_EQ(grades.find(by), nullptr);
}

TEST(remembered_grades_test, where_no_event_is_named_the_newest_of_the_assignment_and_item_is_meant) {
  remembered_grades grades(9);
  for (const auto* item : {"", "q1", "q2", "q1"}) {
    auto grade = graded(1, 4);
    grade.id = "g" + std::to_string(grades.size());
    grade.event = "s" + grade.id;
    grade.assignment = "quiz";
    grade.item = item;
    grades.add(grade);
  }
  auto by = by_person(1, 4);
  by.event.clear();
  by.assignment = "quiz";
  EXPECT_EQ(grades.find(by)->id, "g0");
  by.item = "q1";
  EXPECT_EQ(grades.find(by)->id, "g3");
  by.item = "q9";
  EXPECT_EQ(grades.find(by), nullptr);
  by.result = "g2";
  EXPECT_EQ(grades.find(by)->id, "g2") << "its own id needs no other";
}

TEST(remembered_grades_test, the_oldest_is_forgotten_first) {
  remembered_grades grades(2);
  for (const auto* event : {"a", "b", "a", "c"}) { // "a" is graded twice
    auto grade = graded(1, 4);
    grade.id = std::string{"g"} + std::to_string(grades.size()) + event;
    grade.event = event;
    grades.add(grade);
  }
  EXPECT_EQ(grades.size(), 2u);
  auto by = by_person(1, 4);
  const auto known = [&](const char* event) {
    by.event = event;
    return grades.find(by) != nullptr;
  };
  EXPECT_TRUE(known("a"));
  EXPECT_FALSE(known("b"));
  EXPECT_TRUE(known("c"));
}

TEST(override_result_test, keeps_both_grades_and_who_changed_it) {
  auto engine = graded(1.5, 4, "partially_correct");
  engine.confidence = 0.5;
  engine.verdict = decision::review;
  const remembered_grade grade{engine};
  auto by = by_person(3, 4, "correct");
  by.reason = "The \"third\" point counts.";
  outcome about;
  about.id = "a1";
  about.event = "s1";
  about.pipeline = "corrections";
  about.learner = "k.1";
  const auto kept = encode_override(about, by, &grade, compare_grades(by, &grade, 10));
  EXPECT_EQ(
      kept.value,
      R"({"id":"a1","event":"s1","pipeline":"corrections","learner":"k.1","course":"","assignment":"","item":"",)"
      R"("override":"o1","reviewer":"k.2","score":3,"max_score":4,"label":"correct",)"
      R"("reason":"The \"third\" point counts.","occurred_at":null,"result":"g1","graded_by":"short-answers",)"
      R"("engine_score":1.5,"engine_max_score":4,"engine_label":"partially_correct","engine_confidence":0.5,)"
      R"("engine_decision":"review","agreement":"apart","difference":0.375,)"
      R"("timing":{"queue":0,"prepare":0,"compute":0,"total":0},"completed_at":"1970-01-01T00:00:00.000Z"})");
  EXPECT_EQ(kept.headers[1].value, "org.chalkstream.override");

  by.result = "g7";
  const auto unknown = encode_override(about, by, nullptr, {}).value;
  EXPECT_NE(unknown.find(R"("result":"g7","graded_by":null,"engine_score":null)"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find(R"("agreement":"unknown","difference":null)"), std::string::npos);
}

TEST_F(grade_override_test, the_samples_are_valid) {
  std::ifstream samples{"examples/overrides.jsonl"};
  std::size_t count = 0;
  for (std::string line; std::getline(samples, line); ++count)
    accepted(line);
  EXPECT_GE(count, 8u);
}

} // namespace
} // namespace chalkstream::education
