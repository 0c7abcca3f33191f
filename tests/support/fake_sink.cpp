#include "tests/support/fake_sink.hpp"

#include <utility>

namespace chalkstream::test {

result<void> fake_sink::open() {
  const std::lock_guard guard(mutex_);
  ++opens_;
  if (open_error_)
    return *open_error_;
  return {};
}

result<commit_outcome> fake_sink::commit(const commit_window& window) {
  std::unique_lock lock(mutex_);
  ++attempts_;
  if (hook_) {
    const auto hook = hook_;
    lock.unlock();
    hook(window);
    lock.lock();
  }
  ++waiting_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !blocked_; });
  --waiting_;
  if (commit_error_)
    return *std::exchange(commit_error_, std::nullopt);
  if (corked_)
    return commit_outcome::not_committed;
  if (failures_left_ > 0) {
    --failures_left_;
    return commit_outcome::not_committed;
  }
  broker_->commit(window);
  return commit_outcome::committed;
}

void fake_sink::close() {
  const std::lock_guard guard(mutex_);
  closed_ = true;
}

void fake_sink::fail_open(error what) {
  const std::lock_guard guard(mutex_);
  open_error_ = std::move(what);
}

void fake_sink::fail_next(std::size_t times) {
  const std::lock_guard guard(mutex_);
  failures_left_ = times;
}

void fake_sink::cork() {
  const std::lock_guard guard(mutex_);
  corked_ = true;
}

void fake_sink::uncork() {
  const std::lock_guard guard(mutex_);
  corked_ = false;
}

void fake_sink::fail_with(error what) {
  const std::lock_guard guard(mutex_);
  commit_error_ = std::move(what);
}

void fake_sink::block() {
  const std::lock_guard guard(mutex_);
  blocked_ = true;
}

void fake_sink::unblock() {
  const std::lock_guard guard(mutex_);
  blocked_ = false;
  changed_.notify_all();
}

bool fake_sink::wait_until_blocked(duration within) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within, [this] { return blocked_ && waiting_ > 0; });
}

void fake_sink::on_commit(std::function<void(const commit_window&)> hook) {
  const std::lock_guard guard(mutex_);
  hook_ = std::move(hook);
}

std::size_t fake_sink::opens() const {
  const std::lock_guard guard(mutex_);
  return opens_;
}

bool fake_sink::closed() const {
  const std::lock_guard guard(mutex_);
  return closed_;
}

std::size_t fake_sink::attempts() const {
  const std::lock_guard guard(mutex_);
  return attempts_;
}

} // namespace chalkstream::test
