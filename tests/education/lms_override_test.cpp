// What learning systems say when a person grades; the samples follow their own documentation.
#include "education/grade_override.hpp"

#include <array>
#include <gtest/gtest.h>

namespace chalkstream::education {
namespace {

class lms_override_test : public testing::Test {
protected:
  static std::shared_ptr<const pseudonymiser> names() {
    const std::array<unsigned char, 32> key{1, 2, 3};
    return pseudonymiser::from_key(key).value();
  }
  static std::string pseudonym(std::string_view id) { return names()->pseudonym("north", id); }

  grade_override accepted(std::string_view value) const {
    auto decoded = decoder.decode(value);
    if (const auto* refused = std::get_if<rejection>(&decoded)) {
      ADD_FAILURE() << "rejected: " << refused->detail;
      return {};
    }
    return std::get<grade_override>(std::move(decoded));
  }

  std::string refused(std::string_view value) const {
    const auto decoded = decoder.decode(value);
    const auto* why = std::get_if<rejection>(&decoded);
    return why ? std::string{to_string(why->reason)} + ": " + why->detail : "accepted";
  }

  /// `text` with its first `from` as `to`.
  static std::string changed(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }

  override_decoder decoder{names(), {.max_bytes = 8192}, "north"};
};

const std::string caliper = R"({"@context":"http://purl.imsglobal.org/ctx/caliper/v1p2","id":"urn:uuid:a50ca17f",
  "type":"GradeEvent","profile":"GradingProfile","actor":{"id":"https://example.edu/users/554433","type":"Person"},
  "action":"Graded","object":{"id":"https://example.edu/a/1/users/112233/attempts/1","type":"Attempt",
  "assignee":{"id":"https://example.edu/users/112233","type":"Person"},"assignable":"https://example.edu/a/1","count":1},
  "eventTime":"2016-11-15T10:57:06.000Z","generated":{"type":"Score","maxScore":15.0,"scoreGiven":10.0,
  "scoredBy":"https://example.edu/users/554433","comment":"Clear argument."}})";

TEST_F(lms_override_test, a_caliper_grade_of_a_person) {
  const auto o = accepted(caliper);
  EXPECT_EQ(o.id, "urn:uuid:a50ca17f");
  EXPECT_EQ(o.learner, pseudonym("https://example.edu/users/112233"));
  EXPECT_EQ(o.reviewer, pseudonym("https://example.edu/users/554433"));
  EXPECT_EQ(o.assignment, "https://example.edu/a/1");
  EXPECT_EQ(o.event, "");
  EXPECT_EQ(o.score, 10);
  EXPECT_EQ(o.max_score, 15);
  EXPECT_EQ(o.reason, "Clear argument.");
  EXPECT_TRUE(o.occurred_at);
  const auto enveloped =
      accepted(R"({"sensor":"s","sendTime":"2016-11-15T11:05:01.000Z","dataVersion":"v","data":[)" + caliper + "]}");
  EXPECT_EQ(enveloped.learner, o.learner);
  const auto thinned =
      accepted(changed(changed(caliper, R"({"id":"https://example.edu/users/112233","type":"Person"})",
                               R"("https://example.edu/users/112233")"),
                       R"("https://example.edu/a/1",)", R"({"id":"https://example.edu/a/1"},)"));
  EXPECT_EQ(thinned.learner, o.learner);
  EXPECT_EQ(thinned.assignment, o.assignment);
}

TEST_F(lms_override_test, what_a_program_graded_is_no_override) {
  EXPECT_EQ(refused(changed(caliper, R"("type":"Person"},)", R"("type":"SoftwareApplication"},)")),
            "unknown_type: the grade was given by no person");
  EXPECT_EQ(refused(changed(caliper, R"({"id":"https://example.edu/users/554433","type":"Person"})",
                            R"("https://example.edu/users/554433")")),
            "unknown_type: the grade was given by no person")
      << "an id alone may be anybody's";
}

TEST_F(lms_override_test, caliper_events_that_are_none_are_refused) {
  const auto in = [](const std::string& data) { return R"({"sensor":"s","data":)" + data + "}"; };
  EXPECT_EQ(refused(in("[]")), "invalid_value: data must be one event: a record is one override");
  EXPECT_EQ(refused(in("[" + caliper + "," + caliper + "]")),
            "invalid_value: data must be one event: a record is one override");
  EXPECT_EQ(refused(in("7")), "wrong_type: data must be an array of events");
  EXPECT_EQ(refused(in("[7]")), "unknown_type: type is not GradeEvent");
  EXPECT_EQ(refused(in(R"([{"type":"AssignableEvent"}])")), "unknown_type: type is not GradeEvent");
  EXPECT_EQ(refused(changed(caliper, "10.0", "\"ten\"")), "wrong_type: score must be a number");
  EXPECT_EQ(refused(changed(caliper, "10.0", "16")),
            "invalid_value: score must be from 0 to max_score (1 if there is none)");
  EXPECT_EQ(refused(changed(caliper, R"("assignee")", R"("nobody")")), "missing_field: learner is required");
  EXPECT_EQ(refused(changed(caliper, R"("assignable")", R"("nothing")")),
            "missing_field: event or assignment is required");
}

const std::string statement =
    R"({"id":"fdf0b3fd-1","actor":{"name":"A Learner","account":{"homePage":"http://www.example.org",
  "name":"112233"}},"verb":{"id":"http://adlnet.gov/expapi/verbs/scored"},
  "object":{"id":"http://www.example.org/mod/assign/view.php?id=1"},"result":{"score":{"raw":1.5,"min":0,"max":2,"scaled":0.75},
  "completion":true,"success":true,"response":"Half of it."},
  "context":{"instructor":{"name":"A Teacher","account":{"homePage":"http://www.example.org","name":"554433"}}},
  "timestamp":"2015-01-01T01:00:00Z"})";

TEST_F(lms_override_test, an_xapi_statement_of_an_instructor) {
  const auto o = accepted(statement);
  EXPECT_EQ(o.id, "fdf0b3fd-1");
  EXPECT_EQ(o.learner, pseudonym("112233"));
  EXPECT_EQ(o.reviewer, pseudonym("554433"));
  EXPECT_EQ(o.assignment, "http://www.example.org/mod/assign/view.php?id=1");
  EXPECT_EQ(o.score, 1.5);
  EXPECT_EQ(o.max_score, 2);
  EXPECT_EQ(o.reason, "Half of it.");
  const auto scaled = accepted(changed(statement, R"("min":0)", R"("min":1)"));
  EXPECT_EQ(scaled.score, 0.75) << "a scale that does not begin at 0 is known by its share";
  EXPECT_EQ(scaled.max_score, 1);
  EXPECT_EQ(accepted(changed(statement, R"("account":{"homePage":"http://www.example.org",
  "name":"112233"})",
                             R"("mbox":"mailto:a@example.org")"))
                .learner,
            pseudonym("mailto:a@example.org"));
}

