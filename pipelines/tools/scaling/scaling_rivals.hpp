// How replicas are usually scaled, as Kubernetes and KEDA document it, for comparison: by the processor and by lag.
//
// Sources: kubernetes.io, "Horizontal Pod Autoscaling" (algorithm details, default behavior: up to four pods or twice
// as many in 15 s, down after 300 s without a higher recommendation, tolerance 0.1, pods that are not ready count as
// idle when scaling up); keda.sh, "Scaling Deployments" (polling 30 s and cooldown 300 s for the way to and from
// zero; the rest is the HPA's) and its Kafka scaler (lagThreshold is an average per replica).
#pragma once

#include "pipelines/tools/scaling/scraped_metrics.hpp"

#include <cstddef>
#include <deque>

namespace chalkstream::pipelines::tools {

/// What one of Kubernetes' autoscalers does with a recommendation.
class pod_autoscaler {
public:
  static constexpr double sync = 15;
  static constexpr double tolerance = 0.1;
  static constexpr double down_window = 300;

  /// `step`: pods that may be added in 15 s, where that is more than Kubernetes' default.
  pod_autoscaler(std::size_t least, std::size_t most, std::size_t step = 4)
      : least_(least), most_(most), step_(step) {}

  /// The number to be at `now`, from the one there is and the one recommended.
  std::size_t settle(double now, std::size_t have, std::size_t recommended);

private:
  struct recommendation {
    double at;
    std::size_t replicas;
  };

  std::size_t least_;
  std::size_t most_;
  std::size_t step_;
  std::deque<recommendation> recommended_;
};

/// ceil(replicas * use / target), by the processor's use over the last 15 s.
class processor_scaling {
public:
  /// `target`: share of a replica's processor, 0 to 1.
  processor_scaling(double target, pod_autoscaler pods) : target_(target), pods_(std::move(pods)) {}

  std::size_t decide(double now, const simulated_service& service);

private:
  double target_;
  pod_autoscaler pods_;
  double measured_ = 0;
  double busy_ = 0;
};

/// ceil(lag / threshold), lag as the broker tells it at that moment.
class lag_scaling {
public:
  static constexpr double polling = 30;
  static constexpr double cooldown = 300;

  lag_scaling(double threshold, bool sleeps, pod_autoscaler pods)
      : threshold_(threshold), sleeps_(sleeps), pods_(std::move(pods)) {}

  std::size_t decide(double now, const simulated_service& service);

private:
  double threshold_;
  bool sleeps_;
  pod_autoscaler pods_;
  double polled_ = -polling;
  double active_ = 0;
};

} // namespace chalkstream::pipelines::tools
