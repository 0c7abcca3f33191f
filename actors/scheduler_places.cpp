// On which of its devices a model is loaded.
#include "actors/model_loader.hpp"
#include "actors/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::actors {

loader_actor start_detached_loader(caf::actor_system& system, const directory_ptr& who) {
  return spawn_state<model_loader_state, caf::detached>(system, who);
}

bool scheduler_state::lane::loaded() const noexcept {
  return std::ranges::any_of(places, [](const lane_place& p) { return p.settings.compute != nullptr; });
}

bool scheduler_state::lane::loading() const noexcept {
  return std::ranges::any_of(places, &lane_place::loading);
}

bool scheduler_state::lane::leaves(std::size_t place) const noexcept {
  return places[place].settings.compute && !places[place].wanted()
         && std::ranges::any_of(places, &lane_place::serves);
}

void scheduler_state::show(const lane& of) {
  for (const auto& p : of.places)
    p.settings.status->loaded = p.settings.compute != nullptr;
  of.replicas->loaded = of.loaded();
}

void scheduler_state::load(std::size_t model) {
  for (std::size_t p = 0; p < lanes_[model].places.size(); ++p)
    load_there(model, p);
}

void scheduler_state::load_there(std::size_t model, std::size_t place) {
  auto& there = at({model, place});
  if (there.settings.compute || !there.wanted() || !there.settings.load || there.loading || there.load_again_at)
    return;
  if (!loader_) {
    loader_ = settings_.make_loader(self_->home_system(), who_);
    watcher_.watch(loader_, [this](const caf::error& why) {
      loader_ = nullptr;
      for (std::size_t m = 0; m < lanes_.size(); ++m)
        for (std::size_t p = 0; p < lanes_[m].places.size() && !stopping_; ++p)
          if (at({m, p}).loading)
            came_back({m, p, nullptr, std::make_shared<const error>(error{errc::internal, caf::to_string(why)})});
    });
  }
  there.loading = true;
  tell(self_, loader_, load_model{model, place, there.settings.load});
}

void scheduler_state::keep(const keep_on_device& wanted) {
  auto& lane = lanes_[wanted.model];
  auto& there = lane.places[wanted.place];
  if (there.wanted() == wanted.wanted)
    return;
  const auto others = std::ranges::count_if(lane.places, &lane_place::wanted) - (there.wanted() ? 1 : 0);
  if (!wanted.wanted && (!there.settings.load || others == 0))
    return; // it could not come back, or would be nowhere
  there.settings.status->wanted = wanted.wanted;
  if (!wanted.wanted && there.settings.compute)
    settings_.log->info("scheduler", "model " + lane.name + " is to leave " + device_of(there));
  if (!wanted.wanted)
    there.load_again_at.reset();
  else if (!lane.resting)
    load_there(wanted.model, wanted.place);
  leave_if_through(wanted.model);
}

// What was begun there is finished first.
void scheduler_state::leave_if_through(std::size_t model) {
  auto& lane = lanes_[model];
  for (std::size_t p = 0; p < lane.places.size(); ++p) {
    auto& there = lane.places[p];
    if (!lane.leaves(p) || there.running > 0 || queue_.bound(model, p) > 0)
      continue;
    there.settings.compute = nullptr;
    there.full = false;
    show(lane);
    settings_.log->info("scheduler", "model " + lane.name + " has left " + device_of(there));
  }
}

void scheduler_state::came_back(const model_back& report) {
  auto& lane = lanes_[report.model];
  auto& there = lane.places[report.place];
  there.loading = false;
  if (report.compute) {
    there.settings.compute = report.compute;
    there.retry.reset();
    show(lane);
    if (lane.places.size() > 1)
      settings_.log->info("scheduler", "model " + lane.name + " is on " + device_of(there));
    while (queue_.unpark(report.model)) { // there is room here
    }
    unload_if_idle(report.model);
    leave_if_through(report.model);
    return;
  }
  const auto pause = there.retry.next();
  there.load_again_at = settings_.time->now() + pause;
  settings_.log->error("scheduler", "model " + lane.name + " cannot be loaded on " + device_of(there)
                                        + (lane.loaded() ? ", and goes on where it is" : "") + ", which is tried in "
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
    leave_if_through(m);
    for (auto& p : lane.places)
      if (p.load_again_at && *p.load_again_at <= now)
        p.load_again_at.reset();
    if (lane.allowed > 0)
      load(m);
    if (lane.loaded())
      continue;
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
