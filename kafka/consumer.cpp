#include "kafka/consumer.hpp"

#include "kafka/messages.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace chalkstream::kafka {
namespace {

using namespace std::chrono_literals;

/// How long one poll may wait for the offsets of a new assignment.
constexpr auto lookup_slice = 200ms;
/// Records kept back while paused before fetching is really stopped (which throws away what was fetched ahead).
constexpr std::size_t kept_while_paused = 64;
/// Being fenced this often in a minute means that another process uses our name.
constexpr std::size_t most_fencings = 3;

partition_list_ptr list_of(const std::string& topic, std::span<const std::int32_t> partitions) {
  partition_list_ptr list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto p : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p);
  return list;
}

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

consumer::~consumer() {
  close();
}

bool consumer::cooperative() const {
  const char* protocol = rd_kafka_rebalance_protocol(member_->handle());
  return protocol != nullptr && std::string_view{protocol} == "COOPERATIVE";
}

result<void> consumer::open(std::function<void()> ready) {
  if (member_->link)
    return {errc::invalid_argument, "the source is open already"};
  ready_ = std::move(ready);
  return connect();
}

result<void> consumer::connect() {
  auto link = std::make_shared<connection>(*member_->out);
  link->context.rebalanced = [this](int code, rd_kafka_topic_partition_list_s* list) { on_rebalance(code, *list); };
  CHALK_TRY(link->client, consumer_conf(member_->settings).make_consumer(link->context));
  auto* client = link->client.get();
  rd_kafka_poll_set_consumer(client);
  queue_.reset(rd_kafka_queue_get_consumer(client));
  if (ready_)
    rd_kafka_queue_cb_event_enable(
        queue_.get(), [](rd_kafka_t*, void* self) { static_cast<consumer*>(self)->ready_(); }, this);
  member_->link = std::move(link);
  return subscribe();
}

result<void> consumer::subscribe() {
  const auto& topic = member_->settings.topic;
  const partition_list_ptr topics{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto code = rd_kafka_subscribe(member_->handle(), topics.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {to_errc(code), "cannot subscribe to " + topic + ": " + describe(code)};
  return {};
}

result<intake> consumer::poll(std::size_t max_records) {
  intake out;
  if (member_->handle() == nullptr)
    return {errc::invalid_argument, "the source is not open"};
  // One call at least, whatever is wanted: it keeps the membership alive and brings changes of the assignment.
  const bool hand_out = !paused_ && max_records > 0;
  if (!hand_out && taken_.size() >= kept_while_paused)
    stop_fetching();
  bool more = true;
  do {
    CHALK_TRY(more, take_one());
  } while (more && hand_out && taken_.size() < max_records);

  if (std::exchange(fenced_, false))
    CHALK_CHECK(start_anew());
  if (std::exchange(estranged_, false))
    start_over();
  CHALK_CHECK(finish_assignment(out));
  if (!unreleased_.empty() && member_->lost()) {
    tell_lost_.insert(tell_lost_.end(), unreleased_.begin(), unreleased_.end());
    unreleased_.clear();
    unassign(*std::exchange(revoked_, std::nullopt));
  }
  out.joined = joined_;
  out.revoking = std::exchange(tell_revoking_, {});
  out.lost = std::exchange(tell_lost_, {});
  if (hand_out) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(max_records, taken_.size()));
    out.records.assign(std::make_move_iterator(taken_.begin()), std::make_move_iterator(taken_.begin() + count));
    taken_.erase(taken_.begin(), taken_.begin() + count);
    if (taken_.empty())
      restart_fetching();
    if ((more || !taken_.empty()) && ready_)
      ready_(); // the library wakes us only when its queue was empty before
  }
  return out;
}

result<bool> consumer::take_one() {
  message_ptr message{rd_kafka_consumer_poll(member_->handle(), 0)};
  if (!message)
    return false;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    CHALK_CHECK(on_event(message->err, message->partition, message->offset, rd_kafka_message_errstr(message.get())));
    return true;
  }
  const auto at = assigned_.find(message->partition);
  if (at == assigned_.end() || unreleased_.contains(message->partition))
    return true;
  auto& state = at->second;
  state.at_end = false;
  if (message->offset < state.next)
    return true; // fetched again after a pause or a rebalance
  state.next = message->offset + 1;
  taken_.push_back(to_record(std::move(message), member_->link));
  return true;
}

