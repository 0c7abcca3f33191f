// A real Prometheus scrapes a running exposition.
#include "monitoring/exposition.hpp"
#include "monitoring/registry.hpp"
#include "tests/monitoring/http_client.hpp"
#include "tests/support/prometheus_server.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace chalkstream::monitoring {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::http_get;

class prometheus_test : public testing::Test {
protected:
  void SetUp() override {
    auto started = exposition::start({.listen = "127.0.0.1:0", .max_connections = 16, .patience = 5s}, counts, {});
    ASSERT_TRUE(started) << started.error().message;
    shown = std::move(started).value();
    server.emplace(test::prometheus_plan{{shown->address()}});
  }

  // The values an instant query finds; empty while there are none.
  std::vector<std::string> query(const std::string& series) const {
    const auto body = body_of(http_get(server->port(), "/api/v1/query?query=" + series));
    const auto answer = nlohmann::json::parse(body, nullptr, false);
    std::vector<std::string> values;
    if (!answer.is_discarded() && answer.value("status", "") == "success")
      for (const auto& one : answer["data"]["result"])
        values.push_back(one["value"][1]);
    return values;
  }

  std::vector<std::string> query_until_there(const std::string& series) const {
    auto values = query(series);
    for (int i = 0; i < 100 && values.empty(); ++i) {
      std::this_thread::sleep_for(100ms);
      values = query(series);
    }
    return values;
  }

  registry counts{{"1.2.3", "", "", ""}};
  std::unique_ptr<exposition> shown;
  std::optional<test::prometheus_server> server;
};

TEST_F(prometheus_test, finds_the_build_and_the_counts) {
  counts.pipeline("short-answers")->received(42);
  counts.pipeline("short-answers")->slack(-3);
  ASSERT_TRUE(server->start()) << server->log();
  using testing::ElementsAre;
  EXPECT_THAT(query_until_there("chalkstream_build_info"), ElementsAre("1")) << server->log();
  EXPECT_THAT(query("chalkstream_build_info%7Bversion=%221.2.3%22%7D"), ElementsAre("1"));
  EXPECT_THAT(query("chalkstream_records_total%7Bpipeline=%22short-answers%22%7D"), ElementsAre("42"));
  EXPECT_THAT(query("chalkstream_deadline_slack_seconds_bucket%7Ble=%22-1.0%22%7D"), ElementsAre("1"));
  EXPECT_THAT(query("up"), ElementsAre("1"));
}

TEST_F(prometheus_test, takes_the_exemplars_of_traced_records) {
  const wall_time now = clock::system().wall_now();
  trace_mark traced;
  traced.trace.fill(0x4b);
  traced.span.fill(0x67);
  traced.at = now;
  counts.pipeline("short-answers")->answered(false, 0.375, traced);
  counts.pipeline("short-answers")->answered(false, 0.4);
  ASSERT_TRUE(server->start()) << server->log();
  ASSERT_THAT(query_until_there("chalkstream_request_duration_seconds_count"), testing::ElementsAre("2"))
      << server->log();
  const auto from = std::to_string(now.time_since_epoch().count() / 1000 - 60);
  const auto to = std::to_string(now.time_since_epoch().count() / 1000 + 60);
  const auto body = body_of(http_get(server->port(), "/api/v1/query_exemplars?query="
                                                     "chalkstream_request_duration_seconds_bucket&start="
                                                         + from + "&end=" + to));
  const auto answer = nlohmann::json::parse(body, nullptr, false);
  ASSERT_FALSE(answer.is_discarded()) << body;
  ASSERT_EQ(answer["data"].size(), 1u) << body;
  const auto& series = answer["data"][0];
  EXPECT_EQ(series["seriesLabels"]["pipeline"], "short-answers");
  EXPECT_EQ(series["seriesLabels"]["le"], "0.5");
  ASSERT_EQ(series["exemplars"].size(), 1u) << body;
  const auto& one = series["exemplars"][0];
  EXPECT_EQ(one["labels"]["trace_id"], "4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b");
  EXPECT_EQ(one["labels"]["span_id"], "6767676767676767");
  EXPECT_EQ(one["value"], "0.375");
  EXPECT_NEAR(one["timestamp"].get<double>(), static_cast<double>(now.time_since_epoch().count()) / 1000, 0.002);
}

} // namespace
} // namespace chalkstream::monitoring
