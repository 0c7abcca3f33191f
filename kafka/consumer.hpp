// A consumer group's member as a record source; internal to this folder.
//
// What it adds to librdkafka: a revoke is not answered inside the callback but by release(), so that work in progress
// can be finished and committed while the group waits (the member keeps its session by heartbeats meanwhile); an
// assignment starts at offsets looked up with their notes, and an offset that the log no longer holds is an error
// rather than a jump; a pause that is short costs nothing, because fetched records are kept.
#pragma once

#include "core/record_source.hpp"
#include "kafka/member.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::kafka {

class consumer final : public record_source {
public:
  explicit consumer(std::shared_ptr<member> m) : member_(std::move(m)) {}
  ~consumer() override;

  result<void> open(std::function<void()> ready) override;
  result<intake> poll(std::size_t max_records) override;
  void release(std::span<const std::int32_t> partitions) override;
  void pause() override { paused_ = true; }
  void resume() override;
  std::int64_t lag() const override;
  void close() override;

private:
  struct partition_state {
    std::int64_t next = 0; // the offset expected next
    bool at_end = false;   // everything up to the end has been read
    bool stopped = false;  // fetching is paused at the library
  };

  void on_rebalance(int code, const rd_kafka_topic_partition_list_s& partitions);
  result<void> finish_assignment(intake& out);
  /// Tells the library what becomes of the partitions it asked about; the reason if it does not take the answer.
  std::optional<std::string> answer(rd_kafka_topic_partition_list_s* partitions, bool assign);
  void unassign(std::span<const std::int32_t> partitions);
  void assign_nothing(std::span<const std::int32_t> partitions);
  /// Takes one record or event from the library; false if it has none.
  result<bool> take_one();
  result<void> on_event(int code, std::int32_t partition, std::int64_t offset, const char* reason);
  result<void> connect();
  /// Answers what the library has asked and ends its consumer; `leaving` tells the group.
  void disconnect(bool leaving);
  /// Forgets everything held, which the owner hears as lost.
  void forget_all();
  /// Gives up everything held and joins anew, by the same consumer or by a new one.
  void start_over();
  result<void> start_anew();
  result<void> subscribe();
  void stop_fetching();
  void restart_fetching();
  /// Makes the library go on at once with what it fetches again, which it would notice within a second.
  void wake_fetchers();
  void leave();
  bool cooperative() const;

  std::shared_ptr<member> member_;
  std::function<void()> ready_;
  queue_ptr queue_;
  std::map<std::int32_t, partition_state> assigned_;
  std::deque<record> taken_; // read from the library, not yet handed out

  // An assignment waits until its offsets are known, a revocation until it is released.
  std::optional<std::vector<std::int32_t>> to_assign_;
  time_point to_assign_since_{};
  time_point next_lookup_{};
  time_point next_complaint_{};
  std::optional<std::vector<std::int32_t>> revoked_;
  std::set<std::int32_t> unreleased_;

  std::vector<std::int32_t> tell_revoking_;
  std::vector<std::int32_t> tell_lost_;
  bool joined_ = false;
  bool estranged_ = false; // joined under another id with partitions of the old one still in hand
  bool paused_ = false;
  bool closing_ = false;
  bool fenced_ = false;
  std::deque<time_point> fencings_;
  std::string last_event_;
  time_point last_event_at_{};
};

} // namespace chalkstream::kafka
