#include "kafka/member.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstdlib>

namespace chalkstream::kafka {

void metadata_deleter::operator()(rd_kafka_consumer_group_metadata_s* metadata) const noexcept {
  rd_kafka_consumer_group_metadata_destroy(metadata);
}

partition_list_ptr list_of(const std::string& topic, std::span<const std::int32_t> partitions) {
  partition_list_ptr list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto p : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p);
  return list;
}

partition_list_ptr offsets_of(const std::string& topic, std::span<const commit_position> positions) {
  partition_list_ptr list{rd_kafka_topic_partition_list_new(static_cast<int>(positions.size()))};
  for (const auto& p : positions) {
    auto* entry = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p.partition);
    entry->offset = p.offset;
    if (p.note.empty())
      continue;
    entry->metadata = std::malloc(p.note.size()); // the list frees it
    entry->metadata_size = p.note.size();
    std::copy(p.note.begin(), p.note.end(), static_cast<char*>(entry->metadata));
  }
  return list;
}

bool member::lost() const {
  return handle() == nullptr || rd_kafka_assignment_lost(handle()) != 0;
}

connection::~connection() {
  if (client) // closed before, or beyond closing
    rd_kafka_destroy_flags(client.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

std::string member::member_id() const {
  char* id = handle() == nullptr ? nullptr : rd_kafka_memberid(handle());
  if (id == nullptr)
    return {};
  std::string text{id};
  rd_kafka_mem_free(handle(), id);
  return text;
}

group_metadata_ptr member::group_metadata() const {
  if (handle() == nullptr)
    return {};
  // An id never comes back, so what was taken between two looks at the same one belongs to it.
  const bool before = !identity.empty() && member_id() == identity;
  group_metadata_ptr taken{rd_kafka_consumer_group_metadata(handle())};
  if (!before || member_id() != identity)
    return {};
  return taken;
}

result<std::vector<committed_offset>> member::committed(std::span<const std::int32_t> partitions,
                                                        std::chrono::milliseconds timeout) const {
  if (handle() == nullptr)
    return {errc::unavailable, "the consumer is closed"};
  partition_list_ptr list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto p : partitions)
    rd_kafka_topic_partition_list_add(list.get(), settings.topic.c_str(), p);
  auto code = rd_kafka_committed(handle(), list.get(), static_cast<int>(timeout.count()));
  std::vector<committed_offset> found;
  for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    const auto& p = list->elems[i];
    code = p.err;
    found.push_back({p.partition, p.offset < 0 ? -1 : p.offset,
                     std::string{static_cast<const char*>(p.metadata), p.metadata == nullptr ? 0 : p.metadata_size}});
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {to_errc(code), "the group's offsets could not be read: " + describe(code)};
  return found;
}

} // namespace chalkstream::kafka
