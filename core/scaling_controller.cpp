#include "core/scaling_controller.hpp"

#include "core/scaling_terms.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream {

namespace {

// How long what proved too few is not gone back to, in down windows; a change is regretted within twice as long.
constexpr int usual_hold = 12;
constexpr int longest_hold = 48;

std::size_t whole(double replicas) {
  constexpr double enough = 1e6;
  return static_cast<std::size_t>(std::ceil(std::clamp(replicas - 1e-9, 0.0, enough)));
}

} // namespace

scaling_controller::scaling_controller(const scaling_settings& settings)
    : settings_(settings), horizon_(scaling_horizon(settings)), forecast_(forecast_window(settings)) {}

scaling_decision scaling_controller::decide(time_point now, const scaling_observation& seen) {
  const auto counted = believed_replicas(settings_, now, seen);
  if (const auto* fault = std::get_if<scaling_fault>(&counted))
    return hold(*fault);
  const auto replicas = std::get<std::size_t>(counted);
  const auto top = most_replicas(settings_);
  if (replicas < settings_.least || replicas > top.replicas) {
    scaling_decision d;
    d.replicas = std::clamp(replicas, settings_.least, top.replicas);
    d.reason = scaling_reason::bounds;
    d.limit = replicas < settings_.least ? scaling_limit::least : top.limit;
    return told(now, replicas, d);
  }
  const auto read = believed(settings_, now, seen);
  if (const auto* fault = std::get_if<scaling_fault>(&read)) {
    told_ = replicas;
    return hold(*fault);
  }
  const auto& w = std::get<scaling_workload>(read);
  forget_after_gap(now);
  follow(now, w);
  const auto level = forecast_.level();
  const auto growth = std::min(forecast_.growth() * in_seconds(horizon_), level);
  const auto waiting = waiting_at_horizon(now, w, level + growth / 2);
  const auto range = wanted(now, w, waiting, {forecast_.steady(), level + growth});
  remember({now, range.low, range.high, forecast_.steady()});

  scaling_decision d;
  d.replicas = replicas;
  d.unbounded = range.low;
  const auto working = static_cast<double>(std::max<std::size_t>(replicas, 1));
  d.predicted_drain = w.rate > 0 ? waiting / (w.rate * working) : 0;
  if (range.low > replicas)
    d = more(now, w, range.why, d);
  else if (range.high < replicas)
    d = fewer(now, w, d);
  return told(now, replicas, d);
}

scaling_decision scaling_controller::hold(scaling_fault fault) const {
  scaling_decision d;
  d.replicas = told_.value_or(settings_.least);
  d.reason = fault.reason;
  d.at_fault = fault.value;
  return d;
}

scaling_decision scaling_controller::told(time_point now, std::size_t replicas, scaling_decision d) {
  d.changed = d.replicas != replicas;
  if (d.changed)
    changed_ = now;
  if (d.replicas > replicas) {
    learn(now, replicas, d.replicas);
    grown_ = now;
  } else if (d.changed) {
    shrunk_ = now;
  }
  told_ = d.replicas;
  return d;
}

void scaling_controller::forget_after_gap(time_point now) {
  if (opinions_.empty() || now - opinions_.back().at <= settings_.stale_after)
    return;
  opinions_.clear();
  since_.reset();
  idle_since_.reset();
  long_.reset();
  forecast_.forget();
}

void scaling_controller::follow(time_point now, const scaling_workload& w) {
  forecast_.observed(now, w.arrivals);
  if (!w.idle())
    idle_since_.reset();
  else if (!idle_since_)
    idle_since_ = now;
  const auto starting = w.replicas - w.ready;
  while (starts_.size() > starting)
    starts_.pop_front();
  while (starts_.size() < starting)
    starts_.push_back(now);
}

void scaling_controller::remember(opinion o) {
  opinions_.push_back(o);
  if (!since_)
    since_ = o.at;
  const auto longer = std::max(settings_.up_window, settings_.down_window);
  while (o.at - opinions_.front().at > longer)
    opinions_.pop_front();
}

double scaling_controller::waiting_at_horizon(time_point now, const scaling_workload& w, double arrivals) const {
  auto working = in_seconds(horizon_) * static_cast<double>(std::min(w.ready, w.partitions.value_or(w.ready)));
  for (const auto started : starts_) {
    // One that is overdue is expected soon: asking for another in its place would not bring it sooner.
    const auto left = std::max(started + settings_.startup - now, settings_.interval);
    working += std::max(0.0, in_seconds(horizon_ - left));
  }
  return std::max(0.0, w.pending + arrivals * in_seconds(horizon_) - working * w.rate);
}

// A few more are wanted than were gone back to; many more are a burst, which nobody could know of.
void scaling_controller::learn(time_point now, std::size_t replicas, std::size_t wanted) {
  auto& r = too_few_;
  const auto usual = usual_hold * settings_.down_window;
  if (wanted > replicas + 1 + replicas / 4)
    return;
  if (!shrunk_ || (grown_ && *grown_ > *shrunk_) || now - *shrunk_ > 2 * std::max(usual, r.hold))
    return;
  r.hold = now < r.until + r.hold ? std::min(2 * r.hold, longest_hold * settings_.down_window) : usual;
  r.replicas = replicas + 1;
  r.until = now + r.hold;
}

