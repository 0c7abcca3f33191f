#include "models/generation/search_plan.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace chalkstream::models {
namespace {

using ::testing::HasSubstr;

constexpr writing_limits limits{100, 50};

TEST(search_plan_test, counts_lengths_as_transformers_does) {
  generation_config rules;
  EXPECT_EQ(plan_search(rules, {}, {1, 2, 3}, limits)->longest, 23U) << "20 new tokens where nobody says anything";
  rules.max_length = 30;
  EXPECT_EQ(plan_search(rules, {}, {1, 2, 3}, limits)->longest, 30U);
  rules.max_new_tokens = 5;
  EXPECT_EQ(plan_search(rules, {}, {1, 2, 3}, limits)->longest, 8U) << "new tokens go first";
  generation_settings wanted;
  wanted.max_new_tokens = 7;
  wanted.min_new_tokens = 2;
  rules.min_length = 20;
  const auto plan = plan_search(rules, wanted, {1, 2, 3}, limits);
  EXPECT_EQ(plan->longest, 10U);
  EXPECT_EQ(plan->rules.min_length, 5U);
  EXPECT_FALSE(plan->bounded_by_model);
}

TEST(search_plan_test, ends_where_the_model_does) {
  generation_settings wanted;
  wanted.max_new_tokens = SIZE_MAX;
  const auto plan = plan_search({}, wanted, {1, 2, 3}, limits);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->longest, 50U);
  EXPECT_TRUE(plan->bounded_by_model);
}

TEST(search_plan_test, forces_the_configured_first_token_behind_a_prompt_of_one_and_the_wanted_one_behind_any) {
  generation_config rules;
  rules.forced_first = 9;
  EXPECT_EQ(plan_search(rules, {}, {1}, limits)->rules.forced_first, 9);
  EXPECT_FALSE(plan_search(rules, {}, {1, 2}, limits)->rules.forced_first);
  generation_settings wanted;
  wanted.first_token = 11;
  EXPECT_EQ(plan_search(rules, wanted, {1}, limits)->rules.forced_first, 11);
  EXPECT_EQ(plan_search(rules, wanted, {1, 2}, limits)->rules.forced_first, 11);
}

TEST(search_plan_test, refuses_what_cannot_be_served) {
  const auto refused = [](auto&& set, std::vector<std::int32_t> prompt = {1}) {
    generation_settings wanted;
    set(wanted);
    const auto plan = plan_search({}, wanted, std::move(prompt), limits);
    EXPECT_FALSE(plan);
    return plan ? std::string() : to_string(plan.error());
  };
  const auto nothing = [](generation_settings&) {};
  EXPECT_THAT(refused(nothing, std::vector<std::int32_t>(50, 1)),
              HasSubstr("invalid_argument: the prompt has 50 tokens, and prompt and text together may have 50"));
  EXPECT_THAT(refused([](auto& s) { s.beams = 0; }), HasSubstr("1 to 64 beams, not 0"));
  EXPECT_THAT(refused([](auto& s) { s.beams = 65; }), HasSubstr("not 65"));
  EXPECT_THAT(refused([](auto& s) { s.temperature = 0; }), HasSubstr("temperature"));
  EXPECT_THAT(refused([](auto& s) { s.repetition_penalty = -1; }), HasSubstr("repetition penalty"));
  EXPECT_THAT(refused([](auto& s) { s.top_p = 1.5; }), HasSubstr("top_p"));
  EXPECT_THAT(refused([](auto& s) { s.first_token = 100; }), HasSubstr("first token, 100,"));
  EXPECT_THAT(refused([](auto& s) { s.first_token = -1; }), HasSubstr("first token, -1,"));
  EXPECT_THAT(refused([](auto& s) { s.max_new_tokens = 0; }), HasSubstr("at least one new token"));
  EXPECT_THAT(refused([](auto& s) { s.length_penalty = std::nan(""); }), HasSubstr("length penalty"));
}

} // namespace
} // namespace chalkstream::models