TEST_F(lms_override_test, other_statements_are_refused) {
  EXPECT_EQ(refused(changed(statement, "verbs/scored", "verbs/answered")), "unknown_type: verb is not scored");
  EXPECT_EQ(refused(changed(statement, "instructor", "team")), "unknown_type: the grade was given by no person");
  EXPECT_EQ(refused(changed(statement, R"("scaled":0.75)", R"("scaled":-0.5)")), "accepted") << "raw goes before it";
  EXPECT_EQ(refused(changed(changed(statement, R"("scaled":0.75)", R"("scaled":-0.5)"), R"("raw":1.5,)", "")),
            "invalid_value: score must be from 0 to max_score (1 if there is none)");
  EXPECT_EQ(refused(R"({"verb":7})"), "unknown_type: verb is not scored");
}

const std::string canvas = R"({"metadata":{"event_name":"grade_change","event_time":"2019-11-01T19:11:21.419Z",
  "request_id":"1dd9dc6f","client_ip":"93.184.216.34","user_login":"teacher@example.edu"},
  "body":{"assignment_id":"21070000001234012","grade":"B+","grader_id":"21070000000000098","grading_complete":true,
  "muted":false,"old_score":11,"points_possible":20,"score":17.5,"student_id":"21070000000014012","student_sis_id":null,
  "submission_id":"21070000012345567"}})";

TEST_F(lms_override_test, a_canvas_grade_change_of_a_grader) {
  const auto o = accepted(canvas);
  EXPECT_EQ(o.id, "1dd9dc6f");
  EXPECT_EQ(o.learner, pseudonym("21070000000014012"));
  EXPECT_EQ(o.reviewer, pseudonym("21070000000000098"));
  EXPECT_EQ(o.assignment, "21070000001234012");
  EXPECT_EQ(o.score, 17.5);
  EXPECT_EQ(o.max_score, 20);
  EXPECT_EQ(o.label, "B+");
  const auto without_score = accepted(changed(canvas, "17.5", "null"));
  EXPECT_FALSE(without_score.score);
  EXPECT_EQ(without_score.label, "B+");
}

TEST_F(lms_override_test, other_changes_in_canvas_are_refused) {
  EXPECT_EQ(refused(changed(canvas, "grade_change", "submission_created")),
            "unknown_type: metadata.event_name is not grade_change");
  for (const auto* automatic : {"null", R"("-27")"})
    EXPECT_EQ(refused(changed(canvas, R"("21070000000000098")", automatic)),
              "unknown_type: the grade was given by no person");
  EXPECT_EQ(refused(changed(canvas, R"("21070000000014012")", "21070000000014012")),
            "wrong_type: learner must be a string")
      << "it would not survive a double";
  EXPECT_EQ(refused(R"({"metadata":[],"body":7})"), "unknown_type: metadata.event_name is not grade_change");
}

TEST_F(lms_override_test, every_cut_and_every_changed_byte_of_them_ends_as_one_or_the_other) {
  for (const auto& whole : {caliper, statement, canvas}) {
    for (std::size_t length = 0; length < whole.size(); ++length)
      EXPECT_TRUE(std::holds_alternative<rejection>(decoder.decode(std::string_view{whole}.substr(0, length))));
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (const char c : {'"', '{', '\0', '9', '\xff'}) {
        auto other = whole;
        other[at] = c;
        const auto decoded = decoder.decode(other);
        if (const auto* o = std::get_if<grade_override>(&decoded)) {
          EXPECT_FALSE(o->id.empty());
          EXPECT_TRUE(o->score || !o->label.empty());
        }
      }
  }
}

} // namespace
} // namespace chalkstream::education
