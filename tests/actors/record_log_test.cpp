#include "actors/record_log.hpp"

#include "tests/support/collecting_log.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/records.hpp"

#include <gtest/gtest.h>

namespace chalkstream::test {

namespace {

using namespace std::chrono_literals;
using namespace chalkstream::actors;

constexpr auto parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
constexpr std::string_view trace = " trace_id=4bf92f3577b34da6a3ce929d0e0e4736";

class record_log_test : public ::testing::Test {
protected:
  record_log_test() {
    route_->name = "grading";
    route_->topic = "submissions";
  }

  static record record_at(std::int64_t offset, std::vector<header> headers = {}) {
    return make_record(3, offset, "learner-secret", "private words", std::move(headers));
  }

  flight_ptr flight_at(std::int64_t offset, std::vector<header> headers = {}) const {
    auto f = std::make_shared<flight>();
    f->route = route_;
    f->input = record_at(offset, std::move(headers));
    return f;
  }

  collecting_log::line last() const { return said_.lines().back(); }

  manual_clock time_;
  collecting_log said_;
  record_log log_{said_, time_};
  std::shared_ptr<pipeline_route> route_ = std::make_shared<pipeline_route>();
};

const rejection refusal{reject_reason::malformed_json, stage::prepare, "private words", 1};

} // namespace

TEST_F(record_log_test, a_dead_letter_is_named_by_its_place_reason_and_trace_and_by_nothing_else) {
  log_.dead_letter(*route_, record_at(17, {{"traceparent", parent}}), refusal, nullptr);
  EXPECT_EQ(last().component, "grading");
  EXPECT_EQ(last().level, log_level::info);
  EXPECT_EQ(last().message, "dead letter: submissions/3/17, malformed_json at prepare" + std::string(trace));
}

TEST_F(record_log_test, a_record_without_a_trace_or_with_a_malformed_one_names_none) {
  log_.dead_letter(*route_, record_at(17), refusal, nullptr);
  log_.dead_letter(*route_, record_at(18, {{"traceparent", "00-private words"}}), refusal, nullptr);
  ASSERT_EQ(said_.lines().size(), 2U);
  for (const auto& l : said_.lines())
    EXPECT_TRUE(l.message.ends_with(", malformed_json at prepare")) << l.message;
}

TEST_F(record_log_test, a_trace_that_we_began_is_named_before_the_one_it_came_with) {
  journey own;
  own.own.trace = {0xab};
  log_.dead_letter(*route_, record_at(17, {{"traceparent", parent}}), refusal, &own);
  EXPECT_TRUE(last().message.ends_with(" trace_id=ab" + std::string(30, '0'))) << last().message;
}

TEST_F(record_log_test, what_failed_within_us_is_a_warning) {
  log_.dead_letter(*route_, record_at(17), {reject_reason::model_failed, stage::compute, "", 3}, nullptr);
  EXPECT_EQ(last().level, log_level::warning);
  EXPECT_EQ(last().message, "dead letter: submissions/3/17, model_failed at compute, attempt 3");
  log_.dead_letter(*route_, record_at(18), {reject_reason::expired, stage::schedule, "", 1}, nullptr);
  EXPECT_EQ(last().level, log_level::info);
}

TEST_F(record_log_test, one_that_runs_again_is_named_with_its_attempt) {
  const auto f = flight_at(5, {{"traceparent", parent}});
  f->failures = 2;
  log_.tried_again(*f, stage::compute, errc::out_of_memory);
  EXPECT_EQ(last().level, log_level::warning);
  EXPECT_EQ(last().message,
            "tried again: submissions/3/5, failed at compute (out_of_memory), attempt 2" + std::string(trace));
}

TEST_F(record_log_test, a_batch_that_is_split_names_four_traces_at_most) {
  flights batch{flight_at(0)};
  for (int i = 1; i <= 6; ++i)
    batch.push_back(flight_at(i, {{"traceparent", parent}}));
  log_.split("scheduler", "model minilm", batch, errc::internal);
  const std::string all(trace);
  EXPECT_EQ(last().component, "scheduler");
  EXPECT_EQ(last().message,
            "model minilm failed on 7 records (internal), which are tried apart" + all + all + all + all);
}

TEST_F(record_log_test, a_flood_is_cut_off_and_counted) {
  constexpr std::size_t many = 500;
  for (std::size_t i = 0; i < many; ++i)
    log_.dead_letter(*route_, record_at(static_cast<std::int64_t>(i)), refusal, nullptr);
  EXPECT_EQ(said_.lines().size(), record_log::lines);
  time_.advance(record_log::stretch);
  log_.dead_letter(*route_, record_at(1000, {{"traceparent", parent}}), refusal, nullptr);
  EXPECT_EQ(said_.lines().size(), record_log::lines + 1);
  EXPECT_TRUE(last().message.ends_with("; " + std::to_string(many - record_log::lines)
                                       + " lines about other records were left out" + std::string(trace)))
      << last().message;
}

TEST_F(record_log_test, no_line_says_whose_a_record_is_or_what_is_in_it) {
  log_.dead_letter(*route_, record_at(1, {{"traceparent", parent}, {"x", "learner-secret"}}), refusal, nullptr);
  log_.tried_again(*flight_at(2), stage::prepare, errc::internal);
  log_.split("prepare", "a step", {flight_at(3), flight_at(4)}, errc::internal);
  EXPECT_EQ(said_.lines().size(), 3U);
  EXPECT_FALSE(said_.contains("secret"));
  EXPECT_FALSE(said_.contains("private"));
}

} // namespace chalkstream::test
