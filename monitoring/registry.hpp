// Hands out probes and shows what they have counted. A probe's series exist, at zero, from the moment it is asked
// for; asking again for the same labels gives the same probe. Thread-safe; probes may outlive the registry.
#pragma once

#include "monitoring/autoscale_probe.hpp"
#include "monitoring/device_probe.hpp"
#include "monitoring/model_probe.hpp"
#include "monitoring/page_format.hpp"
#include "monitoring/pipeline_probe.hpp"
#include "monitoring/process_probe.hpp"
#include "monitoring/trace_probe.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::monitoring {

class registry {
public:
  /// Pipelines count their results by `groups` too.
  explicit registry(build_facts built = {}, result_groups groups = {});
  ~registry();
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  std::shared_ptr<pipeline_probe> pipeline(std::string_view name);
  std::shared_ptr<model_probe> model(std::string_view name, std::string_view version, std::string_view device);
  std::shared_ptr<load_probe> loads(std::string_view model, std::string_view device);
  std::shared_ptr<device_probe> device(std::string_view name);
  /// Of a model, or of scaling_query's all_processes.
  std::shared_ptr<autoscale_probe> autoscale(std::string_view target);
  std::shared_ptr<process_probe> process() const;
  std::shared_ptr<trace_probe> traces() const;

  /// Shows a number by which this process' own autoscaler finds its series among others'.
  void autoscale_key(std::uint64_t key);

  /// Every pipeline in the order in which it was asked for.
  std::vector<pipeline_snapshot> snapshots() const;

  /// Every series.
  std::string expose(page_format form = page_format::text) const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace chalkstream::monitoring
