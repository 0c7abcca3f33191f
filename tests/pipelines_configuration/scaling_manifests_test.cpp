#include "pipelines/scaling/manifests.hpp"

#include <gmock/gmock.h>

namespace chalkstream::pipelines {
namespace {

using testing::HasSubstr;
using testing::Not;

configuration with(std::string_view scaling, std::string_view brokers = "'a:9092,b:9092'") {
  const auto text = "kafka: {brokers: " + std::string(brokers)
                    + ", group: school}\npipelines:\n  exam.1: {kind: echo, from: exams, to: out}\n"
                    + std::string(scaling);
  auto read = parse_configuration(text, "c", "/");
  EXPECT_TRUE(read) << read.error().message;
  return read ? std::move(*read) : configuration{};
}

constexpr auto policy =
    "autoscaling: {mode: processes, prometheus: 'http://p:9090', interval: 5s, drain: 20s, "
    "replicas: {min: 1, max: 9}, idle_after: 20m, step: {up: 4, down: 2}, windows: {up: 30s, down: 3m}, "
    "utilisation: 0.7}\n";

std::string of_kind(manifest_kind kind, std::string_view scaling = policy) {
  const auto text =
      scaling_manifests(with(scaling), {.kind = kind, .space = "school", .matchers = "namespace=\"school\""});
  EXPECT_TRUE(text) << text.error().message;
  return text ? *text : "";
}

TEST(scaling_manifests_test, keda_gets_the_policy) {
  const auto text = of_kind(manifest_kind::keda);
  for (const auto* line :
       {"apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata:\n  name: chalkstream\n  namespace: school\n",
        "scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: chalkstream}", "pollingInterval: 5\n",
        "cooldownPeriod: 1200\n", "minReplicaCount: 1\n", "maxReplicaCount: 9\n",
        "scaleUp:\n          stabilizationWindowSeconds: 30\n          policies: [{type: Pods, value: 4, "
        "periodSeconds: 5}]",
        "scaleDown:\n          stabilizationWindowSeconds: 180\n          policies: [{type: Pods, value: 2,",
        "serverAddress: \"http://p:9090\"\n", "threshold: \"1\"", "ignoreNullValues: \"false\"",
        "kind: PrometheusRule", "record: chalkstream:wanted_processes",
        "query: \"chalkstream:wanted_processes{scaled=\\\"chalkstream\\\",namespace=\\\"school\\\"}\""})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, Not(HasSubstr("type: kafka"))) << "it never sleeps";
}

TEST(scaling_manifests_test, with_none_running_kafka_wakes_them) {
  const auto text =
      of_kind(manifest_kind::keda,
              "autoscaling: {mode: processes, prometheus: 'http://p:9090', replicas: {min: 0, max: 9}}\n");
  for (const auto* line : {"minReplicaCount: 0\n", "type: kafka", "consumerGroup: \"school.exam.1\"",
                           "topic: \"exams\"", "ignoreNullValues: \"false\""})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(scaling_manifests_test, an_hpa_gets_a_rule_and_the_same_policy) {
  const auto text = of_kind(manifest_kind::hpa);
  for (const auto* line :
       {"kind: PrometheusRule", "record: chalkstream:wanted_processes", "kind: HorizontalPodAutoscaler",
        "minReplicas: 1\n", "maxReplicas: 9\n",
        "name: chalkstream_wanted_processes\n          selector: {matchLabels: {scaled: chalkstream}}",
        "target: {type: AverageValue, averageValue: \"1\"}"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(scaling_manifests_test, nobody_is_started_who_would_have_no_partition_or_is_not_paid_for) {
  const auto most = [](std::size_t partitions, std::string_view more) {
    const auto text = scaling_manifests(
        with("autoscaling: {mode: processes, prometheus: 'http://p:9090', replicas: {min: 2, max: 9}"
             + std::string(more) + "}\n"),
        {.partitions = partitions});
    return text ? text->substr(text->find("maxReplicaCount"), 19) : text.error().message;
  };
  EXPECT_EQ(most(0, ""), "maxReplicaCount: 9\n");
  EXPECT_EQ(most(4, ""), "maxReplicaCount: 4\n");
  EXPECT_EQ(most(0, ", cost: {replica: 3, budget: 10}"), "maxReplicaCount: 3\n");
  EXPECT_THAT(most(1, ""), HasSubstr("cannot share 1 partitions"));
}

TEST(scaling_manifests_test, a_prometheus_without_an_operator_gets_the_rules_alone) {
  const auto text = of_kind(manifest_kind::rules);
  EXPECT_THAT(text, testing::StartsWith("groups:\n  - name: chalkstream-scaling\n    interval: 5s\n"));
  EXPECT_THAT(text, Not(HasSubstr("kind:")));
}

TEST(scaling_manifests_test, keda_asks_kafka_as_whom_it_is_told) {
  const auto text = scaling_manifests(
      with("autoscaling: {mode: processes, prometheus: 'http://p:9090', replicas: {min: 0, max: 9}}\n"),
      {.authentication = "kafka-reader", .checksum = "12ab"});
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, HasSubstr("      authenticationRef: {name: kafka-reader}\n"));
  EXPECT_THAT(*text, HasSubstr("  annotations: {chalkstream/configuration: \"12ab\"}\n"));
}

TEST(scaling_manifests_test, what_cannot_be_is_refused) {
  const auto refused = [](const configuration& c, const manifest_wish& wish) {
    const auto text = scaling_manifests(c, wish);
    return text ? "accepted" : text.error().message;
  };
  EXPECT_THAT(refused(with(""), {}), HasSubstr("mode: processes"));
  EXPECT_THAT(refused(with(policy, "embedded"), {}), HasSubstr("embedded"));
  EXPECT_THAT(refused(with(policy), {.target = "Pod/x"}), HasSubstr("StatefulSet/NAME"));
  EXPECT_THAT(refused(with(policy), {.target = "Deployment/x y"}), HasSubstr("StatefulSet/NAME"));
  EXPECT_THAT(refused(with(policy), {.space = "a\nb"}), HasSubstr("no namespace"));
  EXPECT_THAT(refused(with(policy), {.matchers = "job=\"c\"\n"}), HasSubstr("control character"));
  EXPECT_THAT(refused(with(policy), {.authentication = "{}"}), HasSubstr("TriggerAuthentication"));
  EXPECT_THAT(refused(with(policy), {.checksum = "\"}"}), HasSubstr("checksum"));
  EXPECT_THAT(
      refused(with("autoscaling: {mode: processes, prometheus: 'http://p:9090', replicas: {min: 0, max: 9}}\n"),
              {.kind = manifest_kind::hpa}),
      HasSubstr("keeps one at least"));
}

} // namespace
} // namespace chalkstream::pipelines
