// The policy of `autoscaling`, for whoever starts processes instead of us: objects for Kubernetes, by KEDA or by an
// HPA.
#pragma once

#include "core/error.hpp"
#include "pipelines/configuration.hpp"

#include <string>
#include <string_view>

namespace chalkstream::pipelines {

enum class manifest_kind : std::uint8_t { keda, hpa };

struct manifest_wish {
  manifest_kind kind = manifest_kind::keda;
  /// What is scaled: "StatefulSet/chalkstream" or "Deployment/…", and the namespace; empty: the client's.
  std::string target = "StatefulSet/chalkstream";
  std::string space = {};
  /// PromQL matchers that tell these processes from others; may be empty.
  std::string matchers = {};
};

/// YAML: a ScaledObject, or an HPA with the recording rule that its external metric is made of. A configuration
/// without autoscaling by processes, or a bound that the kind does not know, is `invalid_configuration`.
result<std::string> scaling_manifests(const configuration& wanted, const manifest_wish& wish);

/// How many processes the policy wants now, as one PromQL expression: enough to work off what waits within the
/// objective, and to carry what comes with some to spare. Without a value where there are no metrics, so that nobody
/// takes their absence for idleness.
std::string wanted_processes(const configuration& wanted, std::string_view matchers);

} // namespace chalkstream::pipelines
