#include "tests/support/fake_broker.hpp"

#include "tests/support/records.hpp"

#include <set>
#include <utility>

namespace chalkstream::test {

namespace {

std::string at(std::int32_t partition, std::int64_t offset) {
  return std::to_string(partition) + "/" + std::to_string(offset);
}

std::optional<std::string> owned_value(const output& o) {
  if (o.null_value)
    return std::nullopt;
  return o.borrowed ? std::string(*o.borrowed) : o.value;
}

} // namespace

std::string committed_output::header_value(std::string_view name) const {
  for (const auto& h : headers)
    if (h.name == name)
      return h.value.value_or("");
  return {};
}

std::int64_t fake_broker::push(std::int32_t partition, std::optional<std::string> key,
                               std::optional<std::string> value, std::vector<header> headers, wall_time timestamp) {
  std::int64_t offset = 0;
  std::map<std::size_t, std::function<void()>> told;
  {
    const std::lock_guard guard(mutex_);
    offset = ends_[partition]++;
    logs_.at(static_cast<std::size_t>(partition))
        .emplace(offset,
                 make_record(partition, offset, std::move(key), std::move(value), std::move(headers), timestamp));
    told = subscribers_;
  }
  for (const auto& [id, changed] : told)
    changed();
  return offset;
}

void fake_broker::skip(std::int32_t partition, std::int64_t offsets) {
  const std::lock_guard guard(mutex_);
  ends_[partition] += offsets;
}

std::size_t fake_broker::pushed() const {
  const std::lock_guard guard(mutex_);
  std::size_t sum = 0;
  for (const auto& log : logs_)
    sum += log.size();
  return sum;
}

std::int64_t fake_broker::end(std::int32_t partition) const {
  const std::lock_guard guard(mutex_);
  const auto found = ends_.find(partition);
  return found == ends_.end() ? 0 : found->second;
}

std::vector<record> fake_broker::read(std::int32_t partition, std::int64_t from, std::size_t max) const {
  const std::lock_guard guard(mutex_);
  const auto& log = logs_.at(static_cast<std::size_t>(partition));
  std::vector<record> records;
  for (auto next = log.lower_bound(from); next != log.end() && records.size() < max; ++next)
    records.push_back(next->second);
  return records;
}

std::size_t fake_broker::subscribe(std::function<void()> changed) {
  const std::lock_guard guard(mutex_);
  subscribers_.emplace(next_subscription_, std::move(changed));
  return next_subscription_++;
}

void fake_broker::unsubscribe(std::size_t subscription) {
  const std::lock_guard guard(mutex_);
  subscribers_.erase(subscription);
}

void fake_broker::commit(const commit_window& window) {
  const std::lock_guard guard(mutex_);
  for (const auto& o : window.outputs)
    outputs_.push_back({o.to, o.key, owned_value(o), o.headers, o.partition, o.offset, windows_});
  ++windows_;
  for (const auto& p : window.positions) {
    auto& before = committed_[p.partition];
    if (p.offset < before.offset)
      broken_.push_back("committed backwards, from " + at(p.partition, before.offset) + " to "
                        + std::to_string(p.offset));
    if (p.offset > ends_[p.partition])
      broken_.push_back("committed beyond the end: " + at(p.partition, p.offset));
    if (p.note.size() > 4096)
      broken_.push_back("a note of " + std::to_string(p.note.size()) + " bytes at " + at(p.partition, p.offset));
    before = p;
  }
}

std::optional<commit_position> fake_broker::committed(std::int32_t partition) const {
  const std::lock_guard guard(mutex_);
  const auto found = committed_.find(partition);
  return found == committed_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<committed_output> fake_broker::outputs() const {
  const std::lock_guard guard(mutex_);
  return outputs_;
}

std::vector<committed_output> fake_broker::outputs(destination to) const {
  const std::lock_guard guard(mutex_);
  std::vector<committed_output> chosen;
  for (const auto& o : outputs_)
    if (o.to == to)
      chosen.push_back(o);
  return chosen;
}

std::size_t fake_broker::windows() const {
  const std::lock_guard guard(mutex_);
  return windows_;
}

std::vector<std::string> fake_broker::violations_locked() const {
  auto broken = broken_;
  std::set<std::pair<std::int32_t, std::int64_t>> seen;
  std::map<std::pair<std::int32_t, std::string>, std::int64_t> last_of_key;
  for (const auto& o : outputs_) {
    if (!seen.emplace(o.partition, o.offset).second)
      broken.push_back("twice: " + at(o.partition, o.offset));
    const auto& log = logs_.at(static_cast<std::size_t>(o.partition));
    const auto source = log.find(o.offset);
    if (source == log.end()) {
      broken.push_back("an output without a record: " + at(o.partition, o.offset));
      continue;
    }
    if (!source->second.key)
      continue;
    auto [last, fresh] = last_of_key.emplace(std::pair{o.partition, std::string(*source->second.key)}, o.offset);
    if (!fresh && last->second > o.offset)
      broken.push_back("out of order for its key: " + at(o.partition, o.offset) + " after "
                       + std::to_string(last->second));
    last->second = o.offset;
  }
  for (const auto& [partition, position] : committed_)
    for (const auto& [offset, r] : logs_.at(static_cast<std::size_t>(partition)))
      if (offset < position.offset && !seen.contains({partition, offset}))
        broken.push_back("lost: " + at(partition, offset) + " has no output and lies before the committed offset");
  return broken;
}

std::vector<std::string> fake_broker::violations() const {
  const std::lock_guard guard(mutex_);
  return violations_locked();
}

std::vector<std::string> fake_broker::violations_at_the_end() const {
  const std::lock_guard guard(mutex_);
  auto broken = violations_locked();
  std::set<std::pair<std::int32_t, std::int64_t>> seen;
  for (const auto& o : outputs_)
    seen.emplace(o.partition, o.offset);
  for (const auto& log : logs_)
    for (const auto& [offset, r] : log)
      if (!seen.contains({r.partition, offset}))
        broken.push_back("without an output: " + at(r.partition, offset));
  return broken;
}

} // namespace chalkstream::test
