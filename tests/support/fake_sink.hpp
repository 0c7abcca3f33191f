// A result sink over a fake_broker that fails when a test says so. The result_sink functions are called by the part
// under test; the others by the test, from any thread.
#pragma once

#include "core/result_sink.hpp"
#include "tests/support/fake_broker.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace chalkstream::test {

class fake_sink final : public result_sink {
public:
  explicit fake_sink(std::shared_ptr<fake_broker> broker) : broker_(std::move(broker)) {}

  // -- the port

  result<void> open() override;
  result<commit_outcome> commit(const commit_window& window) override;
  void close() override;

  // -- the script

  void fail_open(error what);
  /// The next `times` commits answer not_committed.
  void fail_next(std::size_t times);
  /// Every commit answers not_committed until uncork().
  void cork();
  void uncork();
  /// The next commit answers with this error.
  void fail_with(error what);
  /// Commits wait inside until unblock().
  void block();
  void unblock();
  /// Waits until a commit is blocked; false if none is within the time.
  bool wait_until_blocked(duration within = std::chrono::seconds(5));
  /// Called at the start of each commit, on its thread.
  void on_commit(std::function<void(const commit_window&)> hook);

  // -- what happened

  std::size_t opens() const;
  bool closed() const;
  /// Commits asked for, whatever their outcome.
  std::size_t attempts() const;

private:
  std::shared_ptr<fake_broker> broker_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void(const commit_window&)> hook_;
  std::optional<error> open_error_;
  std::optional<error> commit_error_;
  std::size_t failures_left_ = 0;
  std::size_t opens_ = 0;
  std::size_t attempts_ = 0;
  std::size_t waiting_ = 0;
  bool corked_ = false;
  bool blocked_ = false;
  bool closed_ = false;
};

} // namespace chalkstream::test
