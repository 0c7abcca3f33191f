#include "actors/autoscaler.hpp"

namespace chalkstream::actors {

autoscaler_state::autoscaler_state(autoscaler_actor::pointer self, autoscaler_settings settings, directory_ptr who)
    : self_(self), settings_(std::move(settings)), who_(std::move(who)) {
  for (const auto& lane : settings_.lanes) {
    question_ += (question_.empty() ? "" : "\nor ") + monitoring::scaling_query(lane.scope, lane.policy);
    watches_.emplace_back(lane.scope.model, lane.policy, lane.probe, *settings_.log);
  }
}

autoscaler_actor::behavior_type autoscaler_state::make_behavior() {
  end_without_quoting_exceptions(self_);
  tell_after(self_, settings_.interval, autoscaler_actor{self_}, tick{});
  return {
      [this](tick) {
        look();
        tell_after(self_, settings_.interval, autoscaler_actor{self_}, tick{});
      },
      [this](stop) { self_->quit(); },
  };
}

void autoscaler_state::look() {
  const auto answer = settings_.source->ask(question_);
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    const auto& lane = settings_.lanes[i];
    const auto there = lane.replicas->allowed.load();
    const auto wanted =
        watches_[i].decide(answer, {.replicas = there, .woken = lane.replicas->woken.load()}, *settings_.time);
    if (wanted != there)
      tell(self_, who_->scheduler, allow_replicas{lane.model, wanted});
  }
}

} // namespace chalkstream::actors
