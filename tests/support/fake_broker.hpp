// What outlives a process: the records of one input topic, the group's committed offsets with their notes, and the
// log of everything committed. fake_source reads from it and fake_sink commits to it; a restart is a new source and
// sink on the same broker. All functions may be called from any thread.
#pragma once

#include "core/record.hpp"
#include "core/result_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::test {

/// One committed output, owning its bytes.
struct committed_output {
  destination to = destination::results;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<header> headers;
  /// The record that caused it.
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  /// In which window it became visible, counted from 0.
  std::size_t window = 0;

  /// A header's value; empty if there is none of that name.
  std::string header_value(std::string_view name) const;
};

class fake_broker {
public:
  explicit fake_broker(std::size_t partitions = 1) : logs_(partitions) {}

  // -- the input topic

  /// Appends a record, returns its offset and calls the subscribers.
  std::int64_t push(std::int32_t partition, std::optional<std::string> key, std::optional<std::string> value,
                    std::vector<header> headers = {}, wall_time timestamp = {});

  /// Leaves a hole of `offsets` that no record will fill, as compaction and control records do.
  void skip(std::int32_t partition, std::int64_t offsets);

  std::size_t partitions() const noexcept { return logs_.size(); }
  std::size_t pushed() const;
  std::int64_t end(std::int32_t partition) const;

  /// Up to `max` records of `partition` from `from` on.
  std::vector<record> read(std::int32_t partition, std::int64_t from, std::size_t max) const;

  /// `changed` is called after every push until the subscription is ended by `unsubscribe`.
  std::size_t subscribe(std::function<void()> changed);
  void unsubscribe(std::size_t subscription);

  // -- the group and the output topics

  /// Makes all of the window visible.
  void commit(const commit_window& window);

  std::optional<commit_position> committed(std::int32_t partition) const;
  std::vector<committed_output> outputs() const;
  std::vector<committed_output> outputs(destination to) const;
  std::size_t windows() const;

  /// What breaks the promise so far, one sentence each: an output twice or without a record, a key out of order, an
  /// offset committed backwards, beyond the end or past a record without an output, a note over 4096 bytes.
  std::vector<std::string> violations() const;

  /// violations(), and every pushed record must have its output.
  std::vector<std::string> violations_at_the_end() const;

private:
  std::vector<std::string> violations_locked() const;

  mutable std::mutex mutex_;
  std::vector<std::map<std::int64_t, record>> logs_;
  std::map<std::int32_t, std::int64_t> ends_;
  std::map<std::int32_t, commit_position> committed_;
  std::vector<committed_output> outputs_;
  std::vector<std::string> broken_;
  std::size_t windows_ = 0;
  std::map<std::size_t, std::function<void()>> subscribers_;
  std::size_t next_subscription_ = 0;
};

} // namespace chalkstream::test