result<void> consumer::on_event(int code, std::int32_t partition, std::int64_t offset, const char* reason) {
  const auto& topic = member_->settings.topic;
  switch (code) {
  case RD_KAFKA_RESP_ERR__PARTITION_EOF:
    if (const auto at = assigned_.find(partition); at != assigned_.end()) {
      at->second.at_end = true;
      at->second.next = std::max(at->second.next, offset);
    }
    return {};
  case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
  case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    return {errc::corrupt,
            topic + "/" + std::to_string(partition)
                + ": the log does not hold the group's committed offset any more (" + reason
                + "). Records may be lost, so nothing is skipped on its own: look at the topic's retention, "
                  "then set the group's offset (kafka-consumer-groups --reset-offsets) and start again"};
  case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    fenced_ = true;
    return {};
  case RD_KAFKA_RESP_ERR__FATAL: {
    char why[512] = "";
    const auto cause = rd_kafka_fatal_error(member_->handle(), why, sizeof why);
    fenced_ = cause == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
    if (fenced_)
      return {};
    return {to_errc(cause), "the consumer cannot go on: " + std::string{why} + " (" + describe(cause) + ")"};
  }
  default:
    break;
  }
  // Trouble that passes, or that somebody must repair while we hold still: said once, then once a minute.
  auto text = describe(code) + (reason == nullptr ? "" : ": " + std::string{reason});
  const auto now = clock::system().now();
  if (text != last_event_ || now - last_event_at_ > 60s) {
    member_->out->warning("kafka", topic + ": " + text);
    last_event_ = std::move(text);
    last_event_at_ = now;
  }
  return {};
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

void consumer::resume() {
  paused_ = false;
  if (ready_ && member_->handle() != nullptr)
    ready_();
}

void consumer::stop_fetching() {
  std::vector<std::int32_t> fetching;
  for (auto& [partition, state] : assigned_)
    if (!std::exchange(state.stopped, true))
      fetching.push_back(partition);
  if (!fetching.empty())
    rd_kafka_pause_partitions(member_->handle(), list_of(member_->settings.topic, fetching).get());
}

// Only what was stopped here: before 2.4 resuming more can read old records again.
void consumer::restart_fetching() {
  std::vector<std::int32_t> stopped;
  for (auto& [partition, state] : assigned_)
    if (std::exchange(state.stopped, false))
      stopped.push_back(partition);
  if (!stopped.empty())
    rd_kafka_resume_partitions(member_->handle(), list_of(member_->settings.topic, stopped).get());
}

std::int64_t consumer::lag() const {
  if (member_->handle() == nullptr)
    return 0;
  std::int64_t total = static_cast<std::int64_t>(taken_.size());
  for (const auto& [partition, state] : assigned_) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto code =
        rd_kafka_get_watermark_offsets(member_->handle(), member_->settings.topic.c_str(), partition, &low, &high);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && !state.at_end && high > state.next)
      total += high - state.next;
  }
  return total;
}

// A static member's close() keeps its place in the group until the session times out. Unsubscribing first makes it
// leave, so that a drained process's partitions move at once while a killed one's wait for its restart.
void consumer::leave() {
  auto* client = member_->handle();
  const auto deadline = clock::system().now() + 3s;
  rd_kafka_unsubscribe(client);
  while (clock::system().now() < deadline) {
    if (rd_kafka_message_t* message = rd_kafka_consumer_poll(client, 20))
      rd_kafka_message_destroy(message);
    if (member_->member_id().empty())
      return;
  }
  member_->out->warning("kafka", "the group did not let us leave in time; it will notice by the session timeout");
}

void consumer::close() {
  if (member_->handle() == nullptr)
    return;
  taken_.clear();
  disconnect(true);
  assigned_.clear();
}

void consumer::disconnect(bool leaving) {
  auto& m = *member_;
  auto* client = m.handle();
  closing_ = true;
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  if (revoked_)
    unassign(*std::exchange(revoked_, std::nullopt));
  if (to_assign_)
    assign_nothing(*std::exchange(to_assign_, std::nullopt));
  if (leaving && cooperative_is_sound() && m.settings.static_membership)
    leave();
  const queue_ptr last_words{rd_kafka_queue_new(client)};
  const error_ptr beyond_closing{rd_kafka_consumer_close_queue(client, last_words.get())}; // after a fatal error
  const auto deadline = clock::system().now() + 5s;
  const auto open = [&] { return !beyond_closing && rd_kafka_consumer_closed(client) == 0; };
  while (open() && clock::system().now() < deadline)
    message_ptr{rd_kafka_consume_queue(last_words.get(), 20)};
  queue_.reset();
  m.link->context.rebalanced = nullptr;
  if (open()) {
    // Some versions never finish when a partition was lost, and destroying the client would wait for it: it is kept
    // for the rest of the process.
    m.out->warning("kafka", "the consumer did not close in time and is left behind");
    m.link->context.out = &log::none();
    static_cast<void>(new std::shared_ptr<connection>(m.link)); // NOLINT: never deleted
  }
  m.link.reset();
  m.identity.clear();
  unreleased_.clear();
  closing_ = false;
}

} // namespace chalkstream::kafka
