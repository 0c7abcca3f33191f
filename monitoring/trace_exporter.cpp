#include "monitoring/trace_exporter.hpp"

#include "monitoring/trace_spans.hpp"

#include <chrono>
#include <cstring>
#include <random>

namespace chalkstream::monitoring {

namespace {

std::mt19937_64& dice() {
  thread_local std::mt19937_64 mine{[] {
    std::random_device real;
    return (std::uint64_t{real()} << 32U) ^ real();
  }()};
  return mine;
}

// Ids of zeros mean none.
template <class Id>
Id drawn_id() {
  Id id{};
  for (std::size_t i = 0; i < id.size(); i += 8) {
    const auto eight = dice()() | 1U;
    std::memcpy(id.data() + i, &eight, 8);
  }
  return id;
}

// What to add to the steady clock for nanoseconds since 1970.
std::chrono::nanoseconds epoch() {
  return std::chrono::system_clock::now().time_since_epoch() - std::chrono::steady_clock::now().time_since_epoch();
}

} // namespace

trace_exporter::trace_exporter(trace_settings settings, std::shared_ptr<trace_probe> probe, log& journal)
    : settings_(std::move(settings)), probe_(std::move(probe)), journal_(journal), worker_([this] { work(); }) {}

trace_exporter::~trace_exporter() {
  {
    const std::lock_guard guard(lock_);
    stopping_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

std::shared_ptr<journey> trace_exporter::begin(const std::optional<trace_context>& parent) {
  const bool traced =
      parent ? parent->sampled() : std::uniform_real_distribution<double>(0, 1)(dice()) < settings_.sample;
  if (!traced)
    return nullptr;
  auto made = std::make_shared<journey>();
  made->own.trace = parent ? parent->trace : drawn_id<trace_id>();
  made->own.span = drawn_id<span_id>();
  made->own.flags = 1;
  if (parent)
    made->parent = parent->span;
  return made;
}

void trace_exporter::end(std::shared_ptr<const journey> done) {
  bool full = false, enough = false;
  {
    const std::lock_guard guard(lock_);
    full = waiting_.size() >= settings_.max_waiting;
    if (!full)
      waiting_.push_back(std::move(done));
    enough = waiting_.size() >= settings_.max_batch;
  }
  if (full)
    probe_->overflowed();
  else if (enough)
    changed_.notify_one();
}

void trace_exporter::work() {
  for (auto batch = next_batch(); !batch.empty(); batch = next_batch()) {
    const bool sent = send(batch);
    if (sent)
      probe_->sent(batch.size());
    else
      probe_->failed(batch.size());
    const std::lock_guard guard(lock_);
    if (stopping_ && !sent) { // the rest would fare no better, and somebody waits
      probe_->failed(waiting_.size());
      return;
    }
  }
}

// Blocks until there is something to send; empty at the end.
trace_exporter::journeys trace_exporter::next_batch() {
  std::unique_lock guard(lock_);
  const auto enough = [this] { return stopping_ || waiting_.size() >= settings_.max_batch; };
  do
    changed_.wait_for(guard, settings_.interval, enough);
  while (waiting_.empty() && !stopping_);
  journeys batch;
  while (!waiting_.empty() && batch.size() < settings_.max_batch) {
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

bool trace_exporter::send(const journeys& batch) {
  auto body = encode_spans(batch, settings_.version, epoch(), drawn_id<span_id>);
  const auto answer = http_post(settings_.collector, "/v1/traces", "application/json", std::move(body),
                                {.timeout = settings_.timeout, .max_bytes = std::size_t{1} << 20});
  const bool taken = answer && answer->status >= 200 && answer->status < 300;
  if (!taken && !away_)
    journal_.warning("traces", "spans are dropped until the collector takes them again: "
                                   + (answer ? "it answered with status " + std::to_string(answer->status)
                                             : answer.error().message));
  else if (taken && away_)
    journal_.info("traces", "the collector takes spans again");
  away_ = !taken;
  return taken;
}

} // namespace chalkstream::monitoring
