// `chalkstream autoscale run`: how many processes of one configuration there are on this machine follows the metrics
// that Prometheus has of them.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "monitoring/process_probe.hpp"
#include "pipelines/configuration/configuration.hpp"
#include "pipelines/scaling/process_fleet.hpp"

#include <functional>
#include <string>

namespace chalkstream::pipelines {

struct process_scaling {
  /// PromQL matchers that tell these processes from others, such as `job="chalkstream"`; may be empty.
  std::string matchers;
  /// Where the autoscaler's own metrics are shown, "127.0.0.1:9463"; empty: nowhere.
  std::string listen;
  monitoring::build_facts built;
};

/// What such a configuration must have beside being right: the mode `processes`, a broker outside of them, one
/// process at least (with none there are no metrics to start one by), and an address with a port for theirs.
result<void> check_process_scaling(const configuration& wanted);

/// Process N shows its metrics at 127.0.0.N, at the port of `monitoring.listen`.
std::string listen_address(const configuration& wanted, std::size_t number);

/// Blocks until `stop()`, which is asked a few times a second; then the fleet leaves. An error before the first
/// process: the broker does not answer, or has no such topic.
result<void> run_process_scaling(const configuration& wanted, const process_scaling& how, process_fleet& fleet,
                                 log& journal, const std::function<bool()>& stop);

} // namespace chalkstream::pipelines
