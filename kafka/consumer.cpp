#include "kafka/consumer.hpp"

#include "kafka/messages.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>

namespace chalkstream::kafka {
namespace {

using namespace std::chrono_literals;

/// Records kept back while paused before fetching is really stopped (which throws away what was fetched ahead).
constexpr std::size_t kept_while_paused = 64;

} // namespace

consumer::~consumer() {
  close();
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
  if (stopped.empty())
    return;
  rd_kafka_resume_partitions(member_->handle(), list_of(member_->settings.topic, stopped).get());
  wake_fetchers();
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
