// What a real Prometheus answers to the autoscaler's question, and what the autoscaler makes of one that is killed,
// frozen or lies.
#include "monitoring/exposition.hpp"
#include "monitoring/prometheus_client.hpp"
#include "monitoring/registry.hpp"
#include "monitoring/scaling_query.hpp"
#include "monitoring/scaling_watch.hpp"
#include "tests/support/collecting_log.hpp"
#include "tests/support/prometheus_server.hpp"
#include "tests/support/scripted_server.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <thread>

namespace chalkstream::monitoring {
namespace {

using namespace std::chrono_literals;
using test::http_response;
using test::prometheus_plan;
using test::prometheus_server;
using test::scripted_answer;
using test::scripted_server;
using testing::HasSubstr;

constexpr std::uint64_t key = 281474976710655; // the largest there is

scaling_settings policy() {
  scaling_settings p;
  p.drain = 5s;
  p.slack = 1s;
  p.least = 1;
  p.most = 8;
  p.interval = 200ms;
  p.down_window = 400ms;
  p.stale_after = 3s;
  return p;
}

slots_scope scope() {
  return {.model = "minilm", .pipelines = {"short-answers", "exam.1"}, .writes = false, .key = key};
}

/// What a process shows while it works: 100 records a second come, 40 a second are done in 0.8 s of two slots.
class busy_process {
public:
  explicit busy_process(std::uint64_t own_key, std::size_t waiting = 50) : waiting_(waiting) {
    if (own_key != 0)
      counts_.autoscale_key(own_key);
    model_->replicas(2);
    counts_.device("cpu")->slots(2, 0.4);
    auto started = exposition::start({.listen = "127.0.0.1:0", .max_connections = 16, .patience = 5s}, counts_, {});
    if (started)
      shown_ = std::move(started).value();
    works_ = std::thread([this] {
      for (; !over_; std::this_thread::sleep_for(100ms))
        work();
    });
  }

  ~busy_process() {
    over_ = true;
    works_.join();
  }

  std::string address() const { return shown_->address(); }
  void rest() { resting_ = true; }

private:
  void work() {
    if (resting_) {
      model_->pending(0, 0, 0);
      pipeline_->lag(0);
      return;
    }
    model_->batch(4, 400, 512);
    model_->computed(0.08);
    model_->pending(waiting_, 5000, static_cast<double>(waiting_) / 100);
    pipeline_->received(4);
    pipeline_->lag(200);
    pipeline_->slack(0.2);
    pipeline_->in_flight(waiting_ + 4, 1000);
    for (int i = 0; i < 4; ++i)
      pipeline_->answered(false, 0.1);
  }

  registry counts_{{"1.2.3", "", "", ""}};
  std::size_t waiting_;
  std::shared_ptr<model_probe> model_ = counts_.model("minilm", "1", "cpu");
  std::shared_ptr<pipeline_probe> pipeline_ = counts_.pipeline("short-answers");
  std::unique_ptr<exposition> shown_;
  std::atomic<bool> over_{false};
  std::atomic<bool> resting_{false};
  std::thread works_;
};

class scaling_query_test : public testing::Test {
protected:
  result<scaling_observation> look(metric_source& source, const std::string& question, std::string_view target) {
    CHALK_TRY(const auto answer, source.ask(question));
    return read_scaling_answer(answer, target, clock::system().now(), clock::system().wall_now());
  }

