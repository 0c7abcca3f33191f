#include "actors/autoscaler.hpp"

namespace chalkstream::actors {

autoscaler_state::autoscaler_state(autoscaler_actor::pointer self, autoscaler_settings settings, directory_ptr who)
    : self_(self), settings_(std::move(settings)), who_(std::move(who)) {
  for (const auto& lane : settings_.lanes) {
    question_ += (question_.empty() ? "" : "\nor ") + monitoring::scaling_query(lane.scope, lane.policy);
    watches_.emplace_back(lane.scope.model, lane.policy, lane.probe, *settings_.log);
  }
  if (settings_.moving)
    residency_.emplace(settings_.moving->rule);
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
  if (residency_)
    move_models(answer);
}

// An answer that cannot be had or read says nothing of anybody, and nobody moves.
void autoscaler_state::move_models(const result<metric_answer>& answer) {
  const auto now = settings_.time->now();
  std::vector<resident_seen> seen;
  for (const auto& lane : settings_.lanes) {
    auto& model = seen.emplace_back();
    if (answer)
      if (auto read = monitoring::read_scaling_answer(*answer, lane.scope.model, now, settings_.time->wall_now()))
        model.load = *read;
    model.load.replicas = observed{static_cast<double>(lane.replicas->allowed.load()), now};
    for (const auto& place : lane.places)
      model.places.push_back({place->wanted, place->loaded});
  }
  for (const auto& move : residency_->decide(now, seen)) {
    say(move);
    tell(self_, who_->scheduler, keep_on_device{settings_.lanes[move.model].model, move.place, move.wanted});
  }
}

void autoscaler_state::say(const residency_move& move) const {
  const auto& device = settings_.moving->names[settings_.moving->rule.models[move.model].devices[move.place]];
  const auto line = settings_.lanes[move.model].scope.model + (move.wanted ? " comes to " : " leaves ") + device;
  settings_.log->info("autoscaler", line + " (" + std::string{to_string(move.why)} + ")");
}

} // namespace chalkstream::actors
