// How many slots a model may hold.
#include "actors/scheduler.hpp"

#include <algorithm>

namespace chalkstream::actors {

std::size_t scheduler_state::lane::running() const noexcept {
  std::size_t sum = 0;
  for (const auto& p : places)
    sum += p.running;
  return sum;
}

void scheduler_state::allow(std::size_t model, std::size_t replicas) {
  auto& lane = lanes_[model];
  const bool can_come_back = std::ranges::all_of(lane.places, [](const lane_place& p) { return !!p.settings.load; });
  lane.resting = replicas == 0 && can_come_back;
  lane.allowed = std::clamp<std::size_t>(replicas, 1, lane.max_replicas);
  lane.replicas->allowed = lane.allowed;
  if (lane.resting)
    unload_if_idle(model);
  else
    load(model);
}

// Who has work is not unloaded, whatever was said before.
void scheduler_state::wake_for(const flights& batch) {
  for (const auto& f : batch)
    if (const auto m = model_of(*f); lanes_[m].resting) {
      lanes_[m].replicas->woken = settings_.time->now();
      allow(m, 1);
    }
}

// A batch that runs holds the model, and so does a text that is being written: it is queued between its steps.
void scheduler_state::unload_if_idle(std::size_t model) {
  auto& lane = lanes_[model];
  if (!lane.resting || lane.loading() || lane.running() > 0 || queue_.size(model) + queue_.parked(model) > 0)
    return;
  lane.allowed = 0;
  lane.replicas->allowed = 0;
  if (!lane.loaded())
    return;
  for (auto& p : lane.places)
    p.settings.compute = nullptr;
  show(lane);
  settings_.log->info("scheduler", "model " + lane.name + " is unloaded until something comes for it");
}

} // namespace chalkstream::actors
