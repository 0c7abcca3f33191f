#include "actors/consumer.hpp"

#include "core/dead_letter.hpp"
#include "monitoring/pipeline_probe.hpp"

#include <algorithm>
#include <iterator>

namespace chalkstream::actors {

namespace {

constexpr auto tick_every = std::chrono::milliseconds(50);
// Out of credit for less than this is the normal rhythm of batches: not reading is enough. Pausing throws away what
// the client library has fetched ahead, so it is kept for a real standstill, where the membership needs polling.
constexpr auto pause_after = std::chrono::seconds(1);
constexpr auto gauges_every = std::chrono::milliseconds(500);
constexpr std::size_t poll_at_once = 1024;
constexpr std::uint32_t stalled_after_tries = 5;

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

} // namespace

consumer_state::consumer_state(consumer_actor::pointer self, consumer_settings settings, directory_ptr who,
                               supervisor_actor supervisor)
    : self_(self), settings_(std::move(settings)), who_(std::move(who)), supervisor_(std::move(supervisor)),
      credit_(settings_.max_records, settings_.max_bytes), outbox_(settings_.max_records, settings_.instance),
      policy_(settings_.commit), retry_(std::chrono::milliseconds(50), std::chrono::seconds(2)) {}

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
        land(*landed.batch);
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
  for (const auto partition : news.lost)
    forget(partition);
  for (auto& given : news.assigned)
    take_in(std::move(given));
  if (!news.revoking.empty()) {
    const auto by = settings_.time->now() + settings_.revoke_grace;
    for (const auto partition : news.revoking)
      if (auto at = leases_.find(partition); at != leases_.end()) {
        at->second.revoking = true;
        at->second.release_by = std::min(by, at->second.release_by.value_or(by));
      }
    end_leases();
  }
  if (!news.assigned.empty() || !news.lost.empty() || !news.revoking.empty()) {
    settings_.route->probe->rebalanced();
    unpark();
  }
  if (news.joined)
    settings_.status->joined.store(true);
  source_ended_ = source_ended_ || news.ended;

  auto chunk = std::make_shared<flights>();
  for (auto& r : news.records) {
    auto at = leases_.find(r.partition);
    if (at == leases_.end() || at->second.release_by)
      continue;
    credit_.take(r.bytes());
    if (!at->second.parked.empty())
      at->second.parked.push_back(std::move(r));
    else
      admit(std::move(r), at->second, *chunk);
    if (mode_ == mode::closed)
      return;
  }
  settings_.route->probe->received(news.records.size());
  if (!chunk->empty())
    tell(self_, who_->prepare, run_steps{std::move(chunk)});
  release_partitions();
  if (source_ended_)
    finish_if_done();
}

void consumer_state::take_in(assigned_partition given) {
  const auto partition = given.partition;
  forget(partition);
  outbox_.assign(given);
  auto& line = leases_[partition];
  line.lease = std::make_shared<partition_lease>();
  line.given = std::move(given);
  if (mode_ == mode::draining) {
    line.lease->ending.store(true);
    line.release_by = drain_by_;
  }
}

// It is somebody else's already: what is in the engine comes back by itself and is dropped.
void consumer_state::forget(std::int32_t partition) {
  auto at = leases_.find(partition);
  if (at == leases_.end())
    return;
  at->second.lease->ending.store(true);
  give_back_parked(at->second);
  leases_.erase(at);
  settle(outbox_.drop(partition), false);
  tell(self_, who_->scheduler, purge{});
}

void consumer_state::give_back_parked(lease_line& line) {
  for (const auto& r : line.parked)
    credit_.give(r.bytes());
  line.parked.clear();
}

void consumer_state::admit(record input, lease_line& line, flights& chunk) {
  const auto bytes = input.bytes();
  switch (outbox_.admit(input)) {
  case outbox::admission::skip:
    credit_.give(bytes);
    return;
  case outbox::admission::park:
    line.parked.push_back(std::move(input));
    return;
  case outbox::admission::guilty:
    refuse(input,
           {reject_reason::crashed_process, stage::ingest,
            "the process ended every time this record was being worked on", crash_guard::last_level + 1},
           bytes);
    return;
  case outbox::admission::run:
    break;
  }
  if (!line.taken_over && !take_over(line)) {
    credit_.give(bytes); // the consumer has closed
    return;
  }
  auto f = std::make_shared<flight>();
  f->route = settings_.route;
  f->lease = line.lease;
  f->bytes = bytes;
  f->received = settings_.time->now();
  f->input = std::move(input);
  ++line.airborne;
  chunk.push_back(std::move(f));
}

// Leaves the trace a crash is recognised by, before the first record of the partition runs. A trace that could not be
// committed is made up for by the next window; only the crash in between goes uncounted.
bool consumer_state::take_over(lease_line& line) {
  line.taken_over = true;
  const std::vector<assigned_partition> given{line.given};
  commit_once(outbox_.takeover(given));
  return mode_ != mode::closed;
}

// Offers every parked record again, each partition's in order, until one must go on waiting.
void consumer_state::unpark() {
  auto chunk = std::make_shared<flights>();
  for (auto& [partition, line] : leases_) {
    std::deque<record> waiting;
    waiting.swap(line.parked);
    while (!waiting.empty() && line.parked.empty()) {
      admit(std::move(waiting.front()), line, *chunk);
      waiting.pop_front();
      if (mode_ == mode::closed)
        return;
    }
    std::move(waiting.begin(), waiting.end(), std::back_inserter(line.parked));
  }
  if (!chunk->empty())
    tell(self_, who_->prepare, run_steps{std::move(chunk)});
}

