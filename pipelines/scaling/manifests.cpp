#include "pipelines/scaling/manifests.hpp"

#include "core/scaling_terms.hpp"
#include "pipelines/configuration/units.hpp"
#include "pipelines/scaling/rules.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

constexpr std::string_view external = "chalkstream_wanted_processes"; // Kubernetes knows no colons
constexpr std::int64_t longest_window = 3600;                         // of Kubernetes

std::int64_t whole_seconds(duration d) {
  return std::chrono::ceil<std::chrono::seconds>(d).count();
}

std::string indented(std::string_view text, std::size_t by) {
  std::string out;
  for (bool begins = true; const char c : text) {
    if (begins)
      out.append(by, ' ');
    out += c;
    begins = c == '\n';
  }
  return out;
}

// As HPA has it: windows and steps.
std::string behaviour(const scaling_settings& p) {
  const auto direction = [&p](std::string_view name, duration window, std::size_t step) {
    return std::string{name}
           + ":\n  stabilizationWindowSeconds: " + std::to_string(std::min(whole_seconds(window), longest_window))
           + "\n  policies: [{type: Pods, value: " + std::to_string(step) + ", periodSeconds: "
           + std::to_string(std::clamp<std::int64_t>(whole_seconds(p.interval), 1, 1800)) + "}]\n";
  };
  return direction("scaleUp", p.up_window, p.step_up) + direction("scaleDown", p.down_window, p.step_down);
}