  /// Once every value is there.
  scaling_observation look_until_complete(metric_source& source, const std::string& question,
                                          std::string_view target) {
    result<scaling_observation> seen{errc::internal, ""};
    for (int i = 0; i < 150; ++i) {
      seen = look(source, question, target);
      if (seen && seen->arrival_rate && seen->service_rate && seen->drain_seconds && seen->slack_seconds)
        return *seen;
      std::this_thread::sleep_for(100ms);
    }
    ADD_FAILURE() << (seen ? "a value stayed away" : seen.error().message);
    return seen ? *seen : scaling_observation{};
  }
};

TEST_F(scaling_query_test, finds_this_process_among_others) {
  busy_process mine{key}, other{key - 1, 7000};
  prometheus_server server{prometheus_plan{{mine.address(), other.address()}}};
  ASSERT_TRUE(server.start()) << server.log();
  auto client = *prometheus_client::make({.url = server.url()});
  const auto question = scaling_query(scope(), policy());
  const auto seen = look_until_complete(client, question, "minilm");
  std::this_thread::sleep_for(2s); // the rates settle
  const auto settled = look_until_complete(client, question, "minilm");
  EXPECT_EQ(seen.ready->value, 2);
  EXPECT_EQ(settled.pending->value, 250); // 50 here, 200 in Kafka
  EXPECT_NEAR(settled.service_rate->value, 50, 5);
  EXPECT_NEAR(settled.arrival_rate->value, 40, 15);
  EXPECT_NEAR(settled.drain_seconds->value, 0.5 + 200 / (50 * 2), 0.5);
  EXPECT_NEAR(settled.slack_seconds->value, 0.2, 0.2);
  EXPECT_LT(clock::system().now() - settled.pending->at, 2s);
}

TEST_F(scaling_query_test, leaves_out_what_nobody_can_tell) {
  busy_process mine{key};
  mine.rest();
  prometheus_server server{prometheus_plan{{mine.address()}}};
  ASSERT_TRUE(server.start()) << server.log();
  auto client = *prometheus_client::make({.url = server.url()});
  result<scaling_observation> seen{errc::internal, ""};
  for (int i = 0; i < 100 && !(seen && seen->arrival_rate); ++i) {
    std::this_thread::sleep_for(100ms);
    seen = look(client, scaling_query(scope(), policy()), "minilm");
  }
  ASSERT_TRUE(seen) << seen.error().message;
  std::this_thread::sleep_for(4s); // what was done before is out of the window
  seen = look(client, scaling_query(scope(), policy()), "minilm");
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->arrival_rate->value, 0);
  EXPECT_EQ(seen->pending->value, 0);
  EXPECT_FALSE(seen->slack_seconds);
  auto stranger = scope();
  stranger.key = 1;
  const auto nothing = look(client, scaling_query(stranger, policy()), "minilm");
  ASSERT_TRUE(nothing) << nothing.error().message;
  EXPECT_FALSE(nothing->pending || nothing->arrival_rate || nothing->ready);
}

TEST_F(scaling_query_test, adds_up_all_processes) {
  busy_process one{0}, two{0};
  prometheus_server server{prometheus_plan{{one.address(), two.address(), "127.0.0.1:1"}}};
  ASSERT_TRUE(server.start()) << server.log();
  auto client = *prometheus_client::make({.url = server.url()});
  const processes_scope all{.pipelines = {"short-answers"}, .matchers = "job=\"chalkstream\""};
  look_until_complete(client, scaling_query(all, policy()), all_processes);
  std::this_thread::sleep_for(4s); // until both have been there for the whole window
  const auto seen = look_until_complete(client, scaling_query(all, policy()), all_processes);
  EXPECT_EQ(seen.ready->value, 2);
  EXPECT_EQ(seen.pending->value, 2 * (54 + 200));
  EXPECT_NEAR(seen.arrival_rate->value, 80, 30);
  EXPECT_NEAR(seen.service_rate->value, 100, 15); // both slots of a process
  const processes_scope nobody{.pipelines = {"short-answers"}, .matchers = "job=\"other\""};
  const auto none = look(client, scaling_query(nobody, policy()), all_processes);
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_EQ(none->ready->value, 0);
  EXPECT_FALSE(none->pending || none->arrival_rate);
}

// -- faults ------------------------------------------------------------------------

class scaling_faults_test : public testing::Test {
protected:
  /// Asks and decides for a while; what the actuator was told is done at once.
  void go_on(metric_source& source, duration time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
      there = watch.decide(source.ask(question), {.replicas = there}, clock::system());
      seen_least = std::min(seen_least, there);
      seen_most = std::max(seen_most, there);
      std::this_thread::sleep_for(200ms);
    }
  }

  void mark() { seen_least = seen_most = there; }

  test::collecting_log log;
  registry counts{{"1.2.3", "", "", ""}};
  scaling_watch watch{"minilm", policy(), counts.autoscale("minilm"), log};
  std::string question = scaling_query(scope(), policy());
  std::size_t there = 2, seen_least = 2, seen_most = 2;
};

