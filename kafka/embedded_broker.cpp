#include "kafka/embedded_broker.hpp"

#include "kafka/client_conf.hpp"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace chalkstream::kafka {
namespace {

struct cluster_deleter {
  void operator()(rd_kafka_mock_cluster_t* cluster) const noexcept { rd_kafka_mock_cluster_destroy(cluster); }
};

constexpr std::int32_t only_broker = 1;

} // namespace

struct embedded_broker::state {
  explicit state(log& out) : context(out) {}

  client_context context;
  client_ptr host; // the cluster runs on a client's threads
  std::unique_ptr<rd_kafka_mock_cluster_t, cluster_deleter> cluster;
  std::string bootstrap;
};

result<embedded_broker> embedded_broker::start(std::span<const topic> topics, log& out) {
  auto s = std::make_unique<state>(out);
  client_conf conf;
  conf.set("client.id", "embedded-broker").set("log_level", 3);
  CHALK_TRY(s->host, std::move(conf).make_producer(s->context));
  s->cluster.reset(rd_kafka_mock_cluster_new(s->host.get(), 1));
  if (!s->cluster)
    return {errc::io, "the embedded broker could not open a port on 127.0.0.1"};
#if RD_KAFKA_VERSION >= 0x020b00ff
  rd_kafka_mock_group_initial_rebalance_delay_ms(s->cluster.get(), 0); // older ones let the first member wait 3 s
#endif
  s->bootstrap = rd_kafka_mock_cluster_bootstraps(s->cluster.get());
  embedded_broker broker{std::move(s)};
  for (const auto& t : topics)
    CHALK_CHECK(broker.create(t));
  return broker;
}

result<void> embedded_broker::create(const topic& t) {
  const auto code = rd_kafka_mock_topic_create(state_->cluster.get(), t.name.c_str(), t.partitions, 1);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {errc::invalid_argument, "topic '" + t.name + "': " + describe(code)};
  return {};
}

embedded_broker::embedded_broker(std::unique_ptr<state> s) : state_(std::move(s)) {}
embedded_broker::embedded_broker(embedded_broker&&) noexcept = default;
embedded_broker& embedded_broker::operator=(embedded_broker&&) noexcept = default;
embedded_broker::~embedded_broker() = default;

const std::string& embedded_broker::bootstrap() const noexcept {
  return state_->bootstrap;
}

client_properties embedded_broker::client() {
  return {{"fetch.wait.max.ms", "10"}};
}

void embedded_broker::fail_next(int api_key, std::span<const int> codes) {
  std::vector<rd_kafka_resp_err_t> errors;
  for (const auto c : codes)
    errors.push_back(static_cast<rd_kafka_resp_err_t>(c));
  rd_kafka_mock_push_request_errors_array(state_->cluster.get(), static_cast<std::int16_t>(api_key), errors.size(),
                                          errors.data());
}

void embedded_broker::set_reachable(bool reachable) {
  if (reachable)
    rd_kafka_mock_broker_set_up(state_->cluster.get(), only_broker);
  else
    rd_kafka_mock_broker_set_down(state_->cluster.get(), only_broker);
}

} // namespace chalkstream::kafka
