// One target of an autoscaler, a model or the processes: its rule, its metrics, and the log lines that say what
// changed. A line for each change of state, none for each tick.
#pragma once

#include "core/log.hpp"
#include "core/metric_source.hpp"
#include "core/scaling_controller.hpp"
#include "monitoring/autoscale_probe.hpp"

#include <memory>
#include <optional>
#include <string>

namespace chalkstream::monitoring {

class scaling_watch {
public:
  /// `target` as scaling_query has it. The journal outlives it.
  scaling_watch(std::string target, const scaling_settings& settings, std::shared_ptr<autoscale_probe> probe,
                log& journal);

  /// What the actuator knows better than any metric, as of now.
  struct actual {
    std::size_t replicas = 0;
    std::optional<std::size_t> partitions = {};
    /// Something came then that metrics from before know nothing of: they are too old.
    time_point woken{};
  };

  /// The number there should be, which is `is.replicas` unless there is good reason for another. An answer that is an
  /// error or cannot be believed is no reason, except that bounds hold whatever is known.
  std::size_t decide(const result<metric_answer>& answer, const actual& is, const clock& time);

private:
  void say(const scaling_decision& d, const actual& is);
  void say_trouble(std::string state, log_level level, const std::string& line);

  std::string target_;
  scaling_controller rule_;
  std::shared_ptr<autoscale_probe> probe_;
  log& journal_;
  std::string trouble_; // that was logged last; empty: none
  scaling_limit limit_ = scaling_limit::none;
};

} // namespace chalkstream::monitoring
