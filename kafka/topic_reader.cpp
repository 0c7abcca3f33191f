#include "kafka/topic_reader.hpp"

#include "kafka/client_conf.hpp"
#include "kafka/messages.hpp"

#include <librdkafka/rdkafka.h>

#include <set>
#include <thread>

namespace chalkstream::kafka {

struct topic_reader::state {
  explicit state(log& out) : context(out) {}
  ~state() {
    if (client)
      rd_kafka_consumer_close(client.get());
  }

  client_context context;
  client_ptr client;
  std::set<std::int32_t> unfinished;
};

result<topic_reader> topic_reader::open(const std::string& brokers, const std::string& topic, isolation level,
                                        const client_properties& client, std::chrono::milliseconds timeout,
                                        log& out) {
  return open(brokers, topic, level, std::nullopt, client, timeout, out);
}

result<topic_reader> topic_reader::open_at_newest(const std::string& brokers, const std::string& topic,
                                                  std::size_t records, const client_properties& client,
                                                  std::chrono::milliseconds timeout, log& out) {
  return open(brokers, topic, isolation::committed, records, client, timeout, out);
}

result<topic_reader> topic_reader::open(const std::string& brokers, const std::string& topic, isolation level,
                                        std::optional<std::size_t> newest, const client_properties& client,
                                        std::chrono::milliseconds timeout, log& out) {
  CHALK_CHECK(check_brokers(brokers));
  auto s = std::make_shared<state>(out);
  client_conf conf = plain_conf(brokers, {});
  conf.set("group.id", "unused") // the consumer API wants one; nothing joins or commits
      .set("enable.auto.commit", "false")
      .set("enable.auto.offset.store", "false")
      .set("isolation.level", level == isolation::committed ? "read_committed" : "read_uncommitted")
      .set("auto.offset.reset", "earliest")
      .set("enable.partition.eof", "true")
      .set("fetch.wait.max.ms", 20)
      .set("queued.max.messages.kbytes", 32'768)
      .set_if_known("fetch.queue.backoff.ms", "5")
      .set_all(client);
  CHALK_TRY(s->client, std::move(conf).make_consumer(s->context));
  rd_kafka_poll_set_consumer(s->client.get());

  const topic_ptr handle{rd_kafka_topic_new(s->client.get(), topic.c_str(), nullptr)};
  const auto deadline = clock::system().now() + timeout;
  partition_list_ptr list{rd_kafka_topic_partition_list_new(8)};
  while (list->cnt == 0) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(s->client.get(), 0, handle.get(), &found, 1000);
    auto topic_code = code;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      topic_code = found->topics[0].err;
      for (int i = 0; i < found->topics[0].partition_cnt && topic_code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
        const auto partition = found->topics[0].partitions[i].id;
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
        s->unfinished.insert(partition);
      }
      rd_kafka_metadata_destroy(found);
    }
    if (list->cnt > 0)
      break;
    if (clock::system().now() >= deadline)
      return {to_errc(topic_code), "topic '" + topic + "' cannot be read: " + describe(topic_code)};
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  if (newest)
    for (int i = 0; i < list->cnt; ++i)
      list->elems[i].offset =
          RD_KAFKA_OFFSET_TAIL(static_cast<std::int64_t>(*newest / static_cast<std::size_t>(list->cnt) + 1));
  if (const auto code = rd_kafka_assign(s->client.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {to_errc(code), "topic '" + topic + "' cannot be read: " + describe(code)};
  return topic_reader{std::move(s)};
}

topic_reader::topic_reader(std::shared_ptr<state> s) : state_(std::move(s)) {}
topic_reader::topic_reader(topic_reader&&) noexcept = default;
topic_reader& topic_reader::operator=(topic_reader&&) noexcept = default;
topic_reader::~topic_reader() = default;

result<std::vector<record>> topic_reader::read(std::size_t max, std::chrono::milliseconds timeout) {
  std::vector<record> records;
  const auto deadline = clock::system().now() + timeout;
  while (records.size() < max) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::system().now()).count();
    if (left < 0)
      break;
    message_ptr message{rd_kafka_consumer_poll(state_->client.get(), records.empty() ? static_cast<int>(left) : 0)};
    if (!message) {
      if (!records.empty())
        break;
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      state_->unfinished.erase(message->partition);
      if (at_end())
        break;
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      state_->unfinished.insert(message->partition);
      records.push_back(to_record(std::move(message), state_));
    } else if (to_errc(message->err) != errc::unavailable && to_errc(message->err) != errc::timed_out) {
      return {to_errc(message->err), describe(message->err)};
    }
  }
  return records;
}

bool topic_reader::at_end() const noexcept {
  return state_->unfinished.empty();
}

} // namespace chalkstream::kafka
