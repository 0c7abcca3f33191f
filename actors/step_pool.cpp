#include "actors/step_pool.hpp"

#include "monitoring/pipeline_probe.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace chalkstream::actors {

// -- worker ------------------------------------------------------------------------

step_worker_state::step_worker_state(step_worker_actor::pointer self, std::size_t index, step_pool_actor pool,
                                     directory_ptr who, const step_pool_settings& settings)
    : self_(self), index_(index), pool_(std::move(pool)), who_(std::move(who)), time_(settings.time),
      gives_way_(settings.gives_way) {}

step_worker_actor::behavior_type step_worker_state::make_behavior() {
  end_without_quoting_exceptions(self_);
  return {
      [this](const work_on& job) {
        give_way();
        run(*job.batch);
        route(*job.batch);
        tell(self_, pool_, job_done{job.id, index_});
      },
      [this](stop) { self_->quit(); },
  };
}

// Linux counts niceness by thread, and the worker's is its own. Where that fails the work is done as urgently as the rest.
void step_worker_state::give_way() {
  constexpr int niceness = 10;
  if (std::exchange(gives_way_, false))
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
}

// No flight changes before every step of the job went through: a job that fails half way is tried again from where it
// was.
void step_worker_state::run(const flights& batch) const {
  std::vector<std::optional<task_step>> next(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& f = *batch[i];
    const auto started = time_->now();
    if (f.phase == flight_phase::complete) {
      f.spent.total = in_seconds(started - f.received);
      next[i] = f.route->steps->complete(f.input, std::get<work>(f.step), f.rows, f.spent);
      f.ready = time_->now();
      if (f.trace)
        f.trace->add({journey_stage::complete, started, f.ready});
    } else if (!f.ending()) {
      next[i] = f.route->steps->prepare(f.input);
      f.ready = time_->now();
      f.spent.prepare = in_seconds(f.ready - started);
      if (f.trace) {
        f.trace->add({journey_stage::intake, f.received, started});
        f.trace->add({journey_stage::prepare, started, f.ready});
      }
    }
  }
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (next[i]) {
      batch[i]->step = std::move(*next[i]);
      batch[i]->failures = 0;
    }
}

void step_worker_state::route(const flights& batch) {
  auto onwards = std::make_shared<flights>();
  flights home;
  for (const auto& f : batch) {
    if (f->finished() || f->ending()) {
      home.push_back(f);
      continue;
    }
    const auto& w = std::get<work>(f->step);
    const auto wall = time_->wall_now();
    f->urgency = w.urgency.value_or(f->route->urgency);
    f->deadline = f->ready + (f->input.timestamp - wall) + f->route->deadline;
    if (w.deadline) {
      f->expires = f->ready + (*w.deadline - wall);
      f->deadline = *f->expires;
    }
    onwards->push_back(f);
  }
  if (!onwards->empty())
    tell(self_, who_->scheduler, enqueue{std::move(onwards)});
  if (!home.empty())
    send_home(self_, *who_, home);
}

// -- pool --------------------------------------------------------------------------

step_pool_state::step_pool_state(step_pool_actor::pointer self, step_pool_settings settings, directory_ptr who)
    : self_(self), settings_(settings), journal_(*settings.log, *settings.time), who_(std::move(who)), watcher_(self),
      workers_(settings.workers) {
  for (std::size_t i = 0; i < workers_.size(); ++i)
    start_worker(i);
}

step_pool_actor::behavior_type step_pool_state::make_behavior() {
  end_without_quoting_exceptions(self_);
  return {
      [this](const run_steps& given) {
        const auto& all = *given.batch;
        if (all.size() <= settings_.job_size) {
          waiting_.push_back(given.batch);
        } else {
          for (std::size_t from = 0; from < all.size(); from += settings_.job_size) {
            const auto to = std::min(all.size(), from + settings_.job_size);
            waiting_.push_back(std::make_shared<const flights>(all.begin() + static_cast<std::ptrdiff_t>(from),
                                                               all.begin() + static_cast<std::ptrdiff_t>(to)));
          }
        }
        dispatch();
      },
      [this](const job_done& done) {
        running_.erase(done.id);
        workers_[done.worker].job = 0;
        dispatch();
      },
      [this](stop) {
        stopping_ = true;
        for (auto& w : workers_)
          tell(self_, w.handle, stop{});
        self_->quit();
      },
  };
}

void step_pool_state::start_worker(std::size_t index) {
  auto& system = self_->home_system();
  const step_pool_actor pool{self_};
  workers_[index] = {settings_.gives_way
                         ? spawn_state<step_worker_state, caf::detached>(system, index, pool, who_, settings_)
                         : spawn_state<step_worker_state>(system, index, pool, who_, settings_),
                     0};
  watcher_.watch(workers_[index].handle, [this, index](const caf::error&) {
    if (!stopping_)
      worker_failed(index);
  });
}

void step_pool_state::worker_failed(std::size_t index) {
  auto job = running_.extract(workers_[index].job);
  start_worker(index);
  if (!job.empty())
    retry(*job.mapped());
  dispatch();
}

void step_pool_state::retry(const flights& batch) {
  if (batch.size() > 1) {
    journal_.split(settings_.label, "a step", batch, errc::internal);
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    waiting_.push_front(std::make_shared<const flights>(middle, batch.end()));
    waiting_.push_front(std::make_shared<const flights>(batch.begin(), middle));
    return;
  }
  auto& only = *batch.front();
  const auto where = only.phase == flight_phase::prepare ? stage::prepare : stage::complete;
  if (++only.failures < 2) {
    journal_.tried_again(only, where, errc::internal);
    waiting_.push_front(std::make_shared<const flights>(batch));
    return;
  }
  only.step = rejection{reject_reason::prepare_failed, where, "the step failed on this record alone", only.failures};
  send_home(self_, *who_, batch);
}

void step_pool_state::dispatch() {
  for (auto& w : workers_) {
    if (waiting_.empty())
      return;
    if (w.job != 0)
      continue;
    w.job = next_job_++;
    running_.emplace(w.job, waiting_.front());
    tell(self_, w.handle, work_on{w.job, std::move(waiting_.front())});
    waiting_.pop_front();
  }
}

} // namespace chalkstream::actors