TEST_F(scaling_faults_test, a_prometheus_that_is_killed_frozen_or_back_changes_nothing_by_that) {
  busy_process mine{key, 1500};
  prometheus_server server{prometheus_plan{{mine.address()}}};
  ASSERT_TRUE(server.start()) << server.log();
  auto client = *prometheus_client::make({.url = server.url(), .timeout = 500ms});
  for (int i = 0; i < 20 && there == 2; ++i)
    go_on(client, 1s);
  go_on(client, 1s);
  EXPECT_GT(there, 2u) << "slack is short and much waits: more are wanted";
  mark();
  server.kill();
  go_on(client, 2s);
  EXPECT_EQ(seen_least, seen_most) << "killed";
  EXPECT_TRUE(log.contains("the metrics cannot be had: unavailable"));
  ASSERT_TRUE(server.start()) << server.log();
  const auto lines = log.lines().size();
  go_on(client, 4s);
  EXPECT_GE(seen_least, seen_most - 1) << "back: it knows nothing at first, and then the same as before";
  EXPECT_LE(log.lines().size(), lines + 4);
  mark();
  server.freeze();
  go_on(client, 3s);
  server.thaw();
  EXPECT_EQ(seen_least, seen_most) << "frozen";
  EXPECT_GE(log.count(log_level::warning), 1u);
}

// One that answers at once, and wrongly.
TEST_F(scaling_faults_test, a_prometheus_that_lies_is_not_believed) {
  std::string mode = "busy";
  std::mutex mutex;
  const scripted_server server([&](const std::string&) {
    const std::lock_guard guard(mutex);
    const auto now = static_cast<double>(clock::system().wall_now().time_since_epoch().count()) / 1000;
    const auto at = std::to_string(mode == "old answer" ? now - 60 : mode == "from the future" ? now + 600 : now);
    std::map<std::string, std::string> values{{"ready", "2"},   {"age", "0.5"},   {"drain", "0.5"}, {"pending", "50"},
                                              {"served", "40"}, {"worked", "40"}, {"busy", "0.8"},  {"lag", "0"}};
    for (const auto* trouble : {"pending", "served", "worked", "busy", "lag", "ready", "age"})
      if (mode == std::string{"NaN "} + trouble)
        values[trouble] = "NaN";
    if (mode == "stale")
      values["age"] = "3600";
    if (mode == "infinite")
      values["pending"] = "+Inf";
    if (mode == "negative")
      values["served"] = "-40";
    if (mode == "contradictory") { // nothing waits for long, and a million records wait
      values["drain"] = "0.01";
      values["pending"] = "1e6";
    }
    if (mode == "impossible")
      values["ready"] = "2.5";
    std::string series;
    for (const auto& [name, value] : values)
      for (int times = mode == "twice" && name == "pending" ? 2 : 1; times > 0; --times)
        series += (series.empty() ? "" : ",")
                  + (R"({"metric":{"scaling_value":")" + name + R"(","scaling_target":"minilm"},"value":[)" + at
                     + ",\"" + (times == 2 ? "1e6" : value) + "\"]}");
    if (mode == "empty")
      series.clear();
    if (mode == "another question")
      series = R"({"metric":{"__name__":"up"},"value":[1,"1"]})";
    return scripted_answer{http_response(R"({"status":"success","data":{"resultType":"vector","result":[)" + series
                                         + "]}" + (mode == "partial" ? R"(,"warnings":["a store is away"])" : "")
                                         + "}")};
  });
  auto client = *prometheus_client::make({.url = server.url()});
  go_on(client, 1s);
  mark();
  const auto before = there;
  for (const char* lie : {"NaN pending", "NaN served", "NaN worked", "NaN busy", "NaN lag", "NaN ready", "NaN age",
                          "stale", "old answer", "from the future", "infinite", "negative", "contradictory",
                          "impossible", "twice", "empty", "another question", "partial"}) {
    {
      const std::lock_guard guard(mutex);
      mode = lie;
    }
    const auto warnings = log.count(log_level::warning);
    go_on(client, 700ms);
    EXPECT_EQ(seen_least, before) << lie;
    EXPECT_EQ(seen_most, before) << lie;
    EXPECT_GE(log.count(log_level::warning), warnings + 1) << lie;
    {
      const std::lock_guard guard(mutex);
      mode = "busy";
    }
    go_on(client, 300ms);
    EXPECT_EQ(there, before) << lie;
  }
}

} // namespace
} // namespace chalkstream::monitoring
