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

// In the scheduler's list. It must need one.
std::size_t model_of(const flight& f) {
  return f.route->models[std::get<work>(f.step).model];
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
    if (m.search_budget && !m.compute->writes()) // a step's cost is not its tokens alone
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
      [this](purge) {
        purge_ending();
        dispatch();
      },
      [this](tick) {
        if (!started_)
          start();
        call_back_waiting();
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
    const auto f = e.value;
    f->arrival = e.arrival;
    const bool goes_on = f->texts.has_value();
    if (f->ending() || (f->expires && *f->expires <= now))
      drop_texts(*f);
    if (!f->ending() && f->expires && *f->expires <= now) {
      f->step = rejection{
          reject_reason::expired, stage::schedule,
          goes_on ? "its deadline passed while its answer was written" : "its deadline passed while it waited", 1};
      f->route->probe->deadline_missed(monitoring::missed_action::shed);
    }
    if (f->ending() || f->finished()) {
      home.push_back(f);
      continue;
    }
    if (lanes_[model].settings.compute->writes() && give_room(model, e) != room::taken)
      continue;
    f->spent.queue += seconds(now - f->ready);
    if (!goes_on) {
      f->route->probe->queued(seconds(now - f->ready));
      f->route->probe->slack(seconds(f->deadline - now));
      if (f->trace)
        f->trace->add({journey_stage::queue, f->ready, now});
    }
    batch.push_back(f);
  }
  return batch;
}

// Begins what there is room for.
scheduler_state::room scheduler_state::give_room(std::size_t model, work_queue<flight_ptr>::entry& e) {
  auto& f = *e.value;
  auto& texts = f.texts ? *f.texts : f.texts.emplace();
  const auto begun = texts.begun();
  // Not ahead of who waits for the same: a large text would never find its room among small ones.
  if (!queue_.behind_parked(model, e)) {
    if (const auto done = texts.begin(*lanes_[model].settings.compute, std::get<work>(f.step).sequences); !done) {
      drop_texts(f);
      if (done.error().code == errc::invalid_argument) // no attempt can change that
        reject(e.value, done.error(), f.failures + 1);
      else
        try_again(e.value, done.error());
      return room::refused;
    }
  }
  if (texts.begun() > begun)
    queue_.unpark(model); // there may be room for the next, too
  const bool nothing_to_do = std::get<work>(f.step).sequences.empty();
  if (texts.under_way() || nothing_to_do)
    return room::taken;
  if (texts.begun() == 0)
    f.texts.reset();
  queue_.park(model, std::move(e));
  return room::awaited;
}

// Who waits for their room is tried again.
void scheduler_state::drop_texts(flight& f) {
  if (!f.texts)
    return;
  f.texts.reset();
  queue_.unpark(model_of(f));
}

// Nobody waits for ever, even if the room was taken by somebody this scheduler does not know of.
void scheduler_state::call_back_waiting() {
  for (std::size_t m = 0; m < lanes_.size(); ++m)
    if (lanes_[m].running == 0 && queue_.size(m) == 0)
      queue_.unpark(m);
  dispatch();
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
  running_batch running;
  running.model = m;
  auto& tokens = running.tokens;
  for (const auto& f : batch) {
    tokens += f->tokens();
    if (!f->texts)
      continue;
    running.texts += f->texts->open();
    if (f->texts->fresh())
      running.beginning.push_back(f->ready);
  }
  auto& helpers = running.helpers;
  if (queue_.size() == 0 && tokens >= settings_.help_from_tokens && slots_.size() > 1
      && lane.settings.compute->takes_help())
    helpers = std::make_shared<crew>(slots_.size());
  const auto id = occupy(*slot, m);
  ++lane.running;
  quiet_since_ = settings_.time->now();
  lane.settings.probe->batch(batch.size(), tokens, budget);
  running.batch = std::make_shared<const flights>(std::move(batch));
  tell(self_, slot->handle, run_batch{id, lane.settings.compute, running.batch, helpers});
  running_.emplace(id, std::move(running));
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
  const auto now = settings_.time->now();
  for (const auto ready : b.beginning)
    lane.settings.probe->began_writing(seconds(now - ready));
  lane.settings.probe->wrote(b.texts);
  for (std::size_t i = 0; i < report.finished_texts; ++i)
    queue_.unpark(b.model);
  if (report.going_on) {
    for (const auto& f : *report.going_on)
      f->ready = now;
    take_in(*report.going_on);
  }
  lane.settings.probe->computed(seconds(report.busy));
  const auto rate = static_cast<double>(b.tokens) / std::max(seconds(report.busy), 1e-9);
  lane.tokens_per_second =
      lane.tokens_per_second == 0 ? rate : lane.tokens_per_second * (1 - smoothing) + rate * smoothing;
}

void scheduler_state::failed(const running_batch& b, const error& why) {
  for (const auto& f : *b.batch)
    drop_texts(*f);
  if (b.batch->size() > 1) {
    // Each runs alone next: a packed batch has no padding, so this costs what the batch did, and finds every guilty
    // record in one more step. One whose answer was being written starts over, and is alone until it is through.
    for (const auto& f : *b.batch)
      f->failures = std::max<std::uint32_t>(f->failures, 1);
    take_in(*b.batch);
    return;
  }
  try_again(b.batch->front(), why);
}

void scheduler_state::try_again(const flight_ptr& f, const error& why) {
  if (++f->failures <= settings_.max_attempts) {
    take_in({f});
    return;
  }
  reject(f, why, f->failures);
}

void scheduler_state::reject(const flight_ptr& f, const error& why, std::uint32_t attempts) {
  f->step = rejection{reject_reason::model_failed, stage::compute, to_string(why), attempts};
  send_home(self_, *who_, {f});
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
