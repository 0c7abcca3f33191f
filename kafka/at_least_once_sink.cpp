#include "kafka/at_least_once_sink.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <numeric>
#include <thread>

namespace chalkstream::kafka {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_commit = 10s;
constexpr int most_attempts = 8;

} // namespace

result<void> at_least_once_sink::open() {
  CHALK_TRY(producer_, producer::make(member_, batch_bytes_));
  return {};
}

result<commit_outcome> at_least_once_sink::commit(const commit_window& window) {
  if (!producer_) {
    ++member_->counters->new_instances;
    CHALK_TRY(producer_, producer::make(member_, batch_bytes_));
  }
  if (deliver(window) && commit_offsets(window)) {
    ++member_->counters->commits;
    return commit_outcome::committed;
  }
  ++member_->counters->aborts;
  return commit_outcome::not_committed;
}

bool at_least_once_sink::deliver(const commit_window& window) {
  const auto& settings = member_->settings;
  auto& counters = *member_->counters;
  std::vector<std::size_t> left(window.outputs.size());
  std::iota(left.begin(), left.end(), 0);
  std::vector<bool> replaced(window.outputs.size(), false);
  for (int tries = 0; !left.empty() && tries < most_attempts; ++tries) {
    if (!producer_) {
      auto fresh = producer::make(member_, batch_bytes_);
      if (!fresh)
        return false;
      producer_ = std::move(*fresh);
    }
    producer_->take_failures();
    for (const auto i : left) {
      const auto& o = window.outputs[i];
      auto put = call_outcome{};
      if (!replaced[i] && wire_bytes(o) <= settings.max_message_bytes)
        put = producer_->enqueue(o, i);
      else
        put.code = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
      if (is_too_large(put.code)) {
        counters.claim_checks += replaced[i] ? 0 : 1;
        replaced[i] = true;
        put = producer_->enqueue(claim_check(o, settings.topic, settings.engine), i);
      }
      if (put.next != remedy::none) {
        member_->out->warning("kafka", put.text);
        producer_.reset();
        return false;
      }
    }
    const auto flushed = producer_->flush(clock::system().now() + settings.transaction_timeout);
    auto failed = producer_->take_failures();
    if (flushed.next != remedy::none) {
      member_->out->warning("kafka", flushed.text);
      producer_.reset();
      return false;
    }
    left.clear();
    bool batched = false;
    for (const auto& f : failed) {
      left.push_back(f.index);
      if (!is_too_large(f.code)) {
        member_->out->warning("kafka", "a message was not accepted: " + describe(f.code));
        producer_.reset(); // an idempotent producer is void once a message is in doubt
        return false;
      }
      batched = batched || (batch_bytes_ > 1 && wire_bytes(window.outputs[f.index]) <= batch_bytes_);
    }
    std::sort(left.begin(), left.end());
    if (batched) {
      batch_bytes_ = smaller_batch(batch_bytes_);
      producer_.reset();
    } else {
      for (const auto i : left) {
        counters.claim_checks += replaced[i] ? 0 : 1;
        replaced[i] = true;
      }
    }
  }
  return left.empty();
}

bool at_least_once_sink::commit_offsets(const commit_window& window) {
  if (window.positions.empty())
    return true;
  auto* client = member_->handle();
  if (client == nullptr)
    return false;
  const auto list = offsets_of(member_->settings.topic, window.positions);
  const queue_ptr answers{rd_kafka_queue_new(client)};
  const auto deadline = clock::system().now() + longest_commit;
  auto code = rd_kafka_commit_queue(client, list.get(), answers.get(), nullptr, nullptr);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::system().now()).count();
    rd_kafka_event_t* event = rd_kafka_queue_poll(answers.get(), static_cast<int>(left));
    code = event == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(event);
    if (event != nullptr)
      rd_kafka_event_destroy(event);
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    return true;
  member_->out->warning("kafka", "offsets were not committed: " + describe(code));
  return false;
}

} // namespace chalkstream::kafka
