// What becomes of a member's partitions: assignments, revocations, and starting over.
#include "kafka/consumer.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>

namespace chalkstream::kafka {
namespace {

using namespace std::chrono_literals;

/// How long one poll may wait for the offsets of a new assignment.
constexpr auto lookup_slice = 200ms;
/// Waking up need not take longer: the library's threads look by themselves after a second.
constexpr auto longest_wake_up = 1s;
/// Being fenced this often in a minute means that another process uses our name.
constexpr std::size_t most_fencings = 3;

/// The earliest offsets the log holds; works on every version and does not exceed its time, unlike the watermark
/// query.
result<std::map<std::int32_t, std::int64_t>> earliest(rd_kafka_t* client, const std::string& topic,
                                                      std::span<const std::int32_t> partitions) {
  std::map<std::int32_t, std::int64_t> found;
  if (partitions.empty())
    return found;
  auto list = list_of(topic, partitions);
  for (int i = 0; i < list->cnt; ++i)
    list->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
  auto code = rd_kafka_offsets_for_times(client, list.get(), static_cast<int>(lookup_slice.count()));
  for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    code = list->elems[i].err;
    found[list->elems[i].partition] = std::max<std::int64_t>(0, list->elems[i].offset);
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {to_errc(code), "the start of the log could not be read: " + describe(code)};
  return found;
}

} // namespace

bool consumer::cooperative() const {
  const char* protocol = rd_kafka_rebalance_protocol(member_->handle());
  return protocol != nullptr && std::string_view{protocol} == "COOPERATIVE";
}

void consumer::on_rebalance(int code, const rd_kafka_topic_partition_list_s& list) {
  std::vector<std::int32_t> partitions;
  partitions.reserve(static_cast<std::size_t>(list.cnt));
  for (int i = 0; i < list.cnt; ++i)
    partitions.push_back(list.elems[i].partition);
  ++member_->counters->rebalances;

  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    if (closing_)
      return assign_nothing(partitions);
    auto id = member_->member_id();
    estranged_ = !assigned_.empty() && id != member_->identity;
    member_->identity = std::move(id);
    to_assign_ = std::move(partitions);
    to_assign_since_ = clock::system().now();
    next_lookup_ = to_assign_since_;
    next_complaint_ = to_assign_since_ + 5s;
    return;
  }
  to_assign_.reset();
  std::vector<std::int32_t> held;
  std::copy_if(partitions.begin(), partitions.end(), std::back_inserter(held),
               [this](std::int32_t p) { return assigned_.contains(p); });
  std::erase_if(taken_,
                [&held](const record& r) { return std::find(held.begin(), held.end(), r.partition) != held.end(); });
  if (closing_ || held.empty() || member_->lost() || member_->member_id() != member_->identity) {
    if (!closing_) {
      tell_lost_.insert(tell_lost_.end(), held.begin(), held.end());
      member_->counters->lost_partitions += held.size();
    }
    unassign(partitions);
    return;
  }
  tell_revoking_.insert(tell_revoking_.end(), held.begin(), held.end());
  unreleased_.insert(held.begin(), held.end());
  if (!revoked_)
    revoked_.emplace();
  revoked_->insert(revoked_->end(), partitions.begin(), partitions.end());
}

void consumer::forget_all() {
  for (const auto& [partition, state] : assigned_)
    tell_lost_.push_back(partition);
  member_->counters->lost_partitions += assigned_.size();
  tell_revoking_.clear();
  unreleased_.clear();
  taken_.clear();
  assigned_.clear();
}

// A cooperative member that the group forgot while a revocation was pending joins again under a new id, and the
// library lets it keep partitions that may have been somebody else's in between: their positions are worth nothing.
void consumer::start_over() {
  member_->out->warning("kafka", "the group had forgotten this member; it gives everything up and joins anew");
  forget_all();
  if (revoked_)
    unassign(*std::exchange(revoked_, std::nullopt));
  if (to_assign_)
    assign_nothing(*std::exchange(to_assign_, std::nullopt));
  rd_kafka_unsubscribe(member_->handle());
  if (const auto again = subscribe(); !again)
    member_->out->error("kafka", again.error().message);
}

// A static member whose session ended while the broker was away fences itself when its heartbeats come back before it
// has joined again; the library calls that fatal. Another process of our name looks the same, but comes back.
result<void> consumer::start_anew() {
  const auto now = clock::system().now();
  fencings_.push_back(now);
  while (now - fencings_.front() > 1min)
    fencings_.pop_front();
  if (fencings_.size() > most_fencings)
    return {errc::fenced, "another process uses the instance name " + instance_name(member_->settings)
                              + ": give each its own instance"};
  member_->out->warning("kafka", "the group knows another member of our name; a new consumer takes its place");
  forget_all();
  disconnect(false);
  estranged_ = false;
  return connect();
}

