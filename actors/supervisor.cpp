#include "actors/supervisor.hpp"

#include <algorithm>

namespace chalkstream::actors {

namespace {

// How long consumers may take to hand over when another part of the engine has failed.
constexpr auto failure_grace = std::chrono::seconds(2);

} // namespace

supervisor_state::supervisor_state(supervisor_actor::pointer self, std::shared_ptr<engine_plan> plan)
    : self_(self), plan_(std::move(plan)), watcher_(self_) {}

supervisor_actor::behavior_type supervisor_state::make_behavior() {
  end_without_quoting_exceptions(self_);
  start();
  return {
      [this](const drain& d) { drain_all(d.grace); },
      [this](const consumer_closed& done) {
        if (closed_[done.consumer])
          return;
        closed_[done.consumer] = true;
        --open_;
        if (done.failure)
          fail(*done.failure);
        if (open_ == 0)
          end_rest();
      },
  };
}

template <class Handle>
void supervisor_state::watch_vital(const Handle& handle, const char* what) {
  watcher_.watch(handle, [this, what](const caf::error& why) {
    if (!over_)
      fail({errc::internal, std::string{what} + " ended unexpectedly: " + caf::to_string(why)});
  });
}

void supervisor_state::start() {
  auto& system = self_->home_system();
  const auto settings_of = [this](const char* label, std::size_t workers) {
    return step_pool_settings{.label = label, .workers = workers, .time = plan_->time, .log = plan_->scheduler.log};
  };
  who_->prepare = spawn_state<step_pool_state>(system, settings_of("prepare", plan_->prepare_workers), who_);
  const auto& all = plan_->consumers;
  const auto spawn_long = [&](const char* label, std::size_t workers) {
    auto settings = settings_of(label, workers);
    settings.job_size = 1;
    settings.gives_way = true;
    auto pool = spawn_state<step_pool_state>(system, settings, who_);
    watch_vital(pool, "the long prepare stage");
    return pool;
  };
  for (const auto& c : all) {
    const auto& steps = *c.route->steps;
    const auto waits = steps.waits_at_once();
    who_->prepare_waiting.push_back(waits > 0 ? spawn_long("prepare waiting", waits) : step_pool_actor{});
    if (waits == 0 && steps.prepares_long() && !who_->prepare_long)
      who_->prepare_long = spawn_long("prepare long", plan_->prepare_workers);
  }
  who_->complete = spawn_state<step_pool_state>(system, settings_of("complete", plan_->complete_workers), who_);
  who_->scheduler = spawn_state<scheduler_state>(system, std::move(plan_->scheduler), who_);
  watch_vital(who_->prepare, "the prepare stage");
  watch_vital(who_->complete, "the complete stage");
  watch_vital(who_->scheduler, "the scheduler");
  closed_.resize(plan_->consumers.size());
  open_ = plan_->consumers.size();
  const auto trials = std::make_shared<trial_gate>();
  for (auto& settings : plan_->consumers) {
    settings.trials = trials;
    who_->consumers.push_back(
        spawn_state<consumer_state, caf::detached>(system, settings, who_, supervisor_actor{self_}));
  }
  for (std::size_t i = 0; i < who_->consumers.size(); ++i)
    watcher_.watch(who_->consumers[i], [this, i](const caf::error& why) {
      if (closed_[i])
        return;
      closed_[i] = true;
      --open_;
      fail({errc::internal, "a consumer ended unexpectedly: " + caf::to_string(why)});
      if (open_ == 0)
        end_rest();
    });
  plan_->consumers.clear(); // the consumers own their sources and sinks now
  start_autoscaler();
  tell(self_, who_->scheduler, tick{});
  for (const auto& c : who_->consumers)
    tell(self_, c, tick{});
}

void supervisor_state::start_autoscaler() {
  if (!plan_->autoscaler)
    return;
  autoscaler_ = spawn_state<autoscaler_state, caf::detached>(self_->home_system(), *plan_->autoscaler, who_);
  watcher_.watch(autoscaler_, [this](const caf::error& why) {
    if (over_)
      return;
    plan_->autoscaler->log->error("autoscaler", "it ended unexpectedly and is started again: " + caf::to_string(why));
    start_autoscaler();
  });
}

// May come again: the shortest grace counts.
void supervisor_state::drain_all(std::chrono::nanoseconds grace) {
  if (over_)
    return;
  for (std::size_t i = 0; i < who_->consumers.size(); ++i)
    if (!closed_[i])
      tell(self_, who_->consumers[i], drain{grace});
  if (open_ == 0)
    end_rest();
}

void supervisor_state::fail(error why) {
  if (!failure_)
    failure_ = std::make_shared<const error>(std::move(why));
  drain_all(failure_grace);
}

void supervisor_state::stop_rest() {
  over_ = true;
  if (autoscaler_)
    tell_from_outside(autoscaler_, stop{});
  if (who_->scheduler)
    tell_from_outside(who_->scheduler, stop{});
  if (who_->prepare)
    tell_from_outside(who_->prepare, stop{});
  if (who_->prepare_long)
    tell_from_outside(who_->prepare_long, stop{});
  for (const auto& own : who_->prepare_waiting)
    if (own)
      tell_from_outside(own, stop{});
  if (who_->complete)
    tell_from_outside(who_->complete, stop{});
}

void supervisor_state::end_rest() {
  if (over_)
    return;
  stop_rest();
  if (plan_->ended)
    plan_->ended(failure_);
  self_->quit();
}

supervisor_state::~supervisor_state() {
  if (over_)
    return;
  for (const auto& c : who_->consumers)
    tell_from_outside(c, drain{});
  stop_rest();
  if (plan_->ended)
    plan_->ended(std::make_shared<const error>(error{errc::internal, "the supervisor ended unexpectedly"}));
}

} // namespace chalkstream::actors
