#include "actors/slot.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace chalkstream::actors {
namespace {

result<output_rows> run_with_help(const run_batch& given, std::span<const sequence* const> packed) {
  struct release { // helpers go home even if the model throws, against its contract
    crew* helpers;
    ~release() {
      if (helpers != nullptr)
        helpers->finish();
    }
  } at_end{given.helpers.get()};
  return given.compute->run(packed, given.helpers.get());
}

void trace_compute(flight& f, time_point from, time_point to, std::size_t records) {
  if (f.trace)
    f.trace->add({journey_stage::compute, from, to, static_cast<std::uint32_t>(records)});
}

} // namespace

slot_state::slot_state(slot_actor::pointer self, std::size_t index, directory_ptr who, const clock* time)
    : self_(self), index_(index), who_(std::move(who)), time_(time) {}

slot_actor::behavior_type slot_state::make_behavior() {
  end_without_quoting_exceptions(self_);
  ask({}, duration::zero());
  return {
      [this](const run_batch& given) { given.compute->writes() ? write(given) : run(given); },
      [this](const help_batch& given) { help(given); },
      [this](const measure_batch& given) { measure(given); },
      [this](stop) { self_->quit(); },
  };
}

void slot_state::run(const run_batch& given) {
  std::vector<const sequence*> packed;
  for (const auto& f : *given.batch)
    for (const auto& s : std::get<work>(f->step).sequences)
      packed.push_back(&s);
  const auto started = time_->now();
  auto rows = run_with_help(given, packed);
  const auto took = time_->now() - started;
  if (!rows) {
    ask({.id = given.id, .failure = std::make_shared<const error>(std::move(rows).error())}, took);
    return;
  }
  std::size_t expected = 0;
  for (const auto* s : packed)
    expected += given.compute->rows_for(*s);
  const bool reads = !rows->readings.empty();
  if (rows->values.size() != expected * rows->width || (reads && rows->readings.size() != packed.size())) {
    ask({.id = given.id,
         .failure = std::make_shared<const error>(error{errc::internal, "the model gave too few or too many rows"})},
        took);
    return;
  }
  auto from = rows->values.cbegin();
  auto reading = std::make_move_iterator(rows->readings.begin());
  for (const auto& f : *given.batch) {
    std::size_t count = 0;
    for (const auto& s : std::get<work>(f->step).sequences)
      count += given.compute->rows_for(s) * rows->width;
    f->rows.width = rows->width;
    f->rows.texts.clear();
    f->rows.readings.clear();
    if (reads) {
      const auto pages = static_cast<std::ptrdiff_t>(std::get<work>(f->step).sequences.size());
      f->rows.readings.assign(reading, reading + pages);
      reading += pages;
    }
    f->rows.values.assign(from, from + static_cast<std::ptrdiff_t>(count));
    from += static_cast<std::ptrdiff_t>(count);
    f->failures = 0;
    f->spent.compute += in_seconds(took);
    trace_compute(*f, started, started + took, given.batch->size());
    f->phase = flight_phase::complete;
  }
  tell(self_, who_->complete, run_steps{given.batch});
  ask({.id = given.id}, took);
}

void slot_state::write(const run_batch& given) {
  std::vector<writing*> open;
  for (const auto& f : *given.batch)
    f->texts->add_to(open);
  const auto started = time_->now();
  const auto done = open.empty() ? result<void>() : given.compute->step(open);
  const auto took = time_->now() - started;
  if (!done) {
    ask({.id = given.id, .failure = std::make_shared<const error>(done.error())}, took);
    return;
  }
  flights going_on;
  flights through;
  slot_ready outcome{.id = given.id};
  for (const auto& f : *given.batch) {
    f->spent.compute += in_seconds(took);
    trace_compute(*f, started, started + took, given.batch->size());
    outcome.finished_texts += f->texts->collect();
    if (f->texts->under_way() || f->texts->begun() < std::get<work>(f->step).sequences.size()) {
      going_on.push_back(f);
      continue;
    }
    f->rows = {};
    f->rows.texts = f->texts->take();
    f->texts.reset();
    f->failures = 0;
    f->phase = flight_phase::complete;
    through.push_back(f);
  }
  if (!through.empty())
    tell(self_, who_->complete, run_steps{std::make_shared<const flights>(std::move(through))});
  if (!going_on.empty())
    outcome.going_on = std::make_shared<const flights>(std::move(going_on));
  ask(std::move(outcome), took);
}

void slot_state::help(const help_batch& given) {
  const auto started = time_->now();
  given.helpers->help(*given.wanted);
  ask({.id = given.id}, time_->now() - started);
}

void slot_state::measure(const measure_batch& given) {
  const auto longest = std::clamp<std::size_t>(given.compute->max_tokens(), 1, 128);
  std::vector<sequence> made;
  for (std::size_t left = given.tokens; left > 0;) {
    const auto length = std::min(left, longest);
    made.push_back({std::vector<std::int32_t>(length, 1), {}});
    left -= length;
  }
  std::vector<const sequence*> packed;
  packed.reserve(made.size());
  for (const auto& s : made)
    packed.push_back(&s);
  const auto started = time_->now();
  auto rows = given.compute->run(packed, nullptr);
  const auto took = time_->now() - started;
  ask({.id = given.id, .failure = rows ? nullptr : std::make_shared<const error>(rows.error())}, took);
}

void slot_state::ask(slot_ready outcome, duration busy) {
  outcome.slot = index_;
  outcome.busy = std::chrono::duration_cast<std::chrono::nanoseconds>(busy);
  tell(self_, who_->scheduler, std::move(outcome));
}

} // namespace chalkstream::actors
