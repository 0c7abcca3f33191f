// Greedy and beam search against transformers' own, and drawing.
#include "models/generation/token_search.hpp"

#include "tests/generation/hash_model.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include <fstream>
#include <map>

namespace chalkstream::models {
namespace {

using ::testing::ElementsAre;
using testing::hash_logits;
using testing::hash_vocabulary;

constexpr writing_limits roomy{hash_vocabulary, 4096};

search_plan planned(const generation_config& rules, const generation_settings& wanted,
                    std::vector<std::int32_t> prompt) {
  auto plan = plan_search(rules, wanted, std::move(prompt), roomy);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? *plan : search_plan();
}

/// Runs a search to its end; the lines are kept as a model would keep them.
written_text written_by(search_plan plan) {
  std::vector<std::vector<std::int32_t>> lines{plan.prompt};
  const auto search = make_search(std::move(plan));
  while (!search->finished()) {
    std::vector<float> logits;
    for (const auto& line : lines) {
      const auto row = hash_logits(line);
      logits.insert(logits.end(), row.begin(), row.end());
    }
    std::vector<std::vector<std::int32_t>> next;
    for (const auto& go_on : search->advance(logits)) {
      next.push_back(lines.at(go_on.line));
      next.back().push_back(go_on.token);
    }
    lines = std::move(next);
  }
  return search->take();
}

TEST(token_search_test, writes_what_transformers_writes_with_every_setting) {
  std::ifstream in(CHALK_GENERATION_GOLDENS "/search.json");
  const auto cases = nlohmann::json::parse(in);
  ASSERT_GE(cases.size(), 600U);
  for (const auto& one : cases) {
    SCOPED_TRACE(one.dump());
    const auto json = parse_json(one["settings"].dump());
    ASSERT_TRUE(json);
    const auto rules = generation_config::read(settings("golden", *json), false);
    ASSERT_TRUE(rules) << rules.error().message;
    const auto text = written_by(planned(*rules, {}, one["prompt"].get<std::vector<std::int32_t>>()));
    EXPECT_EQ(text.ids, one["ids"].get<std::vector<std::int32_t>>());
    if (one.contains("score")) {
      EXPECT_NEAR(text.score, one["score"].get<double>(), 1e-4 * std::max(1.0, std::abs(text.score)));
      const auto penalty =
          std::pow(static_cast<double>(text.ids.size()), one["settings"].value("length_penalty", 1.0));
      EXPECT_NEAR(text.log_probability, text.score * penalty, 1e-4 * std::max(1.0, std::abs(text.log_probability)));
    } else {
      EXPECT_EQ(text.log_probability, text.score);
    }
  }
}

TEST(token_search_test, says_whether_a_text_ended_by_itself) {
  generation_config rules;
  rules.ends = {2};
  rules.max_new_tokens = 3;
  rules.min_new_tokens = 3;
  EXPECT_TRUE(written_by(planned(rules, {}, {1, 2})).cut);
  rules.min_new_tokens = 0;
  rules.forced_last = {2};
  const auto text = written_by(planned(rules, {}, {1, 2}));
  EXPECT_FALSE(text.cut);
  EXPECT_EQ(text.ids.back(), 2);
}

TEST(token_search_test, draws_the_same_with_the_same_seed_and_something_else_with_another) {
  generation_config rules;
  generation_settings wanted;
  wanted.sample = true;
  wanted.max_new_tokens = 30;
  for (const std::size_t beams : {1, 3}) {
    wanted.beams = beams;
    wanted.seed = 7;
    const auto first = written_by(planned(rules, wanted, {1, 2, 3}));
    EXPECT_EQ(written_by(planned(rules, wanted, {1, 2, 3})).ids, first.ids);
    wanted.seed = 8;
    EXPECT_NE(written_by(planned(rules, wanted, {1, 2, 3})).ids, first.ids);
  }
}

TEST(token_search_test, draws_each_token_as_often_as_its_probability_says) {
  generation_config rules;
  generation_settings wanted;
  wanted.sample = true;
  wanted.max_new_tokens = 1;
  wanted.top_k = 0;
  auto row = hash_logits(std::vector<std::int32_t>{1, 2});
  double total = 0;
  for (auto& x : row)
    total += std::exp(x);
  std::map<std::int32_t, double> seen;
  constexpr int draws = 20000;
  for (int i = 0; i < draws; ++i) {
    wanted.seed = static_cast<std::uint64_t>(i);
    seen[written_by(planned(rules, wanted, {1, 2})).ids.front()] += 1.0 / draws;
  }
  for (std::size_t t = 0; t < row.size(); ++t)
    EXPECT_NEAR(seen[static_cast<std::int32_t>(t)], std::exp(row[t]) / total, 0.012) << t; // 4 standard deviations
}

TEST(token_search_test, a_beam_search_asks_for_its_lines_once_they_differ) {
  generation_config rules;
  rules.beams = 3;
  rules.max_new_tokens = 2;
  const auto search = make_search(planned(rules, {}, {1, 2}));
  auto row = hash_logits(std::vector<std::int32_t>{1, 2});
  const auto next = search->advance(row);
  ASSERT_EQ(next.size(), 3U);
  for (const auto& go_on : next)
    EXPECT_EQ(go_on.line, 0U);
}

} // namespace
} // namespace chalkstream::models
