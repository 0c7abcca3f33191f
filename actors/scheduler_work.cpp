// What the scheduler gives to slots, and what becomes of it.
#include "actors/scheduler.hpp"

#include "actors/slot.hpp"
#include "monitoring/model_probe.hpp"
#include "monitoring/pipeline_probe.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::actors {
namespace {

/// Of a new rate beside those before it.
constexpr double smoothing = 0.2;

} // namespace

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
    for (auto b = running_.begin(); b != running_.end(); ++b)
      if (b->second.helpers && at(b->second.of).settings.device == slot.device
          && (least == running_.end() || helpers_of(b->first) < helpers_of(least->first)))
        least = b;
    if (least == running_.end())
      continue;
    const auto id = occupy(slot, least->second.of);
    slot.helps = least->first;
    slot.wanted = std::make_shared<std::atomic<bool>>(false);
    tell(self_, slot.handle, help_batch{id, least->second.helpers, slot.wanted});
  }
}

std::vector<flight_ptr> scheduler_state::select(const queue::turn& next, std::size_t budget, flights& home) {
  const auto now = settings_.time->now();
  const residence here{next.model, next.at.place};
  std::vector<flight_ptr> batch;
  for (auto& e : queue_.take(next.model, budget, next.at)) {
    const auto f = e.value;
    f->arrival = e.arrival;
    f->place = here.place;
    const bool goes_on = f->texts.has_value();
    if (give_up_expired(f, now)) {
      home.push_back(f);
      continue;
    }
    if (at(here).settings.compute->writes() && give_room(here, e) != room::taken)
      continue;
    f->spent.queue += in_seconds(now - f->ready);
    if (!goes_on) {
      f->route->probe->queued(in_seconds(now - f->ready), monitoring::mark_of(f->trace.get(), *settings_.time));
      f->route->probe->slack(in_seconds(f->deadline - now));
      if (f->trace)
        f->trace->add({journey_stage::queue, f->ready, now});
    }
    batch.push_back(f);
  }
  return batch;
}

// Whether it need not run any more: its lease ends, or its deadline has passed.
bool scheduler_state::give_up_expired(const flight_ptr& f, time_point now) {
  const bool late = f->expires && *f->expires <= now;
  const bool goes_on = f->texts.has_value();
  if (f->ending() || late)
    drop_texts(*f);
  if (!f->ending() && late) {
    f->step = rejection{
        reject_reason::expired, stage::schedule,
        goes_on ? "its deadline passed while its answer was written" : "its deadline passed while it waited", 1};
    f->route->probe->deadline_missed(monitoring::missed_action::shed);
  }
  return f->ending() || f->finished();
}

// Begins what there is room for.
scheduler_state::room scheduler_state::give_room(residence r, queue::entry& e) {
  auto& f = *e.value;
  auto& texts = f.texts ? *f.texts : f.texts.emplace();
  const auto begun = texts.begun();
  // Not ahead of who waits for the same: a large text would never find its room among small ones.
  if (!queue_.behind_parked(r.model, e)) {
    if (const auto done = texts.begin(*at(r).settings.compute, std::get<work>(f.step).sequences); !done) {
      drop_texts(f);
      if (done.error().code == errc::invalid_argument) // no attempt can change that
        reject(e.value, done.error(), f.failures + 1);
      else
        try_again(e.value, done.error());
      return room::refused;
    }
  }
  if (texts.begun() > begun)
    queue_.unpark(r.model); // there may be room for the next, too
  const bool nothing_to_do = std::get<work>(f.step).sequences.empty();
  if (texts.under_way() || nothing_to_do)
    return room::taken;
  if (texts.begun() == 0)
    f.texts.reset();
  // There may be room on another device, and only where there is none anywhere it waits aside.
  at(r).full = true;
  const auto& places = lanes_[r.model].places;
  if (std::ranges::any_of(places, [](const lane_place& p) { return p.serves() && !p.full; })) {
    e.bound.reset();
    queue_.push(r.model, std::move(e));
  } else {
    queue_.park(r.model, std::move(e));
  }
  return room::awaited;
}

// Who waits for their room is tried again.
void scheduler_state::drop_texts(flight& f) {
  if (!f.texts)
    return;
  f.texts.reset();
  lanes_[model_of(f)].places[f.place].full = false;
  queue_.unpark(model_of(f));
}

// Nobody waits for ever, even if the room was taken by somebody this scheduler does not know of.
void scheduler_state::call_back_waiting() {
  for (std::size_t m = 0; m < lanes_.size(); ++m) {
    if (lanes_[m].running() > 0)
      continue;
    for (auto& p : lanes_[m].places)
      p.full = false;
    if (queue_.size(m) == 0)
      queue_.unpark(m);
  }
  dispatch();
}

std::optional<scheduler_state::queue::opening> scheduler_state::opening(residence r) const {
  const auto& lane = lanes_[r.model];
  if (r.place >= lane.places.size() || !lane.places[r.place].settings.compute || lane.running() >= lane.allowed)
    return {};
  const bool one_of_several = lane.places.size() > 1;
  return queue::opening{r.place, one_of_several && (lane.places[r.place].full || lane.leaves(r.place))};
}

