#include "kafka/client_conf.hpp"
#include "kafka/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::kafka {
namespace {

using testing::HasSubstr;

session_settings good() {
  session_settings s;
  s.brokers = "127.0.0.1:9092";
  s.group = "graders";
  s.topic = "submissions";
  s.results_topic = "grades";
  s.dead_letters_topic = "submissions.dead";
  return s;
}

std::string complaint(const session_settings& s) {
  const auto checked = check_settings(s);
  if (checked)
    return "none";
  EXPECT_EQ(checked.error().code, errc::invalid_configuration);
  return checked.error().message;
}

std::string complaint(std::string name, std::string value) {
  auto s = good();
  s.client = {{std::move(name), std::move(value)}};
  return complaint(s);
}

TEST(settings_test, accepts_ordinary_settings_and_librdkafkas_own_names) {
  EXPECT_EQ(complaint(good()), "none");
  EXPECT_EQ(complaint("security.protocol", "ssl"), "none");
  EXPECT_EQ(complaint("sasl.mechanism", "SCRAM-SHA-512"), "none");
  EXPECT_EQ(complaint("queued.max.messages.kbytes", "65536"), "none");
  EXPECT_EQ(complaint("linger.ms", "20"), "none");
  auto s = good();
  s.guarantee = delivery::at_least_once;
  EXPECT_EQ(complaint(s), "none");
}

TEST(settings_test, unknown_names_and_values_carry_librdkafkas_message) {
  EXPECT_THAT(complaint("security.protocl", "ssl"), HasSubstr("No such configuration property"));
  EXPECT_THAT(complaint("security.protocol", "tls9"), HasSubstr("Invalid value"));
  EXPECT_THAT(complaint("socket.timeout.ms", "a while"), HasSubstr("socket.timeout.ms"));
}

TEST(settings_test, what_settings_mean_together_is_checked_too) {
  EXPECT_THAT(complaint("max.poll.interval.ms", "1000"), HasSubstr("max.poll.interval.ms"));
  auto s = good();
  s.client = {{"security.protocol", "ssl"}, {"ssl.ca.location", "/nowhere/ca.pem"}};
  EXPECT_THAT(complaint(s), HasSubstr("ssl.ca.location"));
}

TEST(settings_test, refuses_what_the_engine_decides_and_says_why) {
  EXPECT_THAT(complaint("group.id", "x"), HasSubstr("a setting of its own"));
  EXPECT_THAT(complaint("enable.auto.commit", "true"), HasSubstr("exactly-once"));
  EXPECT_THAT(complaint("transactional.id", "x"), HasSubstr("made of the group"));
  EXPECT_THAT(complaint("auto.offset.reset", "latest"), HasSubstr("instead of skipping"));
  EXPECT_THAT(complaint("bootstrap.servers", "x:1"), HasSubstr("a setting of its own"));
  EXPECT_THAT(complaint("group.protocol", "consumer"), HasSubstr("classic"));
}

TEST(settings_test, refuses_mock_clusters_and_plug_ins) {
  EXPECT_THAT(complaint("test.mock.num.brokers", "3"), HasSubstr("mock cluster"));
  EXPECT_THAT(complaint("plugin.library.paths", "/tmp/x.so"), HasSubstr("loads no code"));
}

TEST(settings_test, a_broker_is_a_host_and_a_port) {
  const auto with = [](std::string brokers) {
    auto s = good();
    s.brokers = std::move(brokers);
    return complaint(s);
  };
  EXPECT_EQ(with("a.example:9092, b.example:9093"), "none");
  EXPECT_EQ(with("[::1]:9092"), "none");
  EXPECT_THAT(with(""), HasSubstr("no brokers"));
  EXPECT_THAT(with("a.example"), HasSubstr("no port"));
  EXPECT_THAT(with("[::1]"), HasSubstr("no port"));
  EXPECT_THAT(with("a.example:0"), HasSubstr("between 1 and 65535"));
  EXPECT_THAT(with("a.example:99999"), HasSubstr("between 1 and 65535"));
  EXPECT_THAT(with(":9092"), HasSubstr("no host"));
  EXPECT_THAT(with("ssl://a.example:9092"), HasSubstr("scheme"));
  EXPECT_THAT(with("a.example:9092,,b.example:9092"), HasSubstr("broker ''"));
}

TEST(settings_test, topics_have_legal_names_and_no_loop) {
  auto s = good();
  s.topic = "sub missions";
  EXPECT_THAT(complaint(s), HasSubstr("'sub missions'"));
  s = good();
  s.results_topic = s.topic;
  EXPECT_THAT(complaint(s), HasSubstr("come back"));
  s = good();
  s.dead_letters_topic = s.topic;
  EXPECT_THAT(complaint(s), HasSubstr("come back"));
}

TEST(settings_test, instance_names_are_legal_and_stay_apart) {
  auto a = good();
  auto b = good();
  b.instance = "1";
  EXPECT_NE(instance_name(a), instance_name(b));
  EXPECT_EQ(instance_name(a), instance_name(a));
  a.group = "a/b";
  b = good();
  b.group = "a_b";
  EXPECT_NE(instance_name(a), instance_name(b));
  a.group = std::string(300, 'g');
  b = a;
  b.instance = "1";
  EXPECT_NE(instance_name(a), instance_name(b));
  EXPECT_LE(instance_name(a).size(), 249u);
  EXPECT_EQ(instance_name(a).find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"),
            std::string::npos);
}

TEST(settings_test, making_a_session_contacts_nobody) {
  auto s = good();
  s.brokers = "192.0.2.1:9092"; // reserved for documentation
  const auto before = clock::system().now();
  auto made = make_session(s, log::none());
  EXPECT_TRUE(made);
  EXPECT_LT(clock::system().now() - before, std::chrono::seconds(2));
}

} // namespace
} // namespace chalkstream::kafka