// What waits takes longer than it may, and that is not noise.
bool scaling_controller::too_long(time_point now, double waiting, double bearable) {
  if (waiting <= bearable) {
    long_.reset();
    return false;
  }
  if (!long_)
    long_ = now;
  const bool growing = grown_ && now - *grown_ <= horizon_ + noise_window(settings_);
  return waiting > 2 * bearable || growing || now - *long_ >= noise_window(settings_);
}

scaling_controller::range scaling_controller::wanted(time_point now, const scaling_workload& w, double waiting,
                                                     expectation coming) {
  if (w.idle()) {
    long_.reset();
    return {0, 0, scaling_reason::steady};
  }
  if (w.rate <= 0) // asleep, and nothing tells how fast it would be
    return {1, 1, scaling_reason::woken};
  auto objective = in_seconds(settings_.drain);
  // What came late is late with any number of replicas: slack tightens the objective and counts no backlog of its
  // own.
  const bool hurried = settings_.slack && w.slack && *w.slack < in_seconds(*settings_.slack);
  if (hurried)
    objective = std::max(objective - (in_seconds(*settings_.slack) - *w.slack), objective / 4);
  // Room to spare is for what there would be no time to react to.
  const auto unseen = std::min(1.0, in_seconds(horizon_) / objective);
  const auto room = 1 + (1 / settings_.utilisation - 1) * unseen;
  const auto carried = coming.then / w.rate;
  const auto planned = room * coming.steady / w.rate;
  const auto drained = carried + waiting / (objective * w.rate);
  const bool late = too_long(now, waiting, objective * w.rate * static_cast<double>(w.replicas));
  const auto spare = std::max(planned, room * carried) / (1 - settings_.hysteresis);
  range r;
  r.low = whole(late ? std::max(planned, drained) : planned);
  r.high = std::max(r.low, whole(std::max(spare, carried + w.pending / (objective * w.rate))));
  if (settings_.slack && (hurried || !w.slack) && w.pending > 0)
    r.high = std::max(r.high, w.replicas);
  r.why = w.replicas == 0               ? scaling_reason::woken
          : !late || planned >= drained ? scaling_reason::arrivals
          : hurried                     ? scaling_reason::slack
                                        : scaling_reason::drain;
  return r;
}

scaling_decision scaling_controller::more(time_point now, const scaling_workload& w, scaling_reason why,
                                          scaling_decision d) const {
  auto top = most_replicas(settings_);
  if (w.partitions && *w.partitions < top.replicas)
    top = {std::max(*w.partitions, w.replicas), scaling_limit::partitions};
  d.reason = why;
  auto target = d.unbounded;
  for (const auto& o : opinions_)
    if (now - o.at <= settings_.up_window)
      target = std::min(target, o.low);
  if (target > top.replicas) {
    target = top.replicas;
    d.limit = top.limit;
  }
  if (target <= w.replicas && d.limit != scaling_limit::none)
    return d;
  if (target <= w.replicas || !covered(now, settings_.up_window)) {
    d.reason = scaling_reason::stabilising;
    return d;
  }
  if (!rested(now)) {
    d.reason = scaling_reason::waiting;
    return d;
  }
  if (target - w.replicas > settings_.step_up) {
    target = w.replicas + settings_.step_up;
    d.limit = scaling_limit::step;
  }
  d.replicas = target;
  return d;
}

scaling_decision scaling_controller::fewer(time_point now, const scaling_workload& w, scaling_decision d) const {
  const bool slept = idle_since_ && now - *idle_since_ >= settings_.idle_after;
  const auto least = std::max<std::size_t>(settings_.least, slept ? 0 : 1);
  auto target = now < too_few_.until ? std::max(least, too_few_.replicas) : least;
  double before = 0; // the first that was known of what comes
  for (const auto& o : opinions_)
    if (now - o.at <= settings_.down_window) {
      target = std::max(target, o.high);
      before = before > 0 ? before : o.steady;
    }
  const bool growing = (grown_ && now - *grown_ < settings_.down_window)
                       || (before > 0 && forecast_.steady() > (1 + settings_.hysteresis / 2) * before);
  if (w.replicas <= least) {
    d.limit = scaling_limit::least;
    return d;
  }
  if (target >= w.replicas || growing || !covered(now, settings_.down_window)) {
    d.reason = scaling_reason::stabilising;
    return d;
  }
  if (!rested(now)) {
    d.reason = scaling_reason::waiting;
    return d;
  }
  if (w.replicas - target > settings_.step_down) {
    target = w.replicas - settings_.step_down;
    d.limit = scaling_limit::step;
  }
  d.replicas = target;
  d.reason = target == 0 ? scaling_reason::asleep : scaling_reason::surplus;
  return d;
}

bool scaling_controller::covered(time_point now, duration window) const {
  return since_ && now - *since_ >= window;
}

bool scaling_controller::rested(time_point now) const {
  // A caller that asks once an interval is a little early now and then.
  return !changed_ || now - *changed_ >= settings_.interval - settings_.interval / 10;
}

} // namespace chalkstream
