#include "actors/consumer.hpp"

#include "monitoring/pipeline_probe.hpp"

#include <algorithm>

namespace chalkstream::actors {

namespace {

constexpr auto tick_every = std::chrono::milliseconds(50);
// Out of credit for less than this is the normal rhythm of batches: not reading is enough. Pausing throws away what
// the client library has fetched ahead, so it is kept for a real standstill, where the membership needs polling.
constexpr auto pause_after = std::chrono::seconds(1);
constexpr auto gauges_every = std::chrono::milliseconds(500);
constexpr std::size_t poll_at_once = 1024;
constexpr std::uint32_t stalled_after_tries = 5;

} // namespace

consumer_state::consumer_state(consumer_actor::pointer self, consumer_settings settings, directory_ptr who,
                               supervisor_actor supervisor)
    : self_(self), settings_(std::move(settings)), who_(std::move(who)), supervisor_(std::move(supervisor)),
      credit_(settings_.max_records, settings_.max_bytes), outbox_(settings_.max_records, settings_.instance),
      policy_(settings_.commit), retry_(std::chrono::milliseconds(50), std::chrono::seconds(2)),
      leases_(settings_.route, outbox_, credit_, settings_.trials, *settings_.time, *settings_.log) {}

consumer_state::~consumer_state() {
  if (mode_ == mode::closed || mode_ == mode::starting)
    return;
  try { // it is here because one of them threw
    settings_.source->close();
    settings_.sink->close();
  } catch (...) {
    settings_.log->error(settings_.route->name, "the source or the sink failed to close");
  }
}

consumer_actor::behavior_type consumer_state::make_behavior() {
  end_without_quoting_exceptions(self_);
  return {
      [this](poll_source) {
        poll_asked_->store(false);
        if (mode_ == mode::running || mode_ == mode::draining)
          poll();
        close_window_if_due();
      },
      [this](const flights_landed& landed) {
        if (mode_ == mode::closed)
          return;
        leases_.land(*landed.batch);
        close_window_if_due();
        finish_if_done();
      },
      [this](tick) {
        if (mode_ == mode::closed)
          return;
        upkeep();
        tell_after(self_, tick_every, consumer_actor{self_}, tick{});
      },
      [this](const close_window& due) {
        if (mode_ == mode::closed || due.generation != window_generation_)
          return;
        window_armed_ = false;
        close_window_if_due();
        finish_if_done();
      },
      [this](const drain& d) { begin_drain(d.grace); },
  };
}

// -- records in ------------------------------------------------------------------------

void consumer_state::poll() {
  if (source_ended_)
    return;
  const auto room = mode_ == mode::running && !retry_at_ ? std::min(credit_.available(), poll_at_once) : 0;
  if (room == 0) {
    hold_or_pause();
    return;
  }
  held_since_.reset();
  if (paused_) {
    settings_.source->resume();
    paused_ = false;
  }
  auto news = settings_.source->poll(room);
  if (!news) {
    close(std::make_shared<const error>(news.error()));
    return;
  }
  const bool more = news->records.size() == room;
  apply(std::move(*news));
  if (more && !poll_asked_->exchange(true))
    tell(self_, consumer_actor{self_}, poll_source{});
}

void consumer_state::hold_or_pause() {
  const auto now = settings_.time->now();
  if (!held_since_)
    held_since_ = now;
  if (mode_ == mode::running && now - *held_since_ < pause_after)
    return;
  if (!paused_) {
    settings_.source->pause();
    paused_ = true;
  }
  auto news = settings_.source->poll(0);
  if (!news)
    close(std::make_shared<const error>(news.error()));
  else
    apply(std::move(*news));
}

void consumer_state::apply(intake news) {
  if (!news.assigned.empty() || !news.lost.empty() || !news.revoking.empty())
    change_assignment(news);
  if (news.joined)
    settings_.status->joined.store(true);
  source_ended_ = source_ended_ || news.ended;

  settings_.route->probe->received(news.records.size());
  send_off(leases_.admit(std::move(news.records)));
  release_partitions();
  if (source_ended_)
    finish_if_done();
}

void consumer_state::change_assignment(intake& news) {
  bool ended = !news.revoking.empty();
  for (const auto partition : news.lost)
    ended = leases_.forget(partition) || ended;
  for (auto& given : news.assigned) {
    ended = leases_.forget(given.partition) || ended;
    leases_.take_in(std::move(given));
  }
  const auto by = settings_.time->now() + settings_.revoke_grace;
  for (const auto partition : news.revoking)
    leases_.ask_back(partition, by);
  if (ended)
    tell(self_, who_->scheduler, purge{});
  settings_.route->probe->rebalanced();
  send_off(leases_.unpark());
}

// Leaves the trace a crash is recognised by, before the first record of a partition runs. A trace that could not be
// committed is made up for by the next window; only the crash in between goes uncounted.
void consumer_state::send_off(lease_book::departure leaving) {
  if (!leaving.fresh.empty())
    commit_once(outbox_.takeover(leaving.fresh));
  if (mode_ != mode::closed && !leaving.batch->empty())
    tell(self_, who_->prepare_for(*settings_.route), run_steps{std::move(leaving.batch)});
}

// -- results out -----------------------------------------------------------------------

void consumer_state::close_window_if_due() {
  const auto ready = outbox_.publishable();
  if (ready == 0 || (retry_at_ && settings_.time->now() < *retry_at_))
    return;
  const auto waiting = ready + leases_.parked(); // which wait for this very window
  const auto others = credit_.records() - std::min(waiting, credit_.records());
  if (policy_.due(settings_.time->now(), ready, others))
    commit();
  else
    arm_window(others);
}

void consumer_state::arm_window(std::size_t others) {
  if (window_armed_)
    return;
  window_armed_ = true;
  ++window_generation_;
  const auto wait =
      std::max<duration>(policy_.next_due(others) - settings_.time->now(), std::chrono::microseconds(100));
  tell_after(self_, std::chrono::duration_cast<caf::timespan>(wait), consumer_actor{self_},
             close_window{window_generation_});
}

void consumer_state::commit() {
  if (!commit_once(outbox_.window()))
    return;
  settle_published();
  send_off(leases_.unpark());
  release_partitions();
  if (mode_ == mode::running && !poll_asked_->exchange(true))
    tell(self_, consumer_actor{self_}, poll_source{});
}

// True: the window is visible. Otherwise it is kept for the next try, or the consumer has closed.
bool consumer_state::commit_once(const commit_window& window) {
  if (mode_ == mode::closed)
    return false;
  if (window.positions.empty())
    return true;
  const auto started = settings_.time->now();
  auto outcome = settings_.sink->commit(window);
  const auto ended = settings_.time->now();
  if (!outcome) {
    close(std::make_shared<const error>(outcome.error()));
    return false;
  }
  const bool done = *outcome == commit_outcome::committed;
  last_commit_ = ended - started;
  settings_.route->probe->committed(done, in_seconds(last_commit_), window.outputs.size());
  policy_.on_commit(started, ended);
  if (done) {
    retry_.reset();
    retry_at_.reset();
    settings_.status->stalled.store(false);
    return true;
  }
  retry_at_ = ended + retry_.next();
  if (retry_.tries() >= stalled_after_tries && !settings_.status->stalled.exchange(true))
    settings_.log->warning(settings_.route->name, "commits keep failing; holding the results and trying again");
  return false;
}

void consumer_state::settle_published() {
  const auto now = settings_.time->now();
  for (const auto& r : outbox_.committed()) {
    credit_.give(r.bytes);
    end_trace(r, now);
    const auto mark = monitoring::mark_of(r.trace.get(), *settings_.time);
    if (mark)
      settings_.route->probe->published(in_seconds(last_commit_), *mark);
    if (r.rejected) {
      settings_.route->probe->dead_lettered(*r.rejected);
      continue;
    }
    settings_.route->probe->answered(r.review, in_seconds(now - r.received), mark);
    settings_.route->probe->judged(r.tally, r.review);
    if (r.deadline != time_point{} && now > r.deadline)
      settings_.route->probe->deadline_missed(monitoring::missed_action::late);
  }
}

void consumer_state::end_trace(const receipt& of, time_point now) {
  if (!of.trace || !settings_.route->traces)
    return;
  of.trace->stages.back().to = of.trace->ended = now;
  of.trace->review = of.review;
  of.trace->rejected = of.rejected;
  settings_.route->traces->end(of.trace);
}

// -- lifecycle -------------------------------------------------------------------------

void consumer_state::open() {
  auto ready = [me = consumer_actor{self_}, asked = poll_asked_] {
    if (!asked->exchange(true))
      tell_from_outside(me, poll_source{});
  };
  auto opened = settings_.source->open(std::move(ready));
  if (opened)
    opened = settings_.sink->open();
  if (opened)
    mode_ = mode::running;
  else
    close(std::make_shared<const error>(opened.error()));
}

void consumer_state::upkeep() {
  if (mode_ == mode::starting)
    open();
  if (mode_ == mode::closed)
    return;
  const auto now = settings_.time->now();
  if (retry_at_ && now >= *retry_at_) {
    // An assignment may have changed; only then is another try worth anything.
    auto news = settings_.source->poll(0);
    if (!news) {
      close(std::make_shared<const error>(news.error()));
      return;
    }
    apply(std::move(*news));
    if (mode_ == mode::closed)
      return;
    if (outbox_.publishable() > 0)
      commit();
    else
      retry_at_.reset();
  }
  if (mode_ == mode::closed)
    return;
  poll();
  if (mode_ == mode::closed)
    return;
  if (leases_.held_up())
    send_off(leases_.unpark());
  close_window_if_due();
  release_partitions();
  if (now - last_gauges_ >= gauges_every) {
    last_gauges_ = now;
    settings_.status->partitions.store(static_cast<std::int64_t>(leases_.size()));
    settings_.route->probe->in_flight(credit_.records(), credit_.bytes());
    settings_.route->probe->lag(settings_.source->lag());
  }
  finish_if_done();
}

// Hands back what the group wants back, once nothing of it is on a device or its grace is over.
void consumer_state::release_partitions() {
  const auto now = settings_.time->now();
  const auto going = leases_.due(now);
  if (going.empty() || !publish_before_release(leases_.overdue(now)) || mode_ == mode::closed)
    return;
  if (outbox_.publishable() == 0)
    commit_once(outbox_.handover(leases_.begun(going)));
  if (mode_ == mode::closed)
    return;
  const auto owed = leases_.let_go(going);
  if (!owed.empty())
    settings_.source->release(owed);
  send_off(leases_.unpark());
}

// False: something is left to publish and there is still time to try.
bool consumer_state::publish_before_release(bool late) {
  if (outbox_.publishable() == 0)
    return true;
  const bool waiting = retry_at_ && settings_.time->now() < *retry_at_;
  if (waiting && !late)
    return false;
  if (!commit_once(outbox_.window()))
    return late;
  settle_published();
  return true;
}

void consumer_state::begin_drain(duration grace) {
  if (mode_ == mode::starting)
    close(nullptr);
  if (mode_ == mode::closed)
    return;
  mode_ = mode::draining;
  leases_.end_all(settings_.time->now() + grace);
  tell(self_, who_->scheduler, purge{});
  finish_if_done();
}

void consumer_state::finish_if_done() {
  if (mode_ == mode::closed)
    return;
  if (mode_ == mode::running && source_ended_ && credit_.idle()) {
    settings_.status->ended.store(true);
    close(nullptr);
    return;
  }
  if (mode_ != mode::draining)
    return;
  release_partitions();
  if (mode_ == mode::draining && leases_.empty())
    close(nullptr);
}

void consumer_state::close(std::shared_ptr<const error> failure) {
  if (mode_ == mode::closed)
    return;
  mode_ = mode::closed;
  settings_.sink->close();
  settings_.source->close();
  tell(self_, supervisor_, consumer_closed{settings_.route->index, std::move(failure)});
  self_->quit();
}

} // namespace chalkstream::actors
