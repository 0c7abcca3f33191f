#include "kafka/topics.hpp"

#include "kafka/client_conf.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <thread>

namespace chalkstream::kafka {
namespace {

using namespace std::chrono_literals;
using topic_map = std::map<std::string, int, std::less<>>; // name to partitions

/// Names that a person may have meant, at most three.
std::string close_names(const std::string& wanted, const topic_map& existing) {
  const auto distance = [](std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < a.size(); ++i) {
      auto diagonal = std::exchange(row[0], i + 1);
      for (std::size_t j = 0; j < b.size(); ++j)
        diagonal = std::exchange(row[j + 1], std::min({row[j + 1] + 1, row[j] + 1, diagonal + (a[i] != b[j])}));
    }
    return row.back();
  };
  std::vector<std::pair<std::size_t, std::string_view>> close;
  for (const auto& [name, partitions] : existing)
    if (const auto d = distance(wanted, name);
        !name.starts_with("__") && (d <= 2 + wanted.size() / 4 || name.find(wanted) != std::string::npos))
      close.emplace_back(d, name);
  std::sort(close.begin(), close.end());
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(close.size(), 3); ++i)
    text.append(i == 0 ? "; did you mean '" : "' or '").append(close[i].second);
  return text.empty() ? text : text + "'?";
}

class administration {
public:
  administration(const session_settings& settings, std::chrono::milliseconds timeout, log& out)
      : settings_(settings), deadline_(clock::system().now() + timeout), context_(out) {
    context_.trouble = [this](int code) {
      if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION)
        refused_ = true;
    };
  }

  result<void> connect() {
    CHALK_TRY(client_, plain_conf(settings_.brokers, settings_.client).make_producer(context_));
    return {};
  }

  /// The embedded broker knows no administration; it makes a topic when it is asked for.
  result<void> ask_for(const std::string& name) {
    auto conf = plain_conf(settings_.brokers, settings_.client);
    conf.set("allow.auto.create.topics", "true");
    CHALK_TRY(const auto client, std::move(conf).make_producer(context_));
    const topic_ptr topic{rd_kafka_topic_new(client.get(), name.c_str(), nullptr)};
    while (true) {
      const rd_kafka_metadata_t* found = nullptr;
      auto code = rd_kafka_metadata(client.get(), 0, topic.get(), &found, std::min(left(), 2000));
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        code = found->topic_cnt == 1 ? found->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        rd_kafka_metadata_destroy(found);
      }
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return {};
      if (left() <= 1)
        return {to_errc(code), "topic '" + name + "' is missing and could not be made: " + describe(code)};
      std::this_thread::sleep_for(50ms);
    }
  }

  result<topic_map> topics() {
    while (true) {
      const rd_kafka_metadata_t* found = nullptr;
      const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &found, std::min(left(), 2000));
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        topic_map names;
        for (int i = 0; i < found->topic_cnt; ++i) {
          const auto& t = found->topics[i];
          const bool led = std::all_of(t.partitions, t.partitions + t.partition_cnt,
                                       [](const rd_kafka_metadata_partition_t& p) { return p.leader >= 0; });
          names.emplace(t.topic, led ? t.partition_cnt : 0);
        }
        rd_kafka_metadata_destroy(found);
        return names;
      }
      rd_kafka_poll(client_.get(), 0); // says what troubles it
      if (left() <= 1)
        return not_reached(code);
      std::this_thread::sleep_for(100ms);
    }
  }

  result<void> create(const std::string& name, int partitions) {
    std::array<char, 512> reason{};
    rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, -1, reason.data(), reason.size());
    if (topic == nullptr)
      return {errc::invalid_configuration, "topic '" + name + "': " + reason.data()};
    const auto limit = std::to_string(settings_.max_message_bytes + 4096); // the batch around a message counts too
    rd_kafka_NewTopic_set_config(topic, "max.message.bytes", limit.c_str());
    const queue_ptr answers{rd_kafka_queue_new(client_.get())};
    rd_kafka_CreateTopics(client_.get(), &topic, 1, nullptr, answers.get());
    rd_kafka_event_t* event = rd_kafka_queue_poll(answers.get(), left());
    rd_kafka_NewTopic_destroy(topic);
    auto code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    std::string text = describe(code);
    if (event != nullptr) {
      code = rd_kafka_event_error(event);
      text = rd_kafka_event_error_string(event);
      std::size_t count = 0;
      if (const auto* done = rd_kafka_event_CreateTopics_result(event);
          done != nullptr && code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const auto* const* results = rd_kafka_CreateTopics_result_topics(done, &count);
        for (std::size_t i = 0; i < count; ++i) {
          code = rd_kafka_topic_result_error(results[i]);
          const char* why = rd_kafka_topic_result_error_string(results[i]);
          text = why == nullptr ? describe(code) : why;
        }
      }
      rd_kafka_event_destroy(event);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      return {};
    return {to_errc(code), "topic '" + name + "' is missing and could not be made: " + text};
  }

  bool is_embedded() {
    char* id = rd_kafka_clusterid(client_.get(), std::min(left(), 2000));
    const bool mock = id != nullptr && std::string_view{id}.starts_with("mockCluster");
    if (id != nullptr)
      rd_kafka_mem_free(client_.get(), id);
    return mock;
  }

  int left() const {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - clock::system().now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(ms, 1, 3'600'000));
  }

