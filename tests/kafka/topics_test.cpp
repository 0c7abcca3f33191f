#include "kafka/topics.hpp"

#include "tests/kafka/session_driver.hpp"

#include <gtest/gtest.h>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;

TEST(topics_test, missing_topics_appear_on_the_embedded_broker_if_they_are_to_be_made) {
  const kafka::embedded_broker::topic given[] = {{"submissions", 3}};
  auto broker = kafka::embedded_broker::start(given, log::none());
  ASSERT_TRUE(broker) << to_string(broker.error());
  auto s = fresh_settings(broker->bootstrap(), "topics");
  s.topic = "submissions";
  const kafka::topic_wish wishes[] = {{"submissions", 0, false}, {"grades", 0, true}};
  const auto done = kafka::ensure_topics(s, wishes, 10s, log::none());
  EXPECT_TRUE(done) << to_string(done.error());
  const kafka::topic_wish missing[] = {{"submisions", 0, false}};
  const auto none = kafka::ensure_topics(s, missing, 10s, log::none());
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("did you mean 'submissions'"), std::string::npos) << none.error().message;
}

TEST(topics_test, a_broker_that_does_not_answer_is_an_error_within_the_time) {
  auto s = fresh_settings("127.0.0.1:1", "topics");
  const kafka::topic_wish wishes[] = {{"submissions", 0, false}};
  const auto before = clock::system().now();
  const auto done = kafka::ensure_topics(s, wishes, 500ms, log::none());
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("127.0.0.1:1"), std::string::npos);
  EXPECT_LT(clock::system().now() - before, 5s);
}

} // namespace
} // namespace chalkstream::test
