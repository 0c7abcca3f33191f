#include "actors/lease_book.hpp"

#include "core/dead_letter.hpp"
#include "monitoring/pipeline_probe.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace chalkstream::actors {

// -- partitions ------------------------------------------------------------------------

void lease_book::take_in(assigned_partition given) {
  outbox_.assign(given);
  auto& line = leases_[given.partition];
  line.given = std::move(given);
  if (all_end_by_)
    end(line, *all_end_by_);
}

bool lease_book::forget(std::int32_t partition) {
  auto at = leases_.find(partition);
  if (at == leases_.end())
    return false;
  at->second.lease->ending.store(true);
  give_back_parked(at->second);
  leases_.erase(at);
  drop_results(partition);
  return true;
}

void lease_book::ask_back(std::int32_t partition, time_point by) {
  auto at = leases_.find(partition);
  if (at == leases_.end())
    return;
  at->second.revoking = true;
  end(at->second, by);
}

void lease_book::end_all(time_point by) {
  all_end_by_ = std::min(by, all_end_by_.value_or(by));
  for (auto& [partition, line] : leases_)
    end(line, *all_end_by_);
}

void lease_book::end(lease_line& line, time_point by) {
  line.release_by = std::min(by, line.release_by.value_or(by));
  line.lease->ending.store(true);
  give_back_parked(line);
}

std::vector<std::int32_t> lease_book::due(time_point now) const {
  std::vector<std::int32_t> going;
  for (const auto& [partition, line] : leases_)
    if (line.release_by && (line.airborne == 0 || now >= *line.release_by))
      going.push_back(partition);
  return going;
}

bool lease_book::overdue(time_point now) const {
  return std::any_of(leases_.begin(), leases_.end(),
                     [now](const auto& one) { return one.second.release_by && now >= *one.second.release_by; });
}

std::vector<std::int32_t> lease_book::begun(std::span<const std::int32_t> partitions) const {
  std::vector<std::int32_t> some;
  for (const auto p : partitions)
    if (leases_.at(p).begun)
      some.push_back(p);
  return some;
}

std::vector<std::int32_t> lease_book::let_go(std::span<const std::int32_t> partitions) {
  std::vector<std::int32_t> owed;
  for (const auto p : partitions) {
    if (leases_.at(p).revoking)
      owed.push_back(p);
    leases_.erase(p);
    drop_results(p);
  }
  return owed;
}

void lease_book::give_back_parked(lease_line& line) {
  for (const auto& r : line.parked)
    credit_.give(r.bytes());
  line.parked.clear();
}

void lease_book::drop_results(std::int32_t partition) {
  for (const auto& r : outbox_.drop(partition))
    credit_.give(r.bytes);
  make_way();
}

// -- records ---------------------------------------------------------------------------

lease_book::departure lease_book::admit(std::vector<record> read) {
  departure leaving;
  const bool open = gate_.enter();
  held_up_ = held_up_ || !open;
  for (auto& input : read) {
    auto at = leases_.find(input.partition);
    if (at == leases_.end() || at->second.release_by)
      continue;
    credit_.take(input.bytes());
    if (open && at->second.parked.empty())
      offer(std::move(input), at->second, leaving);
    else
      at->second.parked.push_back(std::move(input));
  }
  make_way();
  return leaving;
}

lease_book::departure lease_book::unpark() {
  departure leaving;
  held_up_ = !gate_.enter();
  if (held_up_)
    return leaving;
  for (auto& [partition, line] : leases_) {
    std::deque<record> waiting;
    waiting.swap(line.parked);
    while (!waiting.empty() && line.parked.empty()) {
      offer(std::move(waiting.front()), line, leaving);
      waiting.pop_front();
    }
    std::move(waiting.begin(), waiting.end(), std::back_inserter(line.parked));
  }
  make_way();
  return leaving;
}

std::size_t lease_book::parked() const noexcept {
  std::size_t sum = 0;
  for (const auto& [partition, line] : leases_)
    sum += line.parked.size();
  return sum;
}

void lease_book::offer(record input, lease_line& line, departure& leaving) {
  const auto bytes = input.bytes();
  switch (outbox_.admit(input, may_be_tried(input.partition))) {
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
           bytes, nullptr);
    return;
  case outbox::admission::run:
    break;
  }
  if (!std::exchange(line.begun, true))
    leaving.fresh.push_back(line.given);
  leaving.batch->push_back(make_flight(std::move(input), line));
}

// A no reserves the gate, so that it will be a yes before long.
bool lease_book::may_be_tried(std::int32_t partition) {
  if (!outbox_.exclusive(partition))
    return true;
  const bool alone = gate_.reserve() && airborne_ == 0;
  held_up_ = held_up_ || !alone;
  return alone;
}

void lease_book::make_way() {
  if (airborne_ == 0)
    gate_.leave();
  if (!outbox_.trial_pending())
    gate_.release();
}

flight_ptr lease_book::make_flight(record input, lease_line& line) {
  auto f = std::make_shared<flight>();
  f->route = route_;
  f->lease = line.lease;
  f->bytes = input.bytes();
  f->received = time_.now();
  f->input = std::move(input);
  f->trace = begin_trace(*f);
  ++line.airborne;
  ++airborne_;
  return f;
}

std::shared_ptr<journey> lease_book::begin_trace(const flight& of) const {
  auto trace = route_->traces ? route_->traces->begin(context_of(of.input)) : nullptr;
  if (!trace)
    return trace;
  trace->pipeline = route_->name;
  trace->topic = route_->topic;
  trace->partition = of.input.partition;
  trace->offset = of.input.offset;
  trace->begun = of.received;
  return trace;
}

void lease_book::land(const flights& batch) {
  for (const auto& f : batch)
    land(*f);
  make_way();
}

void lease_book::land(flight& f) {
  --airborne_;
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
  route_->probe->prepared(f.spent.prepare, monitoring::mark_of(f.trace.get(), time_));
  if (f.trace)
    f.trace->add({journey_stage::publish, time_.now()});
  if (auto* refused = std::get_if<rejection>(&f.step)) {
    refuse(f.input, *refused, f.bytes, f.trace);
    return;
  }
  auto& answer = std::get<reply>(f.step);
  output place;
  place.key = std::move(answer.key);
  place.timestamp = time_.wall_now();
  place.partition = f.input.partition;
  place.offset = f.input.offset;
  const auto goes_on = trace_headers(f.input, f.trace.get());
  const auto filled = [&](std::string value, std::vector<header> headers) {
    auto out = place;
    out.value = std::move(value);
    out.headers = std::move(headers);
    out.headers.insert(out.headers.end(), goes_on.begin(), goes_on.end());
    return out;
  };
  finished_record done;
  done.receipt = {f.received, f.bytes, answer.review, std::nullopt, f.deadline, answer.tally, f.trace};
  for (auto& one : answer.earlier)
    done.earlier.push_back(filled(std::move(one.value), std::move(one.headers)));
  done.result = filled(std::move(answer.value), std::move(answer.headers));
  outbox_.finish(f.input.key, std::move(done));
}

void lease_book::refuse(const record& input, const rejection& why, std::size_t bytes,
                        std::shared_ptr<journey> trace) {
  journal_.dead_letter(*route_, input, why, trace.get());
  finished_record done;
  done.result = make_dead_letter(input, why, route_->topic, route_->engine);
  continue_trace(done.result.headers, trace.get());
  done.receipt = {time_.now(), bytes, false, why.reason, {}, {}, std::move(trace)};
  outbox_.finish(input.key, std::move(done));
}

} // namespace chalkstream::actors
