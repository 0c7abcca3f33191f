#include "core/outbox.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <iterator>

namespace chalkstream {

void outbox::assign(const assigned_partition& given) {
  const auto position = given.committed < 0 ? given.start : given.committed;
  const auto note = decode_commit_note(given.note, position);
  partitions_.insert_or_assign(
      given.partition,
      partition_state{offset_ledger{position, note.finished}, {}, crash_guard{note, position, reach_}});
}

std::vector<receipt> outbox::drop(std::int32_t partition) {
  std::vector<receipt> dropped;
  auto at = partitions_.find(partition);
  if (at == partitions_.end())
    return dropped;
  at->second.order.drain([&dropped](const finished_record& f) { dropped.push_back(f.receipt); });
  partitions_.erase(at);
  want_trial_.erase(partition);
  if (on_trial_ == partition)
    on_trial_.reset();
  std::erase_if(ready_, [&](const finished_record& f) {
    if (f.result.partition != partition)
      return false;
    dropped.push_back(f.receipt);
    return true;
  });
  std::erase_if(staged_, [&](const staged_record& s) {
    if (s.partition != partition)
      return false;
    dropped.push_back(s.receipt);
    return true;
  });
  std::erase_if(window_.outputs, [partition](const output& o) { return o.partition == partition; });
  window_.positions.clear();
  return dropped;
}

commit_window outbox::takeover(std::span<const assigned_partition> given) {
  commit_window window;
  const auto name = next_window_name();
  for (const auto& a : given) {
    auto at = partitions_.find(a.partition);
    if (at == partitions_.end() || awaits_commit(a.partition))
      continue;
    window.positions.push_back(position_of(a.partition, at->second, name, false));
  }
  return window;
}

commit_window outbox::handover(std::span<const std::int32_t> partitions) {
  commit_window window;
  const auto name = next_window_name();
  for (const auto partition : partitions) {
    auto at = partitions_.find(partition);
    if (at == partitions_.end() || awaits_commit(partition))
      continue;
    const auto& ledger = at->second.ledger;
    commit_note note;
    note.window = name;
    note.finished = ledger.finished_beyond();
    crash_guard::on_release(note);
    window.positions.push_back({partition, ledger.position(), encode(note, ledger.position())});
  }
  return window;
}

bool outbox::awaits_commit(std::int32_t partition) const {
  return std::any_of(staged_.begin(), staged_.end(),
                     [partition](const staged_record& s) { return s.partition == partition; });
}

bool outbox::exclusive(std::int32_t partition) const {
  return partitions_.at(partition).guard.exclusive();
}

bool outbox::must_wait(std::int32_t partition, const partition_state& p, bool alone) {
  if (on_trial_ || p.open >= p.guard.in_flight_limit())
    return true;
  if (!p.guard.exclusive())
    return !want_trial_.empty();
  alone = alone && std::all_of(partitions_.begin(), partitions_.end(), [](const auto& one) {
            return one.second.open == 0;
          });
  if (alone)
    want_trial_.erase(partition);
  else
    want_trial_.insert(partition);
  return !alone;
}

outbox::admission outbox::admit(const record& input, bool alone) {
  auto at = partitions_.find(input.partition);
  CHALK_PROMISE(at != partitions_.end(), "a record of a partition that is not assigned");
  auto& p = at->second;
  if (must_wait(input.partition, p, alone))
    return admission::park;
  const bool first = input.offset >= p.ledger.position() && p.ledger.open() == 0;
  if (!p.ledger.begin(input.offset))
    return admission::skip;
  if (p.guard.exclusive())
    on_trial_ = input.partition;
  ++p.open;
  if (input.key)
    p.order.begin(key_hash(*input.key), input.offset);
  return first && p.guard.first_is_guilty() ? admission::guilty : admission::run;
}

std::size_t outbox::open(std::int32_t partition) const {
  auto at = partitions_.find(partition);
  return at == partitions_.end() ? 0 : at->second.open;
}

void outbox::finish(const std::optional<std::string_view>& key, finished_record done) {
  auto at = partitions_.find(done.result.partition);
  if (at == partitions_.end())
    return;
  const auto offset = done.result.offset;
  if (!key)
    stage(std::move(done));
  else
    at->second.order.finish(key_hash(*key), offset, std::move(done),
                            [this](std::int64_t, finished_record f) { stage(std::move(f)); });
}

void outbox::stage(finished_record done) {
  ready_.push_back(std::move(done));
}

commit_position outbox::position_of(std::int32_t partition, partition_state& p, const std::string& window,
                                    bool progressed) {
  commit_note note;
  note.window = window;
  note.finished = p.ledger.finished_beyond();
  if (progressed)
    p.guard.on_progress(note, p.ledger.position());
  else
    p.guard.on_takeover(note);
  return {partition, p.ledger.position(), encode(note, p.ledger.position())};
}

const commit_window& outbox::window() {
  // Oldest first: finishing the front of a partition frees room in its note for those beyond.
  std::stable_sort(ready_.begin(), ready_.end(), [](const finished_record& a, const finished_record& b) {
    return std::pair{a.result.partition, a.result.offset} < std::pair{b.result.partition, b.result.offset};
  });
  std::vector<finished_record> held;
  std::map<std::int32_t, std::size_t> ranges;
  for (auto& f : ready_) {
    auto& p = partitions_.at(f.result.partition);
    auto [room, fresh] = ranges.try_emplace(f.result.partition, 0);
    if (fresh)
      room->second = p.ledger.finished_beyond().size();
    const auto before = p.ledger.position();
    if (room->second >= max_note_ranges && f.result.offset != p.ledger.oldest_open()) {
      held.push_back(std::move(f));
      continue;
    }
    p.ledger.finish(f.result.offset);
    --p.open;
    if (p.ledger.position() == before)
      ++room->second;
    staged_.push_back({f.result.partition, f.receipt});
    std::move(f.earlier.begin(), f.earlier.end(), std::back_inserter(window_.outputs));
    window_.outputs.push_back(std::move(f.result));
  }
  ready_ = std::move(held);

  const auto name = next_window_name();
  std::set<std::int32_t> touched;
  for (const auto& record : staged_)
    touched.insert(record.partition);
  window_.positions.clear();
  for (const auto partition : touched)
    window_.positions.push_back(position_of(partition, partitions_.at(partition), name, true));
  return window_;
}

std::vector<receipt> outbox::committed() {
  window_ = {};
  if (on_trial_ && !partitions_.at(*on_trial_).guard.exclusive())
    on_trial_.reset();
  std::vector<receipt> receipts;
  for (const auto& record : std::exchange(staged_, {}))
    receipts.push_back(record.receipt);
  return receipts;
}

std::string outbox::next_window_name() {
  return instance_ + "." + std::to_string(++windows_);
}

} // namespace chalkstream
