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
constexpr double smoothing = 0.2;

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

} // namespace

slot_actor start_detached_slot(caf::actor_system& system, std::size_t index, const directory_ptr& who,
                               const clock* time) {
  return spawn_state<slot_state, caf::detached>(system, index, who, time);
}

scheduler_state::scheduler_state(scheduler_actor::pointer self, scheduler_settings settings, directory_ptr who)
    : self_(self), settings_(std::move(settings)), who_(std::move(who)), watcher_(self),
      queue_(settings_.models.size()), slots_(settings_.slots), quiet_since_(settings_.time->now()),
      last_report_(quiet_since_) {
  for (auto& m : settings_.models) {
    lanes_.push_back({.settings = m});
    if (m.search_budget)
      lanes_.back().search.emplace();
  }
}

scheduler_actor::behavior_type scheduler_state::make_behavior() {
  end_without_quoting_exceptions(self_);
  return {
      [this](const enqueue& given) {
        take_in(*given.batch);
        dispatch();
      },
      [this](const slot_ready& report) {
        finished(report.slot, report);
        dispatch();
      },
      [this](purge) { purge_ending(); },
      [this](tick) {
        if (!started_)
          start();
        report();
        measure_if_idle();
        if (!stopping_)
          tell_after(self_, tick_every, scheduler_actor{self_}, tick{});
      },
      [this](stop) {
        stopping_ = true;
        for (auto& s : slots_)
          tell(self_, s.handle, stop{});
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
      home.push_back(f);
      continue;
    }
    const auto& w = std::get<work>(f->step);
    queue_.push(f->route->models[w.model], {f, w.tokens(), f->urgency, f->deadline, f->failures > 0});
  }
  if (!home.empty())
    send_home(self_, *who_, home);
}

void scheduler_state::purge_ending() {
  flights home;
  for (auto& e : queue_.remove_if([](const auto& e) { return e.value->ending(); }))
    home.push_back(std::move(e.value));
  if (!home.empty())
    send_home(self_, *who_, home);
}

// -- work out ------------------------------------------------------------------------

void scheduler_state::dispatch() {
  while (dispatch_one()) {
  }
  lend_idle_slots();
}

// Whoever has nothing to run helps where the fewest do.
void scheduler_state::lend_idle_slots() {
  const auto helpers_of = [this](std::uint64_t id) {
    return std::count_if(slots_.begin(), slots_.end(), [id](const auto& s) { return s.helps == id; });
  };
  for (auto& slot : slots_) {
    if (!slot.idle)
      continue;
    auto least = running_.end();
    for (auto at = running_.begin(); at != running_.end(); ++at)
      if (at->second.helpers && (least == running_.end() || helpers_of(at->first) < helpers_of(least->first)))
        least = at;
    if (least == running_.end())
      return;
    const auto id = occupy(slot, least->second.model);
    slot.helps = least->first;
    slot.wanted = std::make_shared<std::atomic<bool>>(false);
    tell(self_, slot.handle, help_batch{id, least->second.helpers, slot.wanted});
  }
}

std::vector<flight_ptr> scheduler_state::select(std::size_t model, std::size_t budget, flights& home) {
  const auto now = settings_.time->now();
  std::vector<flight_ptr> batch;
  for (auto& e : queue_.take(model, budget)) {
    auto& f = e.value;
    if (!f->ending() && f->expires && *f->expires <= now) {
      f->step = rejection{reject_reason::expired, stage::schedule, "its deadline passed while it waited", 1};
      f->route->probe->deadline_missed(monitoring::missed_action::shed);
    }
    if (f->ending() || f->finished()) {
      home.push_back(std::move(f));
      continue;
    }
    f->spent.queue += seconds(now - f->ready);
    f->route->probe->queued(seconds(now - f->ready));
    f->route->probe->slack(seconds(f->deadline - now));
    batch.push_back(std::move(f));
  }
  return batch;
}

