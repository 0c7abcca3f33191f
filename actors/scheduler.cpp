#include "actors/scheduler.hpp"

#include "actors/slot.hpp"
#include "monitoring/device_probe.hpp"
#include "monitoring/model_probe.hpp"
#include "monitoring/pipeline_probe.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::actors {

namespace {

constexpr auto tick_every = std::chrono::milliseconds(250);
// A search for a better budget starts only when nobody has asked for anything for this long.
constexpr auto quiet_before_search = std::chrono::seconds(1);

std::size_t most_places(const std::vector<scheduled_model>& models) {
  std::size_t most = 1;
  for (const auto& m : models)
    most = std::max(most, m.places.size());
  return most;
}

} // namespace

slot_actor start_detached_slot(caf::actor_system& system, std::size_t index, const directory_ptr& who,
                               const clock* time) {
  return spawn_state<slot_state, caf::detached>(system, index, who, time);
}

scheduler_state::scheduler_state(scheduler_actor::pointer self, scheduler_settings settings, directory_ptr who)
    : self_(self), settings_(std::move(settings)), who_(std::move(who)), watcher_(self),
      queue_(settings_.models.size(), most_places(settings_.models)), journal_(*settings_.log, *settings_.time),
      quiet_since_(settings_.time->now()), last_report_(quiet_since_) {
  for (std::size_t d = 0; d < settings_.devices.size(); ++d)
    slots_.insert(slots_.end(), settings_.devices[d].slots, {.device = d});
  for (auto& m : settings_.models) { // nothing of them is kept twice: what is unloaded must be held by nobody
    const bool writes =
        std::ranges::any_of(m.places, [](const model_place& p) { return p.compute && p.compute->writes(); });
    auto& lane = lanes_.emplace_back();
    lane.name = m.name;
    lane.max_replicas = lane.allowed = m.max_replicas;
    lane.replicas = m.replicas;
    lane.replicas->allowed = lane.allowed;
    for (auto& p : m.places) {
      lane.places.push_back({.settings = std::move(p)});
      if (lane.places.back().settings.search_budget && !writes) // a step's cost is not its tokens alone
        lane.places.back().search.emplace();
    }
    show(lane);
  }
}

scheduler_actor::behavior_type scheduler_state::make_behavior() {
  end_without_quoting_exceptions(self_);
  return {
      [this](const enqueue& given) {
        wake_for(*given.batch);
        take_in(*given.batch);
        dispatch();
      },
      [this](const slot_ready& report) {
        finished(report.slot, report);
        dispatch();
      },
      [this](const allow_replicas& wanted) {
        allow(wanted.model, wanted.replicas);
        dispatch();
      },
      [this](const keep_on_device& wanted) {
        keep(wanted);
        dispatch();
      },
      [this](const model_back& report) {
        came_back(report);
        dispatch();
      },
      [this](purge) {
        purge_ending();
        dispatch();
      },
      [this](tick) {
        if (!started_)
          start();
        call_back_waiting();
        look_after_unloaded();
        report();
        measure_if_idle();
        if (!stopping_)
          tell_after(self_, tick_every, scheduler_actor{self_}, tick{});
      },
      [this](stop) {
        stopping_ = true;
        for (auto& s : slots_)
          tell(self_, s.handle, stop{});
        if (loader_)
          tell(self_, loader_, stop{});
        self_->quit();
      },
  };
}

// -- slots ---------------------------------------------------------------------------

void scheduler_state::start() {
  started_ = true;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    start_slot(i);
  for (std::size_t m = 0; m < lanes_.size(); ++m)
    load(m);
}

void scheduler_state::start_slot(std::size_t index) {
  slots_[index] = {.device = slots_[index].device,
                   .handle = settings_.make_slot(self_->home_system(), index, who_, settings_.time)};
  watcher_.watch(slots_[index].handle, [this, index](const caf::error&) {
    if (!stopping_)
      slot_failed(index);
  });
}

void scheduler_state::slot_failed(std::size_t index) {
  auto lost = running_.extract(slots_[index].batch);
  start_slot(index);
  if (lost.empty())
    return;
  auto& place = at(lost.mapped().of);
  --place.running;
  if (!lost.mapped().batch)
    measured(place, duration::max());
  else
    failed(lost.mapped(), error{errc::internal, "the slot ended while it ran this batch"});
  dispatch();
}

std::size_t scheduler_state::idle_slots(std::size_t device) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(slots_, [device](const auto& s) { return s.idle && s.device == device; }));
}

scheduler_state::slot_line* scheduler_state::idle_slot(std::size_t device) {
  const auto found = std::ranges::find_if(slots_, [device](const auto& s) { return s.idle && s.device == device; });
  return found == slots_.end() ? nullptr : &*found;
}

// A slot that helps and should rather run `first`; null if none should. Two long records are both through sooner one
// after the other on all cores than side by side: only what is clearly shorter, or more urgent, calls a helper back.
scheduler_state::slot_line* scheduler_state::slot_to_call_back(std::size_t device, const queue::entry& first) {
  for (auto& slot : slots_) {
    const auto helped = running_.find(slot.helps);
    if (helped == running_.end() || slot.device != device)
      continue;
    const auto& b = helped->second;
    const bool more_urgent = std::none_of(b.batch->begin(), b.batch->end(),
                                          [&first](const auto& f) { return f->urgency <= first.urgency; });
    if (more_urgent || 2 * first.tokens <= b.tokens)
      return &slot;
  }
  return nullptr;
}