bool is_name(std::string_view text) {
  const auto plain = [](unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 63 && plain(static_cast<unsigned char>(text.front()))
         && plain(static_cast<unsigned char>(text.back()))
         && std::ranges::all_of(text, [&plain](unsigned char c) { return plain(c) || c == '-'; });
}

struct scaled_object {
  std::string kind;
  std::string name;
};

result<scaled_object> read_target(const std::string& target) {
  const auto slash = target.find('/');
  scaled_object to{target.substr(0, slash), slash == std::string::npos ? "" : target.substr(slash + 1)};
  if ((to.kind != "StatefulSet" && to.kind != "Deployment") || !is_name(to.name))
    return error{errc::invalid_argument, "'" + target + "': expected StatefulSet/NAME or Deployment/NAME"};
  return to;
}

result<void> check_words(const manifest_wish& wish) {
  const auto printable = [](unsigned char c) { return c >= 0x20 && c != 0x7f; };
  if (!wish.space.empty() && !is_name(wish.space))
    return {errc::invalid_argument, "'" + wish.space + "' is no namespace"};
  if (!wish.authentication.empty() && !is_name(wish.authentication))
    return {errc::invalid_argument, "'" + wish.authentication + "' is no name of a TriggerAuthentication"};
  if (!std::ranges::all_of(wish.matchers, printable))
    return {errc::invalid_argument, "the matchers have a control character in them"};
  if (!std::ranges::all_of(wish.checksum, [](unsigned char c) { return std::isxdigit(c) != 0; }))
    return {errc::invalid_argument, "the configuration's checksum is none"};
  return {};
}

class manifest {
public:
  manifest(const configuration& wanted, const manifest_wish& wish, scaled_object to)
      : wanted_(wanted), policy_(wanted.scaling->policy), wish_(wish),
        to_(std::move(to)), which_{to_.name, wish.space, wish.matchers} {}

  std::string rules() const { return scaling_rules(wanted_, which_); }

  std::string rule_object() const {
    return head("monitoring.coreos.com/v1", "PrometheusRule", to_.name + "-scaling") + indented(rules(), 2);
  }

  std::string keda() const {
    return head("keda.sh/v1alpha1", "ScaledObject", to_.name) + reference()
           + "  pollingInterval: " + std::to_string(whole_seconds(policy_.interval))
           + "\n  cooldownPeriod: " + std::to_string(whole_seconds(policy_.idle_after)) + "\n  minReplicaCount: "
           + std::to_string(policy_.least) + "\n  maxReplicaCount: " + std::to_string(most())
           + "\n  advanced:\n    horizontalPodAutoscalerConfig:\n      behavior:\n" + indented(behaviour(policy_), 8)
           + "  triggers:\n    # A query without an answer is an error: there stay as many as there were.\n"
             "    - type: prometheus\n      metricType: AverageValue\n      metadata:\n        serverAddress: "
           + yaml_text(wanted_.scaling->prometheus) + "\n        query: " + yaml_text(select_wanted_processes(which_))
           + "\n        threshold: \"1\"\n        ignoreNullValues: \"false\"\n"
           + (policy_.least == 0 ? wake_triggers() : "");
  }

  std::string hpa() const {
    return "# The adapter between Prometheus and Kubernetes shows " + std::string{wanted_processes} + " as "
           + std::string{external} + ".\n" + head("autoscaling/v2", "HorizontalPodAutoscaler", to_.name) + reference()
           + "  minReplicas: " + std::to_string(policy_.least) + "\n  maxReplicas: " + std::to_string(most())
           + "\n  behavior:\n" + indented(behaviour(policy_), 4)
           + "  metrics:\n    - type: External\n      external:\n        metric:\n          name: "
           + std::string{external} + "\n          selector: {matchLabels: {scaled: " + to_.name
           + "}}\n        target: {type: AverageValue, averageValue: \"1\"}\n";
  }

private:
  std::string head(std::string_view version, std::string_view kind, const std::string& name) const {
    return "apiVersion: " + std::string{version} + "\nkind: " + std::string{kind} + "\nmetadata:\n  name: " + name
           + "\n" + (wish_.space.empty() ? "" : "  namespace: " + wish_.space + "\n")
           + (wish_.checksum.empty() ? ""
                                     : "  annotations: {chalkstream/configuration: \"" + wish_.checksum + "\"}\n")
           + "spec:\n";
  }

  std::string reference() const {
    return "  scaleTargetRef: {apiVersion: apps/v1, kind: " + to_.kind + ", name: " + to_.name + "}\n";
  }

  std::size_t most() const {
    const auto bound = most_replicas(policy_).replicas;
    return wish_.partitions == 0 ? bound : std::max(policy_.least, std::min(bound, wish_.partitions));
  }

  // Where nobody runs, Kafka alone knows that something came.
  std::string wake_triggers() const {
    std::string text;
    for (const auto& p : wanted_.pipelines)
      text +=
          "    - type: kafka\n      metricType: AverageValue\n      metadata:\n        bootstrapServers: "
          + yaml_text(wanted_.kafka.brokers) + "\n        consumerGroup: "
          + yaml_text(wanted_.kafka.group + "." + p.name) + "\n        topic: " + yaml_text(p.from)
          + "\n        lagThreshold: \"1000000000\" # it wakes, and does not count\n        "
            "activationLagThreshold: \"0\"\n        offsetResetPolicy: earliest\n"
          + (wish_.authentication.empty() ? "" : "      authenticationRef: {name: " + wish_.authentication + "}\n");
    return text;
  }

  const configuration& wanted_;
  const scaling_settings& policy_;
  const manifest_wish& wish_;
  scaled_object to_;
  scaled_processes which_;
};

} // namespace

result<std::string> scaling_manifests(const configuration& wanted, const manifest_wish& wish) {
  const auto wrong = [&wanted](std::string_view what) {
    return error{errc::invalid_configuration, wanted.file + ": " + std::string{what}};
  };
  if (!wanted.scaling || wanted.scaling->actuator != scaling_actuator::processes)
    return wrong("manifests need the section autoscaling with mode: processes");
  if (wanted.kafka.embedded)
    return wrong("the embedded broker lives in one process: several need a broker of their own");
  CHALK_TRY(auto to, read_target(wish.target));
  CHALK_CHECK(check_words(wish));
  const auto& policy = wanted.scaling->policy;
  if (wish.partitions > 0 && policy.least > wish.partitions)
    return wrong("autoscaling.replicas.min: " + std::to_string(policy.least) + " processes cannot share "
                 + std::to_string(wish.partitions) + " partitions; the rest would idle");
  const manifest objects{wanted, wish, std::move(to)};
  if (wish.kind == manifest_kind::rules)
    return objects.rules();
  if (wish.kind == manifest_kind::keda)
    return objects.rule_object() + "---\n" + objects.keda();
  if (policy.least == 0)
    return wrong("autoscaling.replicas.min: an HPA keeps one at least; KEDA can do with 0");
  return objects.rule_object() + "---\n" + objects.hpa();
}

} // namespace chalkstream::pipelines
