#include "pipelines/scaling_manifests.hpp"

#include "pipelines/configuration_units.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

constexpr std::string_view recorded = "chalkstream:wanted_processes";
constexpr std::string_view external = "chalkstream_wanted_processes";

std::string seconds(duration d) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(d).count());
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
    const auto period =
        std::clamp<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(p.interval).count(), 1, 1800);
    return std::string{name} + ":\n  stabilizationWindowSeconds: "
           + std::to_string(std::min<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(window).count(), 3600))
           + "\n  policies: [{type: Pods, value: " + std::to_string(step)
           + ", periodSeconds: " + std::to_string(period) + "}]\n";
  };
  return direction("scaleUp", p.up_window, p.step_up) + direction("scaleDown", p.down_window, p.step_down);
}

struct scaled_object {
  std::string kind;
  std::string name;
};

result<scaled_object> read_target(const std::string& target) {
  const auto slash = target.find('/');
  const auto plain = [](unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  scaled_object to{target.substr(0, slash), slash == std::string::npos ? "" : target.substr(slash + 1)};
  if ((to.kind != "StatefulSet" && to.kind != "Deployment") || to.name.empty()
      || !std::all_of(to.name.begin(), to.name.end(), plain))
    return error{errc::invalid_argument, "'" + target + "': expected StatefulSet/NAME or Deployment/NAME"};
  return to;
}

std::string head(std::string_view version, std::string_view kind, const scaled_object& to, const std::string& space) {
  return "apiVersion: " + std::string{version} + "\nkind: " + std::string{kind} + "\nmetadata:\n  name: " + to.name
         + "\n" + (space.empty() ? "" : "  namespace: " + space + "\n")
         + "spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: " + to.kind + ", name: " + to.name + "}\n";
}

// Where nobody runs, Kafka alone knows that something came.
std::string wake_triggers(const configuration& wanted) {
  std::string text;
  for (const auto& p : wanted.pipelines)
    text += "    - type: kafka\n      metadata:\n        bootstrapServers: " + yaml_text(wanted.kafka.brokers)
            + "\n        consumerGroup: " + yaml_text(wanted.kafka.group + "." + p.name)
            + "\n        topic: " + yaml_text(p.from)
            + "\n        lagThreshold: \"1000000000\" # it wakes, and does not count\n        "
              "activationLagThreshold: \"0\"\n"
              "        offsetResetPolicy: earliest\n";
  return text;
}

std::string keda(const configuration& wanted, const manifest_wish& wish, const scaled_object& to) {
  const auto& p = wanted.scaling->policy;
  return head("keda.sh/v1alpha1", "ScaledObject", to, wish.space) + "  pollingInterval: " + seconds(p.interval)
         + "\n  cooldownPeriod: " + seconds(p.idle_after) + "\n  minReplicaCount: " + std::to_string(p.least)
         + "\n  maxReplicaCount: " + std::to_string(p.most)
         + "\n  advanced:\n    horizontalPodAutoscalerConfig:\n      behavior:\n" + indented(behaviour(p), 8)
         + "  triggers:\n    # A query without an answer is an error: there stay as many as there were.\n"
           "    - type: prometheus\n      metricType: AverageValue\n      metadata:\n        serverAddress: "
         + yaml_text(wanted.scaling->prometheus)
         + "\n        threshold: \"1\"\n        ignoreNullValues: \"false\"\n        query: |-\n"
         + indented(wanted_processes(wanted, wish.matchers), 10) + "\n" + (p.least == 0 ? wake_triggers(wanted) : "");
}

std::string hpa(const configuration& wanted, const manifest_wish& wish, const scaled_object& to) {
  const auto& p = wanted.scaling->policy;
  return "# A rule for Prometheus; its adapter shows " + std::string{recorded}
         + " to Kubernetes as the external metric\n# " + std::string{external}
         + ".\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: " + to.name
         + "-scaling\n" + (wish.space.empty() ? "" : "  namespace: " + wish.space + "\n")
         + "spec:\n  groups:\n    - name: chalkstream-scaling\n      interval: " + seconds(p.interval)
         + "s\n      rules:\n        - record: " + std::string{recorded} + "\n          expr: |-\n"
         + indented(wanted_processes(wanted, wish.matchers), 12) + "\n---\n"
         + head("autoscaling/v2", "HorizontalPodAutoscaler", to, wish.space) + "  minReplicas: "
         + std::to_string(p.least) + "\n  maxReplicas: " + std::to_string(p.most) + "\n  behavior:\n"
         + indented(behaviour(p), 4) + "  metrics:\n    - type: External\n      external:\n        metric: {name: "
         + std::string{external} + "}\n        target: {type: AverageValue, averageValue: \"1\"}\n";
}

} // namespace

std::string wanted_processes(const configuration& wanted, std::string_view matchers) {
  const auto& p = wanted.scaling->policy;
  const auto range = [](duration d) { return "[" + seconds(d) + "s]"; };
  const auto everywhere = matchers.empty() ? std::string{} : "{" + std::string{matchers} + "}";
  std::string names;
  for (const auto& pipeline : wanted.pipelines) {
    names += names.empty() ? "" : "|";
    for (const char c : pipeline.name)
      names += c == '.' ? std::string{"[.]"} : std::string{c};
  }
  const auto ours = "{pipeline=~\"" + names + "\"" + (matchers.empty() ? "" : "," + std::string{matchers}) + "}";
  const auto recent = range(p.stale_after), long_ago = range(10 * p.stale_after);
  const auto rate = "(\n  sum(rate(chalkstream_results_total" + ours + long_ago
                    + "))\n  / (sum(rate(chalkstream_compute_duration_seconds_sum" + everywhere + long_ago
                    + ")) > 0)\n  * clamp_max(max(sum by (job, instance) (chalkstream_slots" + everywhere
                    + ")), scalar(avg(sum by (job, instance) (chalkstream_replicas" + everywhere + "))))\n)";
  const auto arrivals = "sum(rate(chalkstream_records_total" + ours + recent + "))";
  const auto waiting =
      "(sum(chalkstream_in_flight_records" + ours + ") + sum(chalkstream_kafka_lag_records" + ours + "))";
  // Where nothing has run for long nobody knows how fast it would be: one, if there is anything to do.
  return "max(\n  label_replace(" + arrivals + " / " + format_number(p.utilisation)
         + ", \"for\", \"arrivals\", \"\", \"\")\n  or\n  label_replace(" + arrivals + " + " + waiting + " / "
         + format_number(std::chrono::duration<double>(p.drain).count()) + ", \"for\", \"drain\", \"\", \"\")\n) / "
         + rate + "\nor clamp_max(" + arrivals + " + " + waiting + ", 1)";
}

result<std::string> scaling_manifests(const configuration& wanted, const manifest_wish& wish) {
  const auto wrong = [&wanted](std::string_view what) {
    return error{errc::invalid_configuration, wanted.file + ": " + std::string{what}};
  };
  if (!wanted.scaling || wanted.scaling->actuator != scaling_actuator::processes)
    return wrong("manifests need the section autoscaling with mode: processes");
  if (wanted.kafka.embedded)
    return wrong("the embedded broker lives in one process: several need a broker of their own");
  CHALK_TRY(const auto to, read_target(wish.target));
  if (wish.kind == manifest_kind::keda)
    return keda(wanted, wish, to);
  if (wanted.scaling->policy.least == 0)
    return wrong("autoscaling.replicas.min: an HPA keeps one at least; KEDA can do with 0");
  return hpa(wanted, wish, to);
}

} // namespace chalkstream::pipelines
