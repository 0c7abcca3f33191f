// How many slots a model may hold, and whether it is loaded.
#include "actors/model_loader.hpp"
#include "actors/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::actors {

loader_actor start_detached_loader(caf::actor_system& system, const directory_ptr& who) {
  return spawn_state<model_loader_state, caf::detached>(system, who);
}

void scheduler_state::allow(std::size_t model, std::size_t replicas) {
  auto& lane = lanes_[model];
  lane.resting = replicas == 0 && lane.settings.load;
  lane.allowed = std::clamp<std::size_t>(replicas, 1, lane.settings.max_replicas);
  lane.settings.replicas->allowed = lane.allowed;
  if (lane.resting)
    unload_if_idle(model);
  else if (!lane.settings.compute)
    load(model);
}

// Who has work is not unloaded, whatever was said before.
void scheduler_state::wake_for(const flights& batch) {
  for (const auto& f : batch)
    if (const auto m = model_of(*f); lanes_[m].resting) {
      lanes_[m].settings.replicas->woken = settings_.time->now();
      allow(m, 1);
    }
}

// A batch that runs holds the model, and so does a text that is being written: it is queued between its steps.
void scheduler_state::unload_if_idle(std::size_t model) {
  auto& lane = lanes_[model];
  if (!lane.resting || lane.loading || lane.running > 0 || queue_.size(model) + queue_.parked(model) > 0)
    return;
  lane.allowed = 0;
  lane.settings.replicas->allowed = 0;
  if (!std::exchange(lane.settings.compute, nullptr))
    return;
  lane.settings.replicas->loaded = false;
  settings_.log->info("scheduler", "model " + lane.settings.name + " is unloaded until something comes for it");
}

void scheduler_state::load(std::size_t model) {
  auto& lane = lanes_[model];
  if (lane.loading || lane.load_again_at)
    return;
  if (!loader_) {
    loader_ = settings_.make_loader(self_->home_system(), who_);
    watcher_.watch(loader_, [this](const caf::error& why) {
      loader_ = nullptr;
      for (std::size_t m = 0; m < lanes_.size() && !stopping_; ++m)
        if (lanes_[m].loading)
          came_back({m, nullptr, std::make_shared<const error>(error{errc::internal, caf::to_string(why)})});
    });
  }
  lane.loading = true;
  tell(self_, loader_, load_model{model, lane.settings.load});
}

void scheduler_state::came_back(const model_back& report) {
  auto& lane = lanes_[report.model];
  lane.loading = false;
  if (report.compute) {
    lane.settings.compute = report.compute;
    lane.settings.replicas->loaded = true;
    lane.retry.reset();
    unload_if_idle(report.model);
    return;
  }
  const auto pause = lane.retry.next();
  lane.load_again_at = settings_.time->now() + pause;
  settings_.log->error("scheduler", "model " + lane.settings.name + " cannot be loaded again, which is tried in "
                                        + std::to_string(std::chrono::ceil<std::chrono::seconds>(pause).count())
                                        + " s: " + to_string(*report.failure));
}

// What waits for a model that cannot be had is still given up in time.
void scheduler_state::look_after_unloaded() {
  const auto now = settings_.time->now();
  flights home;
  for (std::size_t m = 0; m < lanes_.size(); ++m) {
    auto& lane = lanes_[m];
    unload_if_idle(m);
    if (lane.settings.compute)
      continue;
    if (lane.load_again_at && *lane.load_again_at <= now)
      lane.load_again_at.reset();
    if (lane.allowed > 0)
      load(m);
    const auto through = [m, now](const auto& e) {
      const auto& f = *e.value;
      return model_of(f) == m && (f.ending() || (f.expires && *f.expires <= now));
    };
    for (auto& e : queue_.remove_if(through)) {
      give_up_expired(e.value, now);
      home.push_back(std::move(e.value));
    }
  }
  if (!home.empty())
    send_home(self_, *who_, home);
}

} // namespace chalkstream::actors