private:
  /// A broker that does not accept a name and password closes the connection; asking it only runs out of time.
  error not_reached(int code) const {
    if (!refused_)
      return {to_errc(code), "no broker of " + settings_.brokers + " answers: " + describe(code)};
    return {errc::invalid_configuration, "the brokers of " + settings_.brokers + " do not accept who this says it is: "
                                             + describe(RD_KAFKA_RESP_ERR__AUTHENTICATION)
                                             + "; look at security.protocol and what begins with sasl under client"};
  }

  const session_settings& settings_;
  time_point deadline_;
  client_context context_;
  bool refused_ = false;
  client_ptr client_;
};

} // namespace

result<std::size_t> count_partitions(const session_settings& settings, std::chrono::milliseconds timeout, log& out) {
  administration admin{settings, timeout, out};
  CHALK_CHECK(admin.connect());
  CHALK_TRY(const auto existing, admin.topics());
  const auto at = existing.find(settings.topic);
  if (at == existing.end())
    return {errc::not_found, "topic '" + settings.topic + "' does not exist" + close_names(settings.topic, existing)};
  if (at->second == 0)
    return {errc::unavailable, "topic '" + settings.topic + "' has no leader for some of its partitions"};
  return static_cast<std::size_t>(at->second);
}

result<void> ensure_topics(const session_settings& settings, std::span<const topic_wish> wishes,
                           std::chrono::milliseconds timeout, log& out) {
  administration admin{settings, timeout, out};
  CHALK_CHECK(admin.connect());
  CHALK_TRY(auto existing, admin.topics());
  for (const auto& wish : wishes) {
    if (existing.contains(wish.name))
      continue;
    if (!wish.create)
      return {errc::not_found, "topic '" + wish.name + "' does not exist" + close_names(wish.name, existing)};
    int partitions = wish.partitions;
    if (partitions == 0) {
      const auto input = existing.find(settings.topic);
      partitions = input == existing.end() || input->second == 0 ? -1 : input->second;
    }
    CHALK_CHECK(admin.is_embedded() ? admin.ask_for(wish.name) : admin.create(wish.name, partitions));
    out.info("kafka", "topic " + wish.name + " was missing and has been made"
                          + (partitions > 0 ? " with " + std::to_string(partitions) + " partitions" : ""));
  }
  // Ready means led: the first records to a topic without leaders would wait for a retry.
  while (true) {
    CHALK_TRY(existing, admin.topics());
    const auto missing = std::find_if(wishes.begin(), wishes.end(), [&existing](const topic_wish& w) {
      const auto at = existing.find(w.name);
      return at == existing.end() || at->second == 0;
    });
    if (missing == wishes.end())
      return {};
    if (admin.left() <= 1)
      return {errc::timed_out, "topic '" + missing->name + "' has no leader for some of its partitions"};
    std::this_thread::sleep_for(50ms);
  }
}

} // namespace chalkstream::kafka
