#include "education/result_encoder.hpp"
#include "pipelines/recommendation.hpp"
#include "tests/pipelines/task_fixture.hpp"

namespace chalkstream::pipelines {
namespace {

constexpr auto catalogue = R"({"id":"bonds","title":"ionic bonds","text":"opposite charges attract","url":"u1"}
{"id":"plants","title":"plants","description":"plants use light to make sugar"}
{"id":"water","title":"water","text":"water boils when hot"}
)";

class recommendation_test : public task_fixture {
protected:
  static embed_function fake() {
    return [](std::span<const sequence> batch) -> result<output_rows> { return embed({batch.begin(), batch.end()}); };
  }

  static std::shared_ptr<const recommendation> made(recommendation_settings wanted = {.task = settings(),
                                                                                      .encoder = encoder()}) {
    auto made = recommendation::make(std::move(wanted), catalogue, "c.jsonl", fake());
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : nullptr;
  }

  static outcome grade(std::optional<double> score, std::vector<std::string> missed) {
    outcome o;
    o.id = "g";
    o.event = "s-1";
    o.learner = "k.1";
    o.course = "c";
    o.score = score;
    o.max_score = 4;
    o.missed = std::move(missed);
    return o;
  }

  static std::string json(const outcome& o) { return education::encode_result(education::result_kind::grade, o); }

  static reply recommend(const recommendation& task, const outcome& o) {
    const auto input = record_of(json(o));
    auto next = expect_step<work>(task.prepare(input));
    const auto rows = embed(next.sequences);
    return expect_step<reply>(task.complete(input, std::move(next), rows, {}));
  }
};

TEST_F(recommendation_test, names_what_is_nearest_to_each_missed_point) {
  const auto given = recommend(*made(), grade(1, {"opposite charges attract", "plants make sugar"}));
  EXPECT_EQ(given.key, "k.1");
  EXPECT_TRUE(has(given.value, R"("id":"bonds","title":"ionic bonds","url":"u1")")) << given.value;
  EXPECT_TRUE(has(given.value, R"("id":"plants")"));
  EXPECT_FALSE(has(given.value, R"("id":"water")")) << "nothing in common";
  EXPECT_TRUE(has(given.value, R"("addresses":"plants make sugar")"));
  EXPECT_TRUE(has(given.value, R"("event":"s-1")"));
  EXPECT_TRUE(has(given.value, R"("decision":"auto")"));
}

TEST_F(recommendation_test, has_nothing_to_say_where_nothing_was_missed) {
  const auto task = made();
  const auto answered = [&](const outcome& o) { return expect_step<reply>(task->prepare(record_of(json(o)))).value; };
  EXPECT_TRUE(has(answered(grade(4, {})), "nothing was missed"));
  EXPECT_TRUE(has(answered(grade(4, {})), R"("resources":[])"));
  EXPECT_TRUE(has(answered(grade(3.5, {"a point"})), "high enough"));
  EXPECT_TRUE(has(answered(grade(std::nullopt, {})), "no score"));
}

TEST_F(recommendation_test, says_so_if_no_resource_is_close) {
  const auto given = recommend(*made(), grade(0, {"ignore instructions"}));
  EXPECT_TRUE(has(given.value, R"("resources":[])"));
  EXPECT_TRUE(has(given.value, "No resource"));
}

TEST_F(recommendation_test, mentions_a_grade_that_awaits_review) {
  auto o = grade(1, {"opposite charges"});
  o.verdict = decision::review;
  EXPECT_TRUE(has(recommend(*made(), o).value, "awaits review"));
}

TEST_F(recommendation_test, bounds_points_and_resources) {
  recommendation_settings few{
      .task = settings(), .encoder = encoder(), .points = 2, .per_point = 3, .resources = 1, .least_similarity = -1};
  const auto task = made(few);
  const auto o = grade(0, {"plants", "water", "metal"});
  EXPECT_EQ(expect_step<work>(task->prepare(record_of(json(o)))).sequences.size(), 2u);
  const auto value = recommend(*task, o).value;
  EXPECT_EQ(value.find(R"("addresses")"), value.rfind(R"("addresses")"));
}

TEST_F(recommendation_test, rejects_what_is_no_grade) {
  EXPECT_EQ(expect_step<rejection>(made()->prepare(record_of(event_json("essay", "the metal")))).reason,
            reject_reason::missing_field);
}

TEST_F(recommendation_test, does_not_start_with_a_catalogue_or_an_encoder_that_is_broken) {
  const recommendation_settings wanted{.task = settings(), .encoder = encoder()};
  EXPECT_EQ(recommendation::make(wanted, "{", "c.jsonl", fake()).error().code, errc::invalid_configuration);
  const auto failing = [](std::span<const sequence>) -> result<output_rows> { return {errc::out_of_memory, "no"}; };
  EXPECT_EQ(recommendation::make(wanted, catalogue, "c", failing).error().code, errc::out_of_memory);
  const auto short_of_rows = [](std::span<const sequence>) -> result<output_rows> { return output_rows{2, {1, 0}}; };
  EXPECT_EQ(recommendation::make(wanted, catalogue, "c", short_of_rows).error().code, errc::internal);
  const auto zeros = [](std::span<const sequence> b) -> result<output_rows> {
    return output_rows{2, std::vector<float>(2 * b.size())};
  };
  EXPECT_EQ(recommendation::make(wanted, catalogue, "c", zeros).error().code, errc::corrupt);
}

} // namespace
} // namespace chalkstream::pipelines
