#include "tests/support/fake_source.hpp"

#include <utility>

namespace chalkstream::test {

fake_source::~fake_source() {
  close();
}

result<void> fake_source::open(std::function<void()> ready) {
  {
    const std::lock_guard guard(mutex_);
    if (open_error_)
      return *open_error_;
    ready_ = std::move(ready);
  }
  const auto subscription = broker_->subscribe([this] { notify(); });
  const std::lock_guard guard(mutex_);
  subscription_ = subscription;
  return {};
}

result<intake> fake_source::poll(std::size_t max_records) {
  const std::lock_guard guard(mutex_);
  ++polls_;
  if (poll_error_)
    return *std::exchange(poll_error_, std::nullopt);
  intake brought;
  brought.joined = joined_;
  brought.revoking = std::exchange(to_revoke_, {});
  brought.lost = std::exchange(to_lose_, {});
  for (const auto partition : std::exchange(to_assign_, {})) {
    const auto committed = broker_->committed(partition);
    positions_[partition] = committed ? committed->offset : 0;
    brought.assigned.push_back({.partition = partition,
                                .committed = committed ? committed->offset : -1,
                                .note = committed ? committed->note : ""});
  }
  if (!paused_ && !positions_.empty()) {
    // Another partition goes first each time, so that a small max_records starves none.
    auto next = positions_.lower_bound(first_partition_);
    if (next == positions_.end())
      next = positions_.begin();
    first_partition_ = next->first + 1;
    for (std::size_t i = 0; i < positions_.size(); ++i, ++next) {
      if (next == positions_.end())
        next = positions_.begin();
      auto records = broker_->read(next->first, next->second, max_records - brought.records.size());
      if (!records.empty())
        next->second = records.back().offset + 1;
      brought.records.insert(brought.records.end(), records.begin(), records.end());
    }
  }
  if (ending_) {
    brought.ended = true;
    for (const auto& [partition, position] : positions_)
      brought.ended = brought.ended && broker_->read(partition, position, 1).empty();
  }
  return brought;
}

void fake_source::release(std::span<const std::int32_t> partitions) {
  const std::lock_guard guard(mutex_);
  released_.insert(released_.end(), partitions.begin(), partitions.end());
}

void fake_source::pause() {
  const std::lock_guard guard(mutex_);
  pauses_ += paused_ ? 0 : 1;
  paused_ = true;
}

void fake_source::resume() {
  {
    const std::lock_guard guard(mutex_);
    paused_ = false;
  }
  notify();
}

std::int64_t fake_source::lag() const {
  const std::lock_guard guard(mutex_);
  std::int64_t sum = 0;
  for (const auto& [partition, position] : positions_)
    sum += broker_->end(partition) - position;
  return sum;
}

void fake_source::close() {
  std::optional<std::size_t> subscription;
  {
    const std::lock_guard guard(mutex_);
    closed_ = true;
    ready_ = nullptr;
    positions_.clear();
    subscription = std::exchange(subscription_, std::nullopt);
  }
  if (subscription)
    broker_->unsubscribe(*subscription);
}

void fake_source::assign(std::vector<std::int32_t> partitions) {
  {
    const std::lock_guard guard(mutex_);
    joined_ = true;
    to_assign_.insert(to_assign_.end(), partitions.begin(), partitions.end());
  }
  notify();
}

void fake_source::assign_all() {
  std::vector<std::int32_t> all;
  for (std::size_t p = 0; p < broker_->partitions(); ++p)
    all.push_back(static_cast<std::int32_t>(p));
  assign(std::move(all));
}

void fake_source::revoke(std::vector<std::int32_t> partitions) {
  {
    const std::lock_guard guard(mutex_);
    for (const auto p : partitions) {
      positions_.erase(p);
      // One that was not told of yet is back at once: an intake never brings and takes the same partition.
      (std::erase(to_assign_, p) > 0 ? released_ : to_revoke_).push_back(p);
    }
  }
  notify();
}

void fake_source::lose(std::vector<std::int32_t> partitions) {
  {
    const std::lock_guard guard(mutex_);
    for (const auto p : partitions) {
      positions_.erase(p);
      std::erase(to_assign_, p);
      std::erase(to_revoke_, p);
      to_lose_.push_back(p);
    }
  }
  notify();
}

void fake_source::end() {
  {
    const std::lock_guard guard(mutex_);
    ending_ = true;
  }
  notify();
}

void fake_source::fail_open(error what) {
  const std::lock_guard guard(mutex_);
  open_error_ = std::move(what);
}

void fake_source::fail_next_poll(error what) {
  {
    const std::lock_guard guard(mutex_);
    poll_error_ = std::move(what);
  }
  notify();
}

void fake_source::call_ready() {
  notify();
}

bool fake_source::is_open() const {
  const std::lock_guard guard(mutex_);
  return subscription_.has_value();
}

bool fake_source::closed() const {
  const std::lock_guard guard(mutex_);
  return closed_;
}

bool fake_source::paused() const {
  const std::lock_guard guard(mutex_);
  return paused_;
}

std::size_t fake_source::pauses() const {
  const std::lock_guard guard(mutex_);
  return pauses_;
}

std::size_t fake_source::polls() const {
  const std::lock_guard guard(mutex_);
  return polls_;
}

std::vector<std::int32_t> fake_source::released() const {
  const std::lock_guard guard(mutex_);
  return released_;
}

std::vector<std::int32_t> fake_source::assigned() const {
  const std::lock_guard guard(mutex_);
  std::vector<std::int32_t> partitions;
  for (const auto& [partition, position] : positions_)
    partitions.push_back(partition);
  return partitions;
}

void fake_source::notify() {
  std::function<void()> ready;
  {
    const std::lock_guard guard(mutex_);
    ready = ready_;
  }
  if (ready)
    ready();
}

} // namespace chalkstream::test
