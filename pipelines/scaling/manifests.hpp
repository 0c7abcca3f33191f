// The policy of `autoscaling`, for whoever starts processes instead of us: objects for Kubernetes, by KEDA or by an
// HPA, over the rules of scaling_rules.
#pragma once

#include "core/error.hpp"
#include "pipelines/configuration/configuration.hpp"

#include <string>
#include <string_view>

namespace chalkstream::pipelines {

/// `rules` are for a Prometheus that no operator looks after: the file alone, without an object around it.
enum class manifest_kind : std::uint8_t { keda, hpa, rules };

struct manifest_wish {
  manifest_kind kind = manifest_kind::keda;
  /// What is scaled: "StatefulSet/chalkstream" or "Deployment/…", and the namespace; empty: the client's.
  std::string target = "StatefulSet/chalkstream";
  std::string space = {};
  /// PromQL matchers that tell these processes from others; may be empty.
  std::string matchers = {};
  /// Of the largest input topic: more processes would read nothing. 0: not known.
  std::size_t partitions = 0;
  /// KEDA: the TriggerAuthentication by which it may ask Kafka; empty: none is needed.
  std::string authentication = {};
  /// Of the configuration, as the chart knows it; empty: there is no chart.
  std::string checksum = {};
};

/// YAML: a PrometheusRule, and a ScaledObject or an HPA that follows it. A configuration without autoscaling by
/// processes, or a bound that the kind does not know, is `invalid_configuration`; a name, matcher or checksum that
/// cannot be one, `invalid_argument`.
result<std::string> scaling_manifests(const configuration& wanted, const manifest_wish& wish);

} // namespace chalkstream::pipelines
