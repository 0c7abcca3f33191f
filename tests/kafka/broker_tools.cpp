#include "tests/kafka/broker_tools.hpp"

#include "kafka/client_conf.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <functional>

namespace chalkstream::test {
namespace {

void administer(const std::string& brokers, const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& request) {
  kafka::client_context context{log::none()};
  auto client = kafka::plain_conf(brokers, {}).make_producer(context);
  ASSERT_TRUE(client) << to_string(client.error());
  const kafka::queue_ptr answers{rd_kafka_queue_new(client->get())};
  request(client->get(), answers.get());
  rd_kafka_event_t* event = rd_kafka_queue_poll(answers.get(), 10000);
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_event_error_string(event);
  rd_kafka_event_destroy(event);
}

} // namespace

void set_topic_limit(const std::string& brokers, const std::string& topic, int bytes) {
  administer(brokers, [&](rd_kafka_t* client, rd_kafka_queue_t* answers) {
    rd_kafka_ConfigResource_t* config = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
    rd_kafka_ConfigResource_set_config(config, "max.message.bytes", std::to_string(bytes).c_str());
    rd_kafka_AlterConfigs(client, &config, 1, nullptr, answers);
    rd_kafka_ConfigResource_destroy(config);
  });
}

void delete_records_before(const std::string& brokers, const std::string& topic, std::int32_t partition,
                           std::int64_t offset) {
  administer(brokers, [&](rd_kafka_t* client, rd_kafka_queue_t* answers) {
    const kafka::partition_list_ptr list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
    rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
    rd_kafka_DeleteRecords(client, &request, 1, nullptr, answers);
    rd_kafka_DeleteRecords_destroy(request);
  });
}

void leave_a_transaction_open(const kafka::session_settings& s, const std::string& value, std::int64_t offset) {
  kafka::client_context context{log::none()};
  auto client = kafka::producer_conf(s, 1'000'000).make_producer(context);
  ASSERT_TRUE(client) << to_string(client.error());
  const auto expect_ok = [](rd_kafka_error_t* failed) {
    const kafka::error_ptr owned{failed};
    EXPECT_EQ(failed, nullptr) << kafka::describe(*failed);
  };
  expect_ok(rd_kafka_init_transactions(client->get(), 20000));
  expect_ok(rd_kafka_begin_transaction(client->get()));
  rd_kafka_producev(client->get(), RD_KAFKA_V_TOPIC(s.results_topic.c_str()),
                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                    RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END);
  const kafka::partition_list_ptr list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), s.topic.c_str(), 0)->offset = offset;
  rd_kafka_consumer_group_metadata_t* nobody = rd_kafka_consumer_group_metadata_new(s.group.c_str());
  expect_ok(rd_kafka_send_offsets_to_transaction(client->get(), list.get(), nobody, 10000));
  rd_kafka_consumer_group_metadata_destroy(nobody);
  EXPECT_EQ(rd_kafka_flush(client->get(), 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

} // namespace chalkstream::test
