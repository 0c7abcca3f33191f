// A consumer group's member as its source and its sink share it; internal to this folder.
#pragma once

#include "core/result_sink.hpp"
#include "kafka/client_conf.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

struct rd_kafka_consumer_group_metadata_s;

namespace chalkstream::kafka {

struct metadata_deleter {
  void operator()(rd_kafka_consumer_group_metadata_s* metadata) const noexcept;
};
using group_metadata_ptr = std::unique_ptr<rd_kafka_consumer_group_metadata_s, metadata_deleter>;

/// One offset of the group as the coordinator has it; offset -1 if there is none.
struct committed_offset {
  std::int32_t partition = 0;
  std::int64_t offset = -1;
  std::string note;
};

/// Partitions of a topic, as librdkafka takes them.
partition_list_ptr list_of(const std::string& topic, std::span<const std::int32_t> partitions);
/// The positions with their notes, as librdkafka takes them.
partition_list_ptr offsets_of(const std::string& topic, std::span<const commit_position> positions);

/// A librdkafka consumer and what its callbacks use. Records keep it alive, for it must outlive its messages.
struct connection {
  explicit connection(log& l) : context(l) {}
  ~connection();

  client_context context;
  client_ptr client;
};

/// The membership as its source and its sink share it.
struct member {
  member(session_settings s, log& l) : settings(std::move(s)), out(&l) {}

  session_settings settings;
  log* out;
  std::shared_ptr<session_counters> counters = std::make_shared<session_counters>();
  std::shared_ptr<connection> link; // null before open() and after close()
  /// Under which member id the partitions held were assigned.
  std::string identity;

  rd_kafka_s* handle() const noexcept { return link ? link->client.get() : nullptr; }
  /// As the group knows us now; empty between two memberships.
  std::string member_id() const;
  /// Whether the group has taken the assignment away without waiting for us.
  bool lost() const;
  /// What a transaction must carry to be refused if the partitions are no longer ours. Null if that is known already:
  /// a member that was forgotten and has joined again is current once more, but others may have had its partitions.
  group_metadata_ptr group_metadata() const;
  /// Waits at most `timeout`, also for transactions that are just being finished. errc::timed_out or unavailable: ask
  /// again.
  result<std::vector<committed_offset>> committed(std::span<const std::int32_t> partitions,
                                                  std::chrono::milliseconds timeout) const;
};

} // namespace chalkstream::kafka