bool scheduler_state::dispatch_one() {
  const auto m =
      queue_.most_urgent([this](std::size_t i) { return lanes_[i].running < lanes_[i].settings.max_replicas; });
  if (m == queue_.models())
    return false;
  auto* slot = idle_slot();
  if (slot == nullptr)
    slot = slot_to_call_back(queue_.front(m));
  if (slot == nullptr)
    return false;
  auto& lane = lanes_[m];
  const auto budget = slot->idle ? lane.settings.token_budget : queue_.front(m).tokens;
  const auto at_hand = std::min(std::max<std::size_t>(idle_slots(), 1), lane.settings.max_replicas - lane.running);
  flights home;
  auto batch = select(m, shared_budget(budget, queue_.tokens(m), at_hand), home);
  if (!home.empty())
    send_home(self_, *who_, home);
  if (batch.empty())
    return true;
  std::size_t tokens = 0;
  for (const auto& f : batch)
    tokens += std::get<work>(f->step).tokens();
  std::shared_ptr<crew> helpers;
  if (queue_.size() == 0 && tokens >= settings_.help_from_tokens && slots_.size() > 1
      && lane.settings.compute->takes_help())
    helpers = std::make_shared<crew>(slots_.size());
  const auto id = occupy(*slot, m);
  ++lane.running;
  quiet_since_ = settings_.time->now();
  lane.settings.probe->batch(batch.size(), tokens, budget);
  auto shared = std::make_shared<const flights>(std::move(batch));
  running_.emplace(id, running_batch{m, shared, tokens, helpers});
  tell(self_, slot->handle, run_batch{id, lane.settings.compute, std::move(shared), std::move(helpers)});
  return true;
}

void scheduler_state::finished(std::size_t index, const slot_ready& report) {
  auto& slot = slots_[index];
  if (report.id != 0)
    lanes_[report.id == slot.batch ? slot.model : slot.model_before].busy += report.busy;
  if (report.id != slot.batch)
    return; // back from helping, as it was told to: its next batch is in its mailbox
  if (const auto helped = running_.find(slot.helps); helped != running_.end())
    helped->second.helpers.reset(); // back by itself: that batch is through, though its own slot has not said so yet
  slot.idle = true;
  slot.batch = 0;
  slot.helps = 0;
  slot.wanted.reset();
  auto done = running_.extract(report.id);
  if (done.empty())
    return;
  auto& b = done.mapped();
  auto& lane = lanes_[b.model];
  --lane.running;
  if (!b.batch) {
    measured(lane, report.failure ? duration::max() : report.busy);
    return;
  }
  quiet_since_ = settings_.time->now();
  if (report.failure) {
    failed(b, *report.failure);
    return;
  }
  lane.settings.probe->computed(seconds(report.busy));
  const auto rate = static_cast<double>(b.tokens) / std::max(seconds(report.busy), 1e-9);
  lane.tokens_per_second =
      lane.tokens_per_second == 0 ? rate : lane.tokens_per_second * (1 - smoothing) + rate * smoothing;
}

void scheduler_state::failed(const running_batch& b, const error& why) {
  if (b.batch->size() > 1) {
    // Each runs alone next: a packed batch has no padding, so this costs what the batch did, and finds every guilty
    // record in one more step.
    for (const auto& f : *b.batch)
      f->failures = std::max<std::uint32_t>(f->failures, 1);
    take_in(*b.batch);
    return;
  }
  auto& only = *b.batch->front();
  if (++only.failures <= settings_.max_attempts) {
    take_in(*b.batch);
    return;
  }
  only.step = rejection{reject_reason::model_failed, stage::compute, to_string(why), only.failures};
  send_home(self_, *who_, *b.batch);
}

// -- upkeep --------------------------------------------------------------------------

void scheduler_state::measure_if_idle() {
  // One slot stays free for whoever comes.
  if (queue_.size() > 0 || idle_slots() < 2 || settings_.time->now() - quiet_since_ < quiet_before_search)
    return;
  for (std::size_t m = 0; m < lanes_.size(); ++m) {
    auto& lane = lanes_[m];
    if (!lane.search || !lane.search->next())
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
    const auto width = std::min(lane.settings.max_replicas, slots_.size());
    const auto rate = lane.tokens_per_second * static_cast<double>(width);
    const auto waiting = queue_.tokens(m);
    lane.settings.probe->pending(queue_.size(m), waiting, rate > 0 ? static_cast<double>(waiting) / rate : 0);
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