// -- results out -----------------------------------------------------------------------

void consumer_state::land(const flights& batch) {
  for (const auto& f : batch)
    land(*f);
}

void consumer_state::land(flight& f) {
  auto at = leases_.find(f.input.partition);
  if (at == leases_.end() || at->second.lease != f.lease) {
    credit_.give(f.bytes); // its partition is somebody else's by now
    return;
  }
  --at->second.airborne;
  if (!f.finished()) {
    credit_.give(f.bytes); // given up: whoever owns the partition next runs it
    return;
  }
  settings_.route->probe->prepared(f.spent.prepare);
  if (auto* refused = std::get_if<rejection>(&f.step)) {
    refuse(f.input, *refused, f.bytes);
    return;
  }
  if (f.deadline != time_point{} && settings_.time->now() > f.deadline)
    settings_.route->probe->deadline_missed(monitoring::missed_action::late);
  auto& answer = std::get<reply>(f.step);
  finished_record done;
  done.receipt = {f.received, f.bytes, answer.review, std::nullopt};
  done.result.key = std::move(answer.key);
  done.result.value = std::move(answer.value);
  done.result.headers = std::move(answer.headers);
  done.result.timestamp = settings_.time->wall_now();
  done.result.partition = f.input.partition;
  done.result.offset = f.input.offset;
  outbox_.finish(f.input.key, std::move(done));
}

void consumer_state::refuse(const record& input, const rejection& why, std::size_t bytes) {
  finished_record done;
  done.receipt = {settings_.time->now(), bytes, false, why.reason};
  done.result = make_dead_letter(input, why, settings_.route->topic, settings_.route->engine);
  outbox_.finish(input.key, std::move(done));
}

void consumer_state::close_window_if_due() {
  const auto ready = outbox_.publishable();
  if (ready == 0 || (retry_at_ && settings_.time->now() < *retry_at_))
    return;
  auto others = credit_.records() - std::min(ready, credit_.records());
  for (const auto& [partition, line] : leases_)
    others -= line.parked.size(); // they wait for this very window
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
  const auto wait = std::max<duration>(policy_.next_due(others) - settings_.time->now(), std::chrono::microseconds(100));
  tell_after(self_, std::chrono::duration_cast<caf::timespan>(wait), consumer_actor{self_},
             close_window{window_generation_});
}

void consumer_state::commit() {
  if (!commit_once(outbox_.window()))
    return;
  settle(outbox_.committed(), true);
  unpark();
  release_partitions();
  if (mode_ == mode::running && !poll_asked_->exchange(true))
    tell(self_, consumer_actor{self_}, poll_source{});
}

// True: the window is visible. Otherwise it is kept for the next try, or the consumer has closed.
bool consumer_state::commit_once(const commit_window& window) {
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
  settings_.route->probe->committed(done, seconds(ended - started), window.outputs.size());
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

void consumer_state::settle(const std::vector<receipt>& receipts, bool published) {
  const auto now = settings_.time->now();
  for (const auto& r : receipts) {
    credit_.give(r.bytes);
    if (!published)
      continue;
    if (r.rejected)
      settings_.route->probe->dead_lettered(*r.rejected);
    else
      settings_.route->probe->answered(r.review, seconds(now - r.received));
  }
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

void consumer_state::end_leases() {
  for (auto& [partition, line] : leases_) {
    if (!line.release_by)
      continue;
    line.lease->ending.store(true);
    give_back_parked(line);
  }
  tell(self_, who_->scheduler, purge{});
}

// Hands back what the group wants back, once nothing of it is on a device or its grace is over.
void consumer_state::release_partitions() {
  const auto now = settings_.time->now();
  std::vector<std::int32_t> going;
  bool late = false;
  for (const auto& [partition, line] : leases_)
    if (line.release_by && (line.airborne == 0 || now >= *line.release_by)) {
      going.push_back(partition);
      late = late || now >= *line.release_by;
    }
  if (going.empty())
    return;
  if (!publish_before_release(late) || mode_ == mode::closed)
    return;
  if (outbox_.publishable() == 0) {
    std::vector<std::int32_t> marked;
    for (const auto p : going)
      if (leases_.at(p).taken_over)
        marked.push_back(p);
    commit_once(outbox_.handover(marked));
    if (mode_ == mode::closed)
      return;
  }
  std::vector<std::int32_t> owed;
  for (const auto p : going) {
    if (leases_.at(p).revoking)
      owed.push_back(p);
    leases_.erase(p);
    settle(outbox_.drop(p), false);
  }
  if (!owed.empty())
    settings_.source->release(owed);
  unpark();
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
  settle(outbox_.committed(), true);
  return true;
}

void consumer_state::begin_drain(duration grace) {
  if (mode_ == mode::starting)
    close(nullptr);
  if (mode_ == mode::closed)
    return;
  mode_ = mode::draining;
  const auto by = settings_.time->now() + grace;
  drain_by_ = std::min(by, drain_by_.value_or(by));
  for (auto& [partition, line] : leases_)
    line.release_by = std::min(*drain_by_, line.release_by.value_or(*drain_by_));
  end_leases();
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
