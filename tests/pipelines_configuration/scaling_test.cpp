// The section `autoscaling`.
#include "pipelines/configuration/configuration.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace chalkstream::pipelines {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// `autoscaling` begins in line 7.
std::string with(std::string_view scaling) {
  return "kafka: {brokers: embedded}\n"
         "models:\n"
         "  minilm: {path: minilm, replicas: {min: 1, max: 4}}\n"
         "  writer: {path: writer, replicas: {min: 1, max: 2}}\n"
         "pipelines:\n"
         "  speed: {kind: echo, from: in, to: out}\n"
         + std::string(scaling);
}

configuration must_parse(std::string_view scaling) {
  auto read = parse_configuration(with(scaling), "c", "/");
  EXPECT_TRUE(read) << read.error().message;
  return read ? std::move(*read) : configuration{};
}

std::string told(std::string_view scaling) {
  const auto read = parse_configuration(with(scaling), "c", "/");
  return read ? "accepted" : read.error().message;
}

constexpr auto processes = R"(autoscaling:
  mode: processes
  prometheus: http://prometheus:9090/k8s
  timeout: 1s
  interval: 10s
  stale_after: 1m
  drain: 20s
  slack: 5s
  slack_quantile: 0.1
  replicas: {min: 0, max: 12}
  idle_after: 20m
  step: {up: 4, down: 2}
  windows: {up: 30s, down: 3m}
  startup: 45s
  utilisation: 0.7
  hysteresis: 0.25
  cost: {replica: 0.5, budget: 4}
)";

constexpr auto slots = R"(autoscaling:
  mode: slots
  prometheus: http://127.0.0.1:9090
  drain: 5s
  models:
    writer: {drain: 10m, replicas: {min: 0, max: 2}, idle_after: 30m}
)";

TEST(scaling_configuration_test, without_it_replicas_stay_as_they_are) {
  EXPECT_FALSE(must_parse("").scaling);
}

TEST(scaling_configuration_test, every_key_is_read) {
  const auto read = must_parse(processes).scaling;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->actuator, scaling_actuator::processes);
  EXPECT_EQ(read->prometheus, "http://prometheus:9090/k8s");
  EXPECT_EQ(read->timeout, 1s);
  EXPECT_TRUE(read->models.empty());
  const auto& p = read->policy;
  EXPECT_EQ(p.interval, 10s);
  EXPECT_EQ(p.stale_after, 1min);
  EXPECT_EQ(p.drain, 20s);
  EXPECT_EQ(p.slack, 5s);
  EXPECT_EQ(p.slack_quantile, 0.1);
  EXPECT_EQ(p.least, 0u);
  EXPECT_EQ(p.most, 12u);
  EXPECT_EQ(p.idle_after, 20min);
  EXPECT_EQ(p.step_up, 4u);
  EXPECT_EQ(p.step_down, 2u);
  EXPECT_EQ(p.up_window, 30s);
  EXPECT_EQ(p.down_window, 3min);
  EXPECT_EQ(p.startup, 45s);
  EXPECT_EQ(p.utilisation, 0.7);
  EXPECT_EQ(p.hysteresis, 0.25);
  EXPECT_EQ(p.replica_cost, 0.5);
  EXPECT_EQ(p.budget, 4);
}

TEST(scaling_configuration_test, every_model_has_a_policy_its_own_words_before_those_for_all) {
  const auto read = must_parse(slots).scaling;
  ASSERT_TRUE(read);
  ASSERT_EQ(read->models.size(), 2u);
  const auto& minilm = read->models[0].policy;
  EXPECT_EQ(minilm.drain, 5s);
  EXPECT_EQ(minilm.least, 1u);
  EXPECT_EQ(minilm.most, 4u) << "its own replicas";
  EXPECT_EQ(minilm.startup, 0s);
  EXPECT_EQ(minilm.down_window, 1min);
  EXPECT_EQ(read->models[1].model, 1u);
  const auto& writer = read->models[1].policy;
  EXPECT_EQ(writer.drain, 10min);
  EXPECT_EQ(writer.least, 0u);
  EXPECT_EQ(writer.most, 2u);
  EXPECT_EQ(writer.idle_after, 30min);
  EXPECT_EQ(writer.step_up, minilm.step_up);
}

TEST(scaling_configuration_test, processes_start_slowly) {
  const auto read = must_parse("autoscaling: {mode: processes, prometheus: \"http://p:9090\", replicas: {max: 3}}\n");
  EXPECT_EQ(read.scaling->policy.startup, 30s);
  EXPECT_EQ(read.scaling->policy.down_window, 5min);
  EXPECT_EQ(read.scaling->policy.least, 1u);
}

