#include "pipelines/tools/scaling/scaling_rivals.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines::tools {

namespace {

std::size_t whole(double replicas) {
  return static_cast<std::size_t>(std::ceil(replicas - 1e-9));
}

} // namespace

std::size_t pod_autoscaler::settle(double now, std::size_t have, std::size_t recommended) {
  recommended_.push_back({now, recommended});
  while (now - recommended_.front().at >= down_window)
    recommended_.pop_front();
  auto wanted = recommended;
  if (wanted < have)
    for (const auto& r : recommended_)
      wanted = std::max(wanted, r.replicas);
  if (recommended < have)
    wanted = std::min(wanted, have);
  const auto fastest = std::max(have * 2, have + step_);
  return std::clamp(std::min(wanted, fastest), least_, most_);
}

std::size_t processor_scaling::decide(double now, const simulated_service& service) {
  const auto have = service.replicas();
  const auto ready = static_cast<double>(service.ready());
  const auto passed = now - measured_;
  const auto use = passed > 0 && ready > 0 ? (service.busy() - busy_) / (passed * ready) : 0;
  measured_ = now;
  busy_ = service.busy();
  if (ready == 0)
    return pods_.settle(now, have, have);
  auto ratio = std::clamp(use, 0.0, 1.0) / target_;
  auto recommended = have;
  if (std::abs(ratio - 1) > pod_autoscaler::tolerance) {
    const auto starting = service.replicas() - service.ready();
    if (ratio > 1 && starting > 0) {
      // Pods that do not work yet count as idle; if that turns the answer round, there is none.
      ratio *= ready / static_cast<double>(have);
      recommended = ratio > 1 + pod_autoscaler::tolerance ? whole(ratio * static_cast<double>(have)) : have;
    } else {
      recommended = whole(ratio * ready);
    }
  }
  return pods_.settle(now, have, recommended);
}

std::size_t lag_scaling::decide(double now, const simulated_service& service) {
  const auto have = service.replicas();
  const auto lag = static_cast<double>(service.pending());
  if (lag > 0)
    active_ = now;
  if (have == 0) {
    if (now - polled_ < polling)
      return 0;
    polled_ = now;
    return lag > 0 ? 1 : 0;
  }
  if (sleeps_ && now - active_ >= cooldown)
    return 0;
  const auto ratio = lag / (threshold_ * static_cast<double>(have));
  const auto recommended = std::abs(ratio - 1) <= pod_autoscaler::tolerance ? have : whole(lag / threshold_);
  return pods_.settle(now, have, recommended);
}

} // namespace chalkstream::pipelines::tools
