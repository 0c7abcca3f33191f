#include "kafka/handles.hpp"

#include <librdkafka/rdkafka.h>

namespace chalkstream::kafka {

void handle_deleter::operator()(rd_kafka_s* client) const noexcept {
  rd_kafka_destroy(client);
}
void handle_deleter::operator()(rd_kafka_conf_s* conf) const noexcept {
  rd_kafka_conf_destroy(conf);
}
void handle_deleter::operator()(rd_kafka_error_s* what) const noexcept {
  rd_kafka_error_destroy(what);
}
void handle_deleter::operator()(rd_kafka_queue_s* queue) const noexcept {
  rd_kafka_queue_destroy(queue);
}
void handle_deleter::operator()(rd_kafka_topic_s* topic) const noexcept {
  rd_kafka_topic_destroy(topic);
}
void handle_deleter::operator()(rd_kafka_topic_partition_list_s* list) const noexcept {
  rd_kafka_topic_partition_list_destroy(list);
}

std::string describe(int code) {
  const auto err = static_cast<rd_kafka_resp_err_t>(code);
  return std::string{rd_kafka_err2str(err)} + " (" + rd_kafka_err2name(err) + ")";
}

std::string describe(const rd_kafka_error_s& what) {
  return std::string{rd_kafka_error_string(&what)} + " (" + rd_kafka_error_name(&what) + ")";
}

errc to_errc(int code) noexcept {
  switch (code) {
  case RD_KAFKA_RESP_ERR__TIMED_OUT:
  case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
  case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    return errc::timed_out;
  case RD_KAFKA_RESP_ERR__FENCED:
  case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
  case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
  case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    return errc::fenced;
  case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
  case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
  case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    return errc::not_found;
  case RD_KAFKA_RESP_ERR__INVALID_ARG:
  case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
  case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
  case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
  case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    return errc::invalid_configuration;
  case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
  case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    return errc::unsupported;
  default:
    return errc::unavailable;
  }
}

} // namespace chalkstream::kafka
