#include "core/offset_ledger.hpp"

#include "core/check.hpp"

#include <algorithm>

namespace chalkstream {

offset_ledger::offset_ledger(std::int64_t position, std::vector<offset_range> finished)
    : position_(position), begun_until_(position), restored_(finished.begin(), finished.end()) {
  advance();
}

bool offset_ledger::was_finished_before(std::int64_t offset) {
  while (!restored_.empty() && restored_.front().end <= offset)
    restored_.pop_front();
  return !restored_.empty() && restored_.front().begin <= offset;
}

bool offset_ledger::begin(std::int64_t offset) {
  if (offset < begun_until_)
    return false;
  const bool seen = was_finished_before(offset);
  begun_until_ = offset + 1;
  entries_.push_back({offset, seen});
  if (seen)
    advance();
  else
    ++open_;
  return !seen;
}

void offset_ledger::finish(std::int64_t offset) {
  auto at = std::lower_bound(entries_.begin(), entries_.end(), offset,
                             [](const entry& e, std::int64_t o) { return e.offset < o; });
  CHALK_PROMISE(at != entries_.end() && at->offset == offset && !at->finished, "an offset finished twice or unbegun");
  at->finished = true;
  --open_;
  advance();
}

void offset_ledger::advance() {
  while (!entries_.empty() && entries_.front().finished) {
    position_ = entries_.front().offset + 1;
    entries_.pop_front();
  }
  // A restored range that touches the position belongs to it: a note cannot express a range that begins there.
  while (entries_.empty() && !restored_.empty() && restored_.front().begin <= position_) {
    position_ = std::max(position_, restored_.front().end);
    restored_.pop_front();
  }
  begun_until_ = std::max(begun_until_, position_);
}

std::vector<offset_range> offset_ledger::finished_beyond() const {
  std::vector<offset_range> ranges;
  bool extends = false;
  for (const auto& e : entries_) {
    if (!e.finished) {
      extends = false;
    } else if (extends) {
      ranges.back().end = e.offset + 1;
    } else {
      ranges.push_back({e.offset, e.offset + 1});
      extends = true;
    }
  }
  for (const auto& r : restored_) {
    if (r.end <= begun_until_)
      continue;
    const auto begin = std::max(r.begin, begun_until_);
    if (extends && begin == begun_until_)
      ranges.back().end = r.end;
    else
      ranges.push_back({begin, r.end});
    extends = false;
  }
  return ranges;
}

} // namespace chalkstream
