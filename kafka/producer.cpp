#include "kafka/producer.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace chalkstream::kafka {
namespace {

using namespace std::chrono_literals;

/// How long a full queue may refuse an output before the window is given up.
constexpr auto longest_enqueue = 10s;
/// How much longer than the library's own limits a call may take before it is given up.
constexpr auto patience = 5s;

int milliseconds_until(time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::system().now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 1, 3'600'000));
}

call_error flags_of(const rd_kafka_error_s* e) {
  if (e == nullptr)
    return {};
  return {true, rd_kafka_error_txn_requires_abort(e) != 0, rd_kafka_error_is_retriable(e) != 0,
          rd_kafka_error_is_fatal(e) != 0};
}

} // namespace

bool is_too_large(int code) noexcept {
  return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
}

producer::core::~core() {
  topics.reset();
  if (client)
    rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

result<std::unique_ptr<producer>> producer::make(std::shared_ptr<member> owner, std::size_t batch_bytes) {
  auto c = std::make_shared<core>(std::move(owner));
  auto* p = c.get();
  c->context.undelivered = [p](int code, std::uintptr_t tag) {
    const std::lock_guard guard(p->mutex);
    p->failures.push_back({code, tag});
  };
  c->context.trouble = [p](int) { p->trouble = true; };
  const auto& settings = c->owner->settings;
  CHALK_TRY(c->client, producer_conf(settings, batch_bytes).make_producer(c->context));
  c->topics = std::make_unique<output_topics>(c->client.get(), settings);
  return std::unique_ptr<producer>{new producer{std::move(c), batch_bytes}};
}

call_outcome producer::run(std::function<call_outcome(core&)> calls, time_point deadline) {
  auto answer = std::make_shared<call_outcome>();
  const bool back = caller_.run([c = core_, answer, calls = std::move(calls)] { *answer = calls(*c); }, deadline);
  if (back)
    return std::move(*answer);
  return {remedy::new_producer, RD_KAFKA_RESP_ERR__TIMED_OUT, "a call did not come back in time", true};
}

call_outcome producer::repeat(core& c, const char* what, time_point deadline,
                              const std::function<rd_kafka_error_s*(int)>& call) {
  while (true) {
    const error_ptr failed{call(milliseconds_until(deadline))};
    const auto next = remedy_for(flags_of(failed.get()));
    if (next == remedy::none)
      return {};
    const auto code = rd_kafka_error_code(failed.get());
    const bool time_left = clock::system().now() < deadline;
    if (next != remedy::retry || !time_left)
      return {next == remedy::retry ? remedy::new_producer : next, code,
              std::string{what} + ": " + describe(*failed)};
    ++c.owner->counters->retries;
    std::this_thread::sleep_for(20ms);
  }
}

call_outcome producer::take_over(time_point deadline) {
  return run(
      [deadline](core& c) {
        return repeat(c, "init_transactions", deadline,
                      [&c](int ms) { return rd_kafka_init_transactions(c.client.get(), ms); });
      },
      deadline + patience);
}

call_outcome producer::begin() {
  take_failures();
  core_->trouble = false;
  const error_ptr failed{rd_kafka_begin_transaction(core_->client.get())};
  const auto next = remedy_for(flags_of(failed.get()));
  if (next == remedy::none)
    return {};
  return {next, rd_kafka_error_code(failed.get()), "begin_transaction: " + describe(*failed)};
}

call_outcome producer::enqueue(const output& o, std::size_t index) {
  const auto deadline = clock::system().now() + longest_enqueue;
  while (true) {
    const auto code = core_->topics->produce(o, index);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      return {};
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || clock::system().now() > deadline)
      return {remedy::abort, code, "produce: " + describe(code)};
    ++core_->owner->counters->retries;
    rd_kafka_poll(core_->client.get(), 50);
  }
}

call_outcome producer::await_arrival(core& c, time_point deadline) {
  while (const auto code = rd_kafka_flush(c.client.get(), 50)) {
    const std::lock_guard guard(c.mutex);
    if (!c.failures.empty())
      return {remedy::new_producer, c.failures.front().code, "a message was refused"};
    if (clock::system().now() > deadline)
      return {remedy::new_producer, code, "messages did not arrive in time"};
  }
  return {};
}

call_outcome producer::send_offsets_and_commit(std::span<const commit_position> positions) {
  const auto& settings = core_->owner->settings;
  const auto deadline = clock::system().now() + settings.transaction_timeout;
  // First everything has to arrive: a refused message can leave others behind it stuck, and a commit that waits for
  // those in vain would look like one of unknown outcome. And offsets that are refused because the group's generation
  // ends while they are on their way void the transaction; messages that fall with it before they have arrived leave
  // a gap in the numbers of the producer's messages, which voids the next one too.
  if (auto arrived = run([deadline](core& c) { return await_arrival(c, deadline); }, deadline + patience);
      arrived.next != remedy::none)
    return arrived;

  // As late as can be. Shared: a call that is given up may still be using them.
  const std::shared_ptr<rd_kafka_topic_partition_list_s> offsets{offsets_of(settings.topic, positions)};
  const std::shared_ptr<rd_kafka_consumer_group_metadata_s> membership{core_->owner->group_metadata()};
  if (!membership)
    return {remedy::abort, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, "the group does not know this member any more"};
  return run(
      [offsets, membership, deadline](core& c) {
        auto* client = c.client.get();
        auto sent = repeat(c, "send_offsets_to_transaction", deadline, [&](int ms) {
          return rd_kafka_send_offsets_to_transaction(client, offsets.get(), membership.get(), ms);
        });
        if (sent.next != remedy::none)
          return sent;
        // The library warns that a limit of one's own may leave it out of step with the coordinator. That does no
        // harm here: after one has passed, this producer is never used again.
        auto committed = repeat(c, "commit_transaction", deadline,
                                [&](int ms) { return rd_kafka_commit_transaction(client, ms); });
        // A transaction that has failed beforehand (known from a delivery or from the offsets) is refused without a
        // word to the coordinator. Any other failure may follow a request that was sent.
        committed.in_doubt = committed.next == remedy::new_producer;
        if (committed.next == remedy::abort
            && (committed.code == RD_KAFKA_RESP_ERR__TIMED_OUT || committed.code == RD_KAFKA_RESP_ERR__TRANSPORT))
          committed = {remedy::new_producer, committed.code, std::move(committed.text), true};
        return committed;
      },
      deadline + patience);
}

call_outcome producer::abort() {
  const auto deadline = clock::system().now() + core_->owner->settings.transaction_timeout;
  return run(
      [deadline](core& c) {
        return repeat(c, "abort_transaction", deadline,
                      [&c](int ms) { return rd_kafka_abort_transaction(c.client.get(), ms); });
      },
      deadline + patience);
}

call_outcome producer::flush(time_point deadline) {
  const auto code = rd_kafka_flush(core_->client.get(), milliseconds_until(deadline));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    return {};
  return {remedy::retry, code, "flush: " + describe(code)};
}

void producer::purge() {
  rd_kafka_purge(core_->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(core_->client.get(), 100);
}

std::vector<producer::failure> producer::take_failures() {
  rd_kafka_poll(core_->client.get(), 0);
  const std::lock_guard guard(core_->mutex);
  return std::exchange(core_->failures, {});
}

bool producer::take_trouble() {
  rd_kafka_poll(core_->client.get(), 0);
  return core_->trouble.exchange(false);
}

} // namespace chalkstream::kafka
