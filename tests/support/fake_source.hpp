// A record source over a fake_broker whose assignment the test decides. The record_source functions are called by the
// part under test; the others by the test, from any thread.
#pragma once

#include "core/record_source.hpp"
#include "tests/support/fake_broker.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace chalkstream::test {

class fake_source final : public record_source {
public:
  explicit fake_source(std::shared_ptr<fake_broker> broker) : broker_(std::move(broker)) {}
  ~fake_source() override;

  // -- the port

  result<void> open(std::function<void()> ready) override;
  result<intake> poll(std::size_t max_records) override;
  void release(std::span<const std::int32_t> partitions) override;
  void pause() override;
  void resume() override;
  std::int64_t lag() const override;
  void close() override;

  // -- the script

  /// The next intake brings these, at their committed offsets and with their notes; a partition that is already
  /// assigned starts again from there. With none the group has been joined and given nothing.
  void assign(std::vector<std::int32_t> partitions);
  void assign_all();
  /// The next intake asks for them back; their records stop at once.
  void revoke(std::vector<std::int32_t> partitions);
  /// They are gone.
  void lose(std::vector<std::int32_t> partitions);
  /// The source ends once everything pushed so far has been read.
  void end();
  void fail_open(error what);
  void fail_next_poll(error what);
  /// Calls the callback although nothing changed.
  void call_ready();

  // -- what happened

  bool is_open() const;
  bool closed() const;
  bool paused() const;
  std::size_t pauses() const;
  std::size_t polls() const;
  std::vector<std::int32_t> released() const;
  /// Assigned and not asked back.
  std::vector<std::int32_t> assigned() const;

private:
  void notify();

  std::shared_ptr<fake_broker> broker_;
  mutable std::mutex mutex_;
  std::function<void()> ready_;
  std::optional<std::size_t> subscription_;
  std::map<std::int32_t, std::int64_t> positions_;
  std::vector<std::int32_t> to_assign_;
  std::vector<std::int32_t> to_revoke_;
  std::vector<std::int32_t> to_lose_;
  std::vector<std::int32_t> released_;
  std::optional<error> open_error_;
  std::optional<error> poll_error_;
  std::int32_t first_partition_ = 0;
  std::size_t pauses_ = 0;
  std::size_t polls_ = 0;
  bool paused_ = false;
  bool ending_ = false;
  bool joined_ = false;
  bool closed_ = false;
};

} // namespace chalkstream::test
