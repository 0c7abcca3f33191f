#include "pipelines/grade_follower.hpp"

#include "education/result_encoder.hpp"
#include "kafka/embedded_broker.hpp"
#include "kafka/topic_writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <future>

namespace chalkstream::pipelines {
namespace {

using namespace std::chrono_literals;

class grade_follower_test : public testing::Test {
protected:
  void SetUp() override {
    const std::array<kafka::embedded_broker::topic, 1> topics{{{"grades", 2}}};
    auto started = kafka::embedded_broker::start(topics, log::none());
    ASSERT_TRUE(started) << started.error().message;
    broker = std::make_unique<kafka::embedded_broker>(std::move(*started));
  }

  std::unique_ptr<grade_follower> follower(std::size_t remembered = 100, std::chrono::milliseconds patience = 20s,
                                           std::chrono::milliseconds settling = 20s) {
    return std::make_unique<grade_follower>(follower_settings{.brokers = broker->bootstrap(),
                                                              .topic = "grades",
                                                              .client = broker->client(),
                                                              .remembered = remembered,
                                                              .patience = patience,
                                                              .settling = settling},
                                            given_up.get_token(), log::none());
  }

  /// A grade of each event, by event number, and something that is none.
  void write(std::size_t from, std::size_t to) {
    auto writer = kafka::topic_writer::make(broker->bootstrap(), "grades", broker->client(), log::none());
    ASSERT_TRUE(writer) << writer.error().message;
    for (auto i = from; i < to; ++i) {
      outcome grade;
      grade.id = "g" + std::to_string(i);
      grade.event = "s" + std::to_string(i);
      grade.learner = "k.1";
      grade.score = 1;
      const auto value = encode_result(education::result_kind::grade, grade);
      ASSERT_TRUE(
          writer->write({.key = std::nullopt, .value = value, .partition = static_cast<std::int32_t>(i % 2)}));
    }
    ASSERT_TRUE(writer->write({.key = std::nullopt, .value = "no grade", .partition = 0}));
    ASSERT_TRUE(writer->flush(10s));
  }

  static education::grade_override of(std::size_t number) {
    education::grade_override by;
    by.event = "s" + std::to_string(number);
    by.learner = "k.1";
    return by;
  }

  static wall_time long_ago() { return clock::system().wall_now() - 1h; }
  static wall_time just_now() { return clock::system().wall_now(); }

  std::unique_ptr<kafka::embedded_broker> broker;
  std::stop_source given_up;
};

TEST_F(grade_follower_test, finds_what_was_there_before_it_and_what_comes_after) {
  write(0, 10);
  const auto grades = follower();
  const auto old = grades->find(of(3), long_ago());
  ASSERT_TRUE(old) << old.error().message;
  ASSERT_TRUE(*old);
  EXPECT_EQ((*old)->id, "g3");
  const auto unknown = grades->find(of(20), long_ago());
  ASSERT_TRUE(unknown);
  EXPECT_EQ(*unknown, nullptr);
  auto coming = std::async(std::launch::async, [&] { return grades->find(of(20), just_now()); });
  EXPECT_EQ(coming.wait_for(200ms), std::future_status::timeout) << "it may come in a moment";
  write(20, 21);
  const auto found = coming.get();
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, "g20");
}

TEST_F(grade_follower_test, begins_near_the_end_and_remembers_so_many) {
  write(0, 400);
  const auto grades = follower(40);
  const auto known = [&](std::size_t number) {
    const auto found = grades->find(of(number), long_ago());
    return found && *found;
  };
  for (std::size_t i = 362; i < 400; ++i)
    EXPECT_TRUE(known(i)) << i;
  for (std::size_t i = 0; i < 350; ++i)
    EXPECT_FALSE(known(i)) << i;
}

TEST_F(grade_follower_test, a_broker_that_is_away_is_unavailable_and_followed_once_it_is_back) {
  broker->set_reachable(false);
  const auto hasty = follower(100, 300ms);
  const auto away = hasty->find(of(1), long_ago());
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, errc::unavailable);
  const auto patient = follower();
  broker->set_reachable(true);
  write(0, 2);
  const auto back = patient->find(of(1), just_now());
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(*back);
}

TEST_F(grade_follower_test, who_waits_is_let_go_when_it_is_given_up) {
  const auto grades = follower();
  auto waits = std::async(std::launch::async, [&] { return grades->find(of(1), just_now()); });
  EXPECT_EQ(waits.wait_for(100ms), std::future_status::timeout);
  given_up.request_stop();
  EXPECT_EQ(waits.wait_for(5s), std::future_status::ready);
}

} // namespace
} // namespace chalkstream::pipelines