scheduler_state::slot_line* scheduler_state::slot_for(std::size_t device, const queue::entry& first) {
  auto* idle = idle_slot(device);
  return idle != nullptr ? idle : slot_to_call_back(device, first);
}

// The slot has something to do from here on, under the number returned. One that helps is called back first.
std::uint64_t scheduler_state::occupy(slot_line& slot, residence of) {
  if (slot.wanted)
    slot.wanted->store(true, std::memory_order_relaxed);
  slot.wanted.reset();
  slot.helps = 0;
  slot.idle = false;
  slot.of_before = std::exchange(slot.of, of);
  return slot.batch = next_batch_++;
}

// -- work in -------------------------------------------------------------------------

void scheduler_state::take_in(const flights& batch) {
  flights home;
  for (const auto& f : batch) {
    if (f->ending()) {
      drop_texts(*f);
      home.push_back(f);
      continue;
    }
    const bool begun = f->texts && f->texts->under_way(); // its room is where it is
    queue_.push(model_of(*f), {f, f->tokens(), f->urgency, f->deadline, f->failures > 0,
                               begun ? std::optional{f->place} : std::nullopt, f->arrival});
  }
  if (!home.empty())
    send_home(self_, *who_, home);
}

void scheduler_state::purge_ending() {
  flights home;
  for (auto& e : queue_.remove_if([](const auto& e) { return e.value->ending(); })) {
    drop_texts(*e.value);
    home.push_back(std::move(e.value));
  }
  if (!home.empty())
    send_home(self_, *who_, home);
}

// -- upkeep --------------------------------------------------------------------------

void scheduler_state::measure_if_idle() {
  if (queue_.size() > 0 || settings_.time->now() - quiet_since_ < quiet_before_search)
    return;
  for (std::size_t m = 0; m < lanes_.size(); ++m)
    for (std::size_t p = 0; p < lanes_[m].places.size(); ++p) {
      auto& place = at({m, p});
      // One slot stays free for whoever comes.
      if (!place.search || !place.search->next() || !opening({m, p}) || idle_slots(place.settings.device) < 2)
        continue;
      auto& slot = *idle_slot(place.settings.device);
      const auto id = occupy(slot, {m, p});
      ++place.running;
      running_.emplace(id, running_batch{{m, p}, nullptr, *place.search->next()});
      tell(self_, slot.handle, measure_batch{id, place.settings.compute, *place.search->next()});
      return;
    }
}

// A size the model cannot run took forever: it is never the best, and never asked for again.
void scheduler_state::measured(lane_place& of, duration took) {
  if (!of.search)
    return;
  of.search->measured(took);
  if (!of.search->next()) {
    of.settings.token_budget = *of.search->best();
    of.search.reset();
    if (of.settings.found)
      of.settings.found(of.settings.token_budget);
  }
  measure_if_idle();
}

void scheduler_state::report() {
  const auto now = settings_.time->now();
  const auto window = std::max(in_seconds(now - last_report_), 1e-9);
  last_report_ = now;
  report_devices(window);
  for (std::size_t m = 0; m < lanes_.size(); ++m)
    report(lanes_[m], m);
}

// What may run anywhere is shown where it would run first; so are the slots that a model may hold.
void scheduler_state::report(const lane& of, std::size_t model) {
  const bool loaded = of.loaded();
  const auto counts = [&of, loaded](const lane_place& p) {
    return loaded ? p.settings.compute && !of.leaves(static_cast<std::size_t>(&p - of.places.data())) : p.wanted();
  };
  const auto first = std::ranges::find_if(of.places, counts);
  auto left = of.allowed;
  std::vector<std::size_t> width;
  double rate = 0; // of all places together
  for (const auto& p : of.places) {
    width.push_back(counts(p) ? std::min(left, slots_on(p.settings.device)) : 0);
    left -= width.back();
    rate += p.tokens_per_second * static_cast<double>(std::max<std::size_t>(width.back(), counts(p) ? 1 : 0));
  }
  std::size_t bound = 0, bound_tokens = 0;
  for (std::size_t p = 0; p < of.places.size(); ++p) {
    bound += queue_.bound(model, p);
    bound_tokens += queue_.tokens(model, {p, true});
  }
  for (std::size_t p = 0; p < of.places.size(); ++p) {
    const auto& place = of.places[p];
    auto records = queue_.bound(model, p), tokens = queue_.tokens(model, {p, true});
    auto by = place.tokens_per_second * static_cast<double>(std::max<std::size_t>(width[p], 1));
    if (first != of.places.end() && &*first == &place) {
      records += queue_.size(model) - bound + queue_.parked(model);
      tokens += queue_.tokens(model) - bound_tokens + queue_.parked_tokens(model);
      by = rate;
    }
    place.settings.probe->pending(records, tokens, by > 0 ? static_cast<double>(tokens) / by : 0);
    place.settings.probe->replicas(width[p]);
    place.settings.probe->resident(place.settings.compute != nullptr);
  }
}

void scheduler_state::report_devices(double window) {
  std::vector<duration> busy(settings_.devices.size());
  for (auto& lane : lanes_)
    for (auto& place : lane.places)
      busy[place.settings.device] += std::exchange(place.busy, {});
  for (std::size_t d = 0; d < busy.size(); ++d)
    if (const auto& device = settings_.devices[d]; device.probe) {
      const auto slots = static_cast<double>(device.slots);
      device.probe->slots(device.slots, device.slots == 0 ? 0 : in_seconds(busy[d]) / (window * slots));
    }
}

} // namespace chalkstream::actors
