#include "actors/scheduler.hpp"

#include "actors/slot.hpp"
#include "monitoring/device_probe.hpp"
#include "monitoring/model_probe.hpp"
#include "monitoring/pipeline_probe.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace chalkstream::actors {

namespace {

constexpr auto tick_every = std::chrono::milliseconds(250);
// A search for a better budget starts only when nobody has asked for anything for this long.
constexpr auto quiet_before_search = std::chrono::seconds(1);

} // namespace

slot_actor start_detached_slot(caf::actor_system& system, std::size_t index, const directory_ptr& who,
                               const clock* time) {
  return spawn_state<slot_state, caf::detached>(system, index, who, time);
}

scheduler_state::scheduler_state(scheduler_actor::pointer self, scheduler_settings settings, directory_ptr who)
    : self_(self), settings_(std::move(settings)), who_(std::move(who)), watcher_(self),
      queue_(settings_.models.size()), slots_(settings_.slots), journal_(*settings_.log, *settings_.time),
      quiet_since_(settings_.time->now()), last_report_(quiet_since_) {
  for (auto& m : settings_.models) { // nothing of them is kept twice: what is unloaded must be held by nobody
    const bool search = m.search_budget && !m.compute->writes(); // a step's cost is not its tokens alone
    lanes_.push_back({.settings = std::move(m)});
    auto& lane = lanes_.back();
    lane.allowed = lane.settings.max_replicas;
    lane.settings.replicas->allowed = lane.allowed;
    if (search)
      lane.search.emplace();
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
}

void scheduler_state::start_slot(std::size_t index) {
  slots_[index] = {.handle = settings_.make_slot(self_->home_system(), index, who_, settings_.time)};
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
  auto& lane = lanes_[lost.mapped().model];
  --lane.running;
  if (!lost.mapped().batch)
    measured(lane, duration::max());
  else
    failed(lost.mapped(), error{errc::internal, "the slot ended while it ran this batch"});
  dispatch();
}

std::size_t scheduler_state::idle_slots() const {
  return static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), [](const auto& s) { return s.idle; }));
}

scheduler_state::slot_line* scheduler_state::idle_slot() {
  const auto at = std::find_if(slots_.begin(), slots_.end(), [](const auto& s) { return s.idle; });
  return at == slots_.end() ? nullptr : &*at;
}

// A slot that helps and should rather run `first`; null if none should. Two long records are both through sooner one
// after the other on all cores than side by side: only what is clearly shorter, or more urgent, calls a helper back.
scheduler_state::slot_line* scheduler_state::slot_to_call_back(const work_queue<flight_ptr>::entry& first) {
  for (auto& slot : slots_) {
    const auto helped = running_.find(slot.helps);
    if (helped == running_.end())
      continue;
    const auto& b = helped->second;
    const bool more_urgent = std::none_of(b.batch->begin(), b.batch->end(),
                                          [&first](const auto& f) { return f->urgency <= first.urgency; });
    if (more_urgent || 2 * first.tokens <= b.tokens)
      return &slot;
  }
  return nullptr;
}

// The slot has something to do from here on, under the number returned. One that helps is called back first.
std::uint64_t scheduler_state::occupy(slot_line& slot, std::size_t model) {
  if (slot.wanted)
    slot.wanted->store(true, std::memory_order_relaxed);
  slot.wanted.reset();
  slot.helps = 0;
  slot.idle = false;
  slot.model_before = std::exchange(slot.model, model);
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
    queue_.push(model_of(*f), {f, f->tokens(), f->urgency, f->deadline, f->failures > 0, f->arrival});
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
  // One slot stays free for whoever comes.
  if (queue_.size() > 0 || idle_slots() < 2 || settings_.time->now() - quiet_since_ < quiet_before_search)
    return;
  for (std::size_t m = 0; m < lanes_.size(); ++m) {
    auto& lane = lanes_[m];
    if (!lane.search || !lane.search->next() || !lane.may_run())
      continue;
    auto& slot = *idle_slot();
    const auto id = occupy(slot, m);
    ++lane.running;
    running_.emplace(id, running_batch{m, nullptr, *lane.search->next()});
    tell(self_, slot.handle, measure_batch{id, lane.settings.compute, *lane.search->next()});
    return;
  }
}

// A size the model cannot run took forever: it is never the best, and never asked for again.
void scheduler_state::measured(lane& of, duration took) {
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
  const auto window = std::max(seconds(now - last_report_), 1e-9);
  last_report_ = now;
  report_devices(window);
  for (std::size_t m = 0; m < lanes_.size(); ++m) {
    const auto& lane = lanes_[m];
    const auto width = std::min(lane.allowed, slots_.size());
    const auto rate = lane.tokens_per_second * static_cast<double>(std::max<std::size_t>(width, 1));
    const auto waiting = queue_.tokens(m) + queue_.parked_tokens(m);
    lane.settings.probe->pending(queue_.size(m) + queue_.parked(m), waiting,
                                 rate > 0 ? static_cast<double>(waiting) / rate : 0);
    lane.settings.probe->replicas(width);
  }
}

void scheduler_state::report_devices(double window) {
  std::map<monitoring::device_probe*, duration> busy;
  for (auto& lane : lanes_)
    busy[lane.settings.device.get()] += std::exchange(lane.busy, {});
  for (const auto& [device, took] : busy)
    device->slots(slots_.size(), seconds(took) / (window * static_cast<double>(slots_.size())));
}

} // namespace chalkstream::actors