// A slow device takes only what is through sooner there than where the model runs first, or has waited as long
// already: then whatever runs there is more urgent.
bool scheduler_state::worth_running(residence r, const queue::entry& first) const {
  if (first.bound)
    return true;
  const auto& lane = lanes_[r.model];
  double faster = 0;
  for (std::size_t p = 0; p < r.place; ++p)
    if (const auto& before = lane.places[p]; before.serves() && !before.full)
      faster += before.tokens_per_second * static_cast<double>(slots_on(before.settings.device));
  if (faster <= 0)
    return true;
  const auto ahead = static_cast<double>(queue_.tokens(r.model)) / faster;
  const auto waited = in_seconds(settings_.time->now() - first.value->ready);
  return sooner_here(first.tokens, lane.places[r.place].tokens_per_second, std::max(ahead, waited));
}

bool scheduler_state::dispatch_one() {
  const auto next = queue_.most_urgent(
      [this](std::size_t m, std::size_t p) {
        return opening({m, p});
      },
      [this](std::size_t m, std::size_t p, const queue::entry& first) {
        return slot_for(at({m, p}).settings.device, first) != nullptr && worth_running({m, p}, first);
      });
  if (!next)
    return false;
  const residence here{next->model, next->at.place};
  auto& lane = lanes_[here.model];
  auto& place = at(here);
  const auto device = place.settings.device;
  const auto& first = *queue_.front(here.model, next->at);
  auto* slot = slot_for(device, first);
  const auto budget = slot->idle ? place.settings.token_budget : first.tokens;
  const auto at_hand = std::min(std::max<std::size_t>(idle_slots(device), 1), lane.allowed - lane.running());
  flights home;
  auto batch = select(*next, shared_budget(budget, queue_.tokens(here.model, next->at), at_hand), home);
  if (!home.empty())
    send_home(self_, *who_, home);
  if (batch.empty())
    return true;
  running_batch running;
  running.of = here;
  auto& tokens = running.tokens;
  for (const auto& f : batch) {
    tokens += f->tokens();
    if (f->trace)
      running.traced = f->trace;
    if (!f->texts)
      continue;
    running.texts += f->texts->open();
    if (f->texts->fresh())
      running.beginning.push_back(f->ready);
  }
  auto& helpers = running.helpers;
  if (queue_.size() == 0 && tokens >= settings_.help_from_tokens && slots_on(device) > 1
      && place.settings.compute->takes_help())
    helpers = std::make_shared<crew>(slots_on(device));
  const auto id = occupy(*slot, here);
  ++place.running;
  quiet_since_ = settings_.time->now();
  place.settings.probe->batch(batch.size(), tokens, budget);
  running.batch = std::make_shared<const flights>(std::move(batch));
  tell(self_, slot->handle, run_batch{id, place.settings.compute, running.batch, helpers});
  running_.emplace(id, std::move(running));
  return true;
}

void scheduler_state::finished(std::size_t index, const slot_ready& report) {
  auto& slot = slots_[index];
  if (report.id != 0)
    at(report.id == slot.batch ? slot.of : slot.of_before).busy += report.busy;
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
  auto& place = at(b.of);
  --place.running;
  if (!b.batch) {
    measured(place, report.failure ? duration::max() : report.busy);
    return;
  }
  quiet_since_ = settings_.time->now();
  if (report.failure) {
    failed(b, *report.failure);
    leave_if_through(b.of.model);
    return;
  }
  const auto now = settings_.time->now();
  for (const auto ready : b.beginning)
    place.settings.probe->began_writing(in_seconds(now - ready));
  place.settings.probe->wrote(b.texts);
  if (report.finished_texts > 0)
    place.full = false;
  for (std::size_t i = 0; i < report.finished_texts; ++i)
    queue_.unpark(b.of.model);
  if (report.going_on) {
    for (const auto& f : *report.going_on)
      f->ready = now;
    take_in(*report.going_on);
  }
  place.settings.probe->computed(in_seconds(report.busy), monitoring::mark_of(b.traced.get(), *settings_.time));
  const auto rate = static_cast<double>(b.tokens) / std::max(in_seconds(report.busy), 1e-9);
  place.tokens_per_second =
      place.tokens_per_second == 0 ? rate : place.tokens_per_second * (1 - smoothing) + rate * smoothing;
  leave_if_through(b.of.model);
}

void scheduler_state::failed(const running_batch& b, const error& why) {
  for (const auto& f : *b.batch)
    drop_texts(*f);
  if (b.batch->size() > 1) {
    journal_.split("scheduler", "model " + lanes_[b.of.model].name, *b.batch, why.code);
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
    journal_.tried_again(*f, stage::compute, why.code);
    take_in({f});
    return;
  }
  reject(f, why, f->failures);
}

void scheduler_state::reject(const flight_ptr& f, const error& why, std::uint32_t attempts) {
  f->step = rejection{reject_reason::model_failed, stage::compute, to_string(why), attempts};
  send_home(self_, *who_, {f});
}

} // namespace chalkstream::actors
