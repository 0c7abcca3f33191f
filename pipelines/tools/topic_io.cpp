#include "pipelines/tools/topic_io.hpp"

#include "kafka/topic_reader.hpp"
#include "kafka/topic_writer.hpp"

namespace chalkstream::pipelines::tools {

namespace {

constexpr auto open_timeout = std::chrono::seconds(10);
constexpr std::size_t read_at_once = 4096;

// Nothing is gained by letting the broker wait for more: these tools are about latency.
const kafka::client_properties prompt{{"fetch.wait.max.ms", "10"}};

class sender final : public event_sender {
public:
  explicit sender(kafka::topic_writer writer) : writer_(std::move(writer)) {}

  result<void> send(std::optional<std::string_view> key, std::string_view value) override {
    kafka::new_record r;
    r.key = key;
    r.value = value;
    return writer_.write(r);
  }

  result<void> flush(std::chrono::milliseconds timeout) override { return writer_.flush(timeout); }

private:
  kafka::topic_writer writer_;
};

class watcher final : public result_watcher {
public:
  explicit watcher(kafka::topic_reader reader) : reader_(std::move(reader)) {}

  result<std::vector<seen_result>> read(std::chrono::milliseconds timeout) override {
    CHALK_TRY(const auto records, reader_.read(read_at_once, timeout));
    std::vector<seen_result> seen;
    seen.reserve(records.size());
    for (const auto& r : records)
      seen.push_back({r.partition, r.offset, std::string{r.value.value_or("")}});
    return seen;
  }

private:
  kafka::topic_reader reader_;
};

} // namespace

result<std::unique_ptr<event_sender>> event_sender::make(const std::string& brokers, const std::string& topic,
                                                         log& journal) {
  CHALK_TRY(auto writer, kafka::topic_writer::make(brokers, topic, {}, journal));
  return std::unique_ptr<event_sender>{std::make_unique<sender>(std::move(writer))};
}

result<std::unique_ptr<result_watcher>> result_watcher::make(const std::string& brokers, const std::string& topic,
                                                             log& journal) {
  CHALK_TRY(auto reader, kafka::topic_reader::open(brokers, topic, kafka::isolation::committed, prompt, open_timeout,
                                                   journal));
  return std::unique_ptr<result_watcher>{std::make_unique<watcher>(std::move(reader))};
}

} // namespace chalkstream::pipelines::tools