TEST(scaling_configuration_test, a_long_interval_is_believed_for_longer) {
  const auto read = must_parse("autoscaling: {mode: slots, prometheus: \"http://p:9090\", interval: 1m}\n");
  EXPECT_EQ(read.scaling->policy.stale_after, 3min);
}

TEST(scaling_configuration_test, the_description_reads_back_the_same) {
  for (const auto* text : {processes, slots}) {
    const auto said = describe(must_parse(text));
    const auto again = parse_configuration(said, "c", "/");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(describe(*again), said);
    EXPECT_THAT(said, HasSubstr("\nautoscaling:\n"));
  }
}

TEST(scaling_configuration_test, what_is_wrong_is_told_with_its_place) {
  EXPECT_EQ(told("autoscaling: {drain: 5s}\n"),
            "c:7:14: autoscaling: 'mode' is missing (slots, within the process, or processes, for an actuator "
            "outside)\n"
            "c:7:14: autoscaling: 'prometheus' is missing (the address of the server that is asked, "
            "http://host:port)");
  const std::string head = "autoscaling:\n  mode: processes\n  prometheus: http://p:9090\n  replicas: {max: 4}\n";
  must_parse(head);
  const auto tells = [&](std::string_view more) { return told(head + "  " + std::string(more) + "\n"); };
  EXPECT_EQ(tells("drian: 5s"), "c:11:3: unknown key 'drian' in autoscaling; did you mean 'drain'?");
  EXPECT_EQ(tells("drain: 5"), "c:11:10: autoscaling.drain: expected a duration such as 100ms, 5s or 2m, found '5'");
  EXPECT_EQ(tells("hysteresis: 1"), "c:11:15: autoscaling.hysteresis: expected a number from 0 to 0.9, found '1'");
  EXPECT_EQ(tells("interval: 20s\n  stale_after: 30s"),
            "c:12:16: autoscaling.stale_after: values must be believed for two intervals at least");
  EXPECT_EQ(tells("step: {up: 0}"),
            "c:11:14: autoscaling.step.up: expected a whole number from 1 to 1024, found '0'");
  EXPECT_EQ(tells("cost: {budget: 3}"),
            "c:11:18: autoscaling.cost.budget: it bounds nothing while `replica`, what one "
            "costs an hour, is not known");
  EXPECT_EQ(tells("cost: {replica: 5, budget: 3}"), "c:11:30: autoscaling.cost.budget: it does not pay for 1, the "
                                                    "fewest replicas there are while there is work");
  EXPECT_EQ(tells("models: {minilm: {drain: 5s}}"), "c:11:3: autoscaling: 'models' belongs to the mode slots");
}

TEST(scaling_configuration_test, bounds_belong_to_processes_and_to_each_model) {
  EXPECT_EQ(told("autoscaling: {mode: processes, prometheus: \"http://p:9090\"}\n"),
            "c:7:14: autoscaling.replicas: 'max' is missing (the most processes there may be)");
  EXPECT_EQ(told("autoscaling: {mode: processes, prometheus: \"http://p:9090\", replicas: {min: 3, max: 2}}\n"),
            "c:7:77: autoscaling.replicas.min: there are more than max, 2");
  EXPECT_EQ(told("autoscaling: {mode: slots, prometheus: \"http://p:9090\", replicas: {max: 2}}\n"),
            "c:7:57: autoscaling: 'replicas' belongs to the mode processes; slots have each model's own replicas");
  EXPECT_EQ(told("autoscaling: {mode: slots, prometheus: \"http://p:9090\", models: {minilm: {interval: 5s}}}\n"),
            "c:7:75: unknown key 'interval' in autoscaling.models.minilm");
  EXPECT_EQ(told("autoscaling: {mode: slots, prometheus: \"http://p:9090\", models: {miniml: {drain: 5s}}}\n"),
            "c:7:66: unknown key 'miniml' in autoscaling.models; did you mean 'minilm'?");
}

TEST(scaling_configuration_test, the_server_is_an_address_without_a_query) {
  for (const auto* url :
       {"prometheus:9090", "https://p:9090", "http://p", "http://:9090", "http://p:9090/?a", "http://p:x"})
    EXPECT_THAT(told("autoscaling: {mode: slots, prometheus: \"" + std::string(url) + "\"}\n"),
                HasSubstr("autoscaling.prometheus: expected http://host:port, found '" + std::string(url) + "'"));
}

TEST(scaling_configuration_test, every_key_is_in_the_reference) {
  std::ifstream file("docs/configuration.md");
  const std::string reference(std::istreambuf_iterator<char>(file), {});
  std::istringstream lines(processes);
  for (std::string line; std::getline(lines, line);) {
    auto key = line.substr(0, line.find(':'));
    key.erase(0, key.find_first_not_of(' '));
    EXPECT_THAT(reference, HasSubstr("`" + key + "`"));
  }
}

} // namespace
} // namespace chalkstream::pipelines
