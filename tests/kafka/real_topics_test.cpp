#include "kafka/topic_reader.hpp"
#include "kafka/topic_writer.hpp"
#include "kafka/topics.hpp"
#include "tests/kafka/real_broker.hpp"
#include "tests/kafka/session_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST(real_topics_test, missing_output_topics_are_made_like_the_input_topic) {
  const auto s = fresh_settings(shared_broker().bootstrap(), "made");
  const kafka::topic_wish input[] = {{s.topic, 3, true}};
  ASSERT_TRUE(kafka::ensure_topics(s, input, 20s, log::none()));
  const kafka::topic_wish wishes[] = {
      {s.topic, 0, false}, {s.results_topic, 0, true}, {s.dead_letters_topic, 1, true}};
  collecting_log log;
  const auto done = kafka::ensure_topics(s, wishes, 20s, log);
  ASSERT_TRUE(done) << to_string(done.error());
  EXPECT_TRUE(log.contains(s.results_topic));
  ASSERT_TRUE(kafka::ensure_topics(s, wishes, 20s, log)) << "what exists is left alone";

  auto t = s;
  t.topic = s.results_topic;
  t.results_topic = s.topic;
  session_driver d{t};
  d.open();
  EXPECT_TRUE(d.wait_for_partitions(3));

  auto writer = kafka::topic_writer::make(s.brokers, s.results_topic, {}, log);
  ASSERT_TRUE(writer);
  const std::string large(10'000'000, 'x');
  kafka::new_record r;
  r.value = large;
  ASSERT_TRUE(writer->write(r));
  EXPECT_TRUE(writer->flush(20s)) << "as large as the session sends";
}

TEST(real_topics_test, the_newest_records_are_read_whether_there_are_more_or_fewer) {
  const auto s = fresh_settings(shared_broker().bootstrap(), "newest");
  const kafka::topic_wish wish[] = {{s.topic, 2, true}};
  ASSERT_TRUE(kafka::ensure_topics(s, wish, 20s, log::none()));
  const auto newest = [&](std::size_t records) {
    auto reader = kafka::topic_reader::open_at_newest(s.brokers, s.topic, records, {}, 20s, log::none());
    EXPECT_TRUE(reader) << reader.error().message;
    std::vector<std::string> seen;
    while (reader && !reader->at_end()) {
      const auto more = reader->read(100, 10s);
      EXPECT_TRUE(more) << more.error().message;
      if (!more)
        break;
      for (const auto& r : *more)
        seen.emplace_back(r.value.value_or(""));
    }
    return seen;
  };
  EXPECT_TRUE(newest(10).empty()) << "an empty topic has an end, too";
  auto writer = kafka::topic_writer::make(s.brokers, s.topic, {}, log::none());
  ASSERT_TRUE(writer);
  for (int i = 0; i < 50; ++i) {
    const auto value = std::to_string(i);
    ASSERT_TRUE(writer->write({.key = std::nullopt, .value = value, .partition = i % 2}));
  }
  ASSERT_TRUE(writer->flush(20s));
  EXPECT_THAT(newest(4), testing::UnorderedElementsAre("44", "45", "46", "47", "48", "49"));
  EXPECT_EQ(newest(1000).size(), 50u);
}

TEST(real_topics_test, a_missing_input_topic_is_an_error_that_guesses_what_was_meant) {
  auto s = fresh_settings(shared_broker().bootstrap(), "guess");
  const kafka::topic_wish real[] = {{"submissions.of.all", 1, true}};
  ASSERT_TRUE(kafka::ensure_topics(s, real, 20s, log::none()));
  const kafka::topic_wish wishes[] = {{"submisions.of.all", 0, false}};
  const auto done = kafka::ensure_topics(s, wishes, 20s, log::none());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::not_found);
  EXPECT_THAT(done.error().message, HasSubstr("'submisions.of.all' does not exist"));
  EXPECT_THAT(done.error().message, HasSubstr("did you mean 'submissions.of.all'"));
}

TEST(real_topics_test, brokers_that_do_not_accept_a_password_are_told_from_brokers_that_do_not_answer) {
  auto s = fresh_settings(shared_broker().bootstrap(), "password");
  s.client = {{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanisms", "PLAIN"},
              {"sasl.username", "chalkstream"},        {"sasl.password", "wrong"}};
  const kafka::topic_wish wishes[] = {{s.topic, 1, true}};
  const auto done = kafka::ensure_topics(s, wishes, 3s, log::none());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::invalid_configuration);
  EXPECT_THAT(done.error().message, HasSubstr("do not accept who this says it is"));
  EXPECT_THAT(done.error().message, Not(HasSubstr("wrong")));
}

TEST(real_topics_test, a_topic_the_broker_does_not_want_is_an_error_with_its_words) {
  auto s = fresh_settings(shared_broker().bootstrap(), "bad");
  const kafka::topic_wish wishes[] = {{std::string(300, 't'), 1, true}};
  const auto done = kafka::ensure_topics(s, wishes, 20s, log::none());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::invalid_configuration);
}

} // namespace
} // namespace chalkstream::test