result<void> consumer::finish_assignment(intake& out) {
  const auto started = clock::system().now();
  if (!to_assign_ || started < next_lookup_)
    return {};
  auto& m = *member_;
  auto* client = m.handle();
  std::vector<committed_offset> offsets;
  std::map<std::int32_t, std::int64_t> starts;
  if (!to_assign_->empty()) {
    auto found = m.committed(*to_assign_, lookup_slice);
    result<std::map<std::int32_t, std::int64_t>> first{starts};
    if (found) {
      std::vector<std::int32_t> fresh;
      for (const auto& c : *found)
        if (c.offset < 0)
          fresh.push_back(c.partition);
      first = earliest(client, m.settings.topic, fresh);
    }
    if (!found || !first) {
      const auto now = clock::system().now();
      if (now >= next_complaint_) {
        m.out->warning("kafka", "still waiting to start the assigned partitions: "
                                    + (found ? first.error() : found.error()).message);
        next_complaint_ = now + 30s;
      }
      next_lookup_ = std::max(now, started + 100ms);
      return {};
    }
    offsets = std::move(*found);
    starts = std::move(*first);
  }

  auto list = list_of(m.settings.topic, *to_assign_);
  for (int i = 0; i < list->cnt; ++i) {
    const auto& c = offsets[static_cast<std::size_t>(i)];
    list->elems[i].offset = c.offset < 0 ? static_cast<std::int64_t>(RD_KAFKA_OFFSET_BEGINNING) : c.offset;
  }
  to_assign_.reset();
  if (const auto why = answer(list.get(), true)) {
    // The group has moved on meanwhile; it will tell.
    m.out->warning("kafka", "an assignment came to nothing: " + *why);
    return {};
  }
  wake_fetchers();
  joined_ = true;
  for (const auto& c : offsets) {
    const auto start = c.offset < 0 ? starts.at(c.partition) : c.offset;
    assigned_[c.partition] = {start, false, false};
    out.assigned.push_back({c.partition, c.offset, start, c.note});
  }
  return {};
}

std::optional<std::string> consumer::answer(rd_kafka_topic_partition_list_s* list, bool assign) {
  auto* client = member_->handle();
  if (cooperative()) {
    const error_ptr failed{assign ? rd_kafka_incremental_assign(client, list)
                                  : rd_kafka_incremental_unassign(client, list)};
    return failed ? std::optional{describe(*failed)} : std::nullopt;
  }
  const auto code = rd_kafka_assign(client, assign ? list : nullptr);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? std::nullopt : std::optional{describe(code)};
}

// While it waits for an answer about some partitions, the library fetches none at all. Afterwards, and when a
// partition is resumed, it sets a flag, at which its broker threads look when something wakes them; a heartbeat does
// not, for it has a thread of its own, but any response of a broker that has our partitions does.
void consumer::wake_fetchers() {
  if (assigned_.empty())
    return;
  static_cast<void>(rd_kafka_rebalance_protocol(member_->handle())); // answered by who sets the flags, behind them
  std::vector<std::int32_t> staying;
  for (const auto& [partition, state] : assigned_)
    staying.push_back(partition);
  auto list = list_of(member_->settings.topic, staying);
  for (int i = 0; i < list->cnt; ++i)
    list->elems[i].offset = RD_KAFKA_OFFSET_END;
  static_cast<void>(
      rd_kafka_offsets_for_times(member_->handle(), list.get(), static_cast<int>(longest_wake_up / 1ms)));
}

void consumer::unassign(std::span<const std::int32_t> partitions) {
  if (const auto why = answer(list_of(member_->settings.topic, partitions).get(), false))
    member_->out->warning("kafka", "a revocation was not accepted: " + *why);
  for (const auto p : partitions)
    assigned_.erase(p);
}

// The library must be answered before it can leave; from the end on nothing is read.
void consumer::assign_nothing(std::span<const std::int32_t> partitions) {
  auto list = list_of(member_->settings.topic, partitions);
  for (int i = 0; i < list->cnt; ++i)
    list->elems[i].offset = RD_KAFKA_OFFSET_END;
  answer(list.get(), true);
}

void consumer::release(std::span<const std::int32_t> partitions) {
  if (!revoked_)
    return;
  for (const auto p : partitions)
    unreleased_.erase(p);
  if (unreleased_.empty())
    unassign(*std::exchange(revoked_, std::nullopt));
}

} // namespace chalkstream::kafka
