#include "actors/autoscaler.hpp"

#include "monitoring/registry.hpp"
#include "tests/actors/doubles.hpp"
#include "tests/actors/engine.hpp"
#include "tests/support/collecting_log.hpp"
#include "tests/support/fake_broker.hpp"
#include "tests/support/fake_model.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"

#include <atomic>
#include <cmath>
#include <map>
#include <random>

namespace chalkstream::test {

namespace {

/// Says what the test wants of model "m": values by their names in scaling_query.
class fake_metrics final : public metric_source {
public:
  explicit fake_metrics(const clock& time) : time_(time) {}

  result<metric_answer> ask(std::string_view) override {
    const std::lock_guard guard(mutex_);
    ++asked_;
    if (failure_)
      return *failure_;
    metric_answer answer;
    answer.warnings = warnings_;
    for (const auto& [name, value] : values_)
      answer.samples.push_back({{{"scaling_value", name}, {"scaling_target", "m"}}, value, time_.wall_now()});
    return answer;
  }

  void say(std::map<std::string, double> values) {
    const std::lock_guard guard(mutex_);
    values_ = std::move(values);
    failure_.reset();
    warnings_.clear();
  }
  void fail(errc code) {
    const std::lock_guard guard(mutex_);
    failure_ = error{code, "as the test wants it"};
  }
  void warn(std::string text) { warnings_ = {std::move(text)}; }

  std::size_t asked() const {
    const std::lock_guard guard(mutex_);
    return asked_;
  }

private:
  const clock& time_;
  mutable std::mutex mutex_;
  std::map<std::string, double> values_;
  std::optional<error> failure_;
  std::vector<std::string> warnings_;
  std::size_t asked_ = 0;
};

std::map<std::string, double> busy(double pending, double ready) {
  return {{"ready", ready},     {"age", 0.2},   {"drain", pending / (10 * ready)},
          {"pending", pending}, {"served", 10}, {"worked", 10},
          {"busy", 1},          {"lag", 0}};
}

std::map<std::string, double> quiet(double ready) {
  return {{"ready", ready}, {"age", 0.2}, {"drain", 0}, {"pending", 0}, {"served", 0}, {"worked", 10}, {"busy", 1}};
}

scaling_settings policy() {
  scaling_settings p;
  p.drain = 2s;
  p.least = 1;
  p.most = 4;
  p.interval = 1s;
  p.down_window = 5s;
  p.stale_after = 10s;
  return p;
}

class autoscaler_test : public doubles_fixture {
protected:
  void start() {
    settings_.source = source_;
    settings_.lanes = {{0,
                        replicas_,
                        {.model = "m", .pipelines = {"p"}, .writes = false, .key = 7},
                        policy_,
                        registry_.autoscale("m")}};
    settings_.interval = 1s;
    settings_.time = &time_;
    settings_.log = &log_;
    autoscaler_ = spawn_state<autoscaler_state>(system(), settings_, who_);
    ends_with_the_test(autoscaler_);
    deliver_all(); // its first interval begins now
  }

  /// A second passes; what the autoscaler told the scheduler is done.
  void tick_once() {
    pass(1s);
    for (const auto& told : std::exchange(post_.allowed, {}))
      replicas_->allowed = told.replicas;
  }

  std::size_t there() const { return replicas_->allowed; }

  double shown(const std::string& series) const {
    const auto page = registry_.expose();
    const auto at = page.find(series + " ");
    return at == std::string::npos ? NAN : std::stod(page.substr(at + series.size() + 1));
  }

  scaling_settings policy_ = policy();
  monitoring::registry registry_;
  collecting_log log_;
  std::shared_ptr<replica_count> replicas_ = [] {
    auto made = std::make_shared<replica_count>();
    made->allowed = 1;
    return made;
  }();
  std::shared_ptr<fake_metrics> source_ = std::make_shared<fake_metrics>(time_);
  autoscaler_settings settings_;
  autoscaler_actor autoscaler_;
};

} // namespace

TEST_F(autoscaler_test, follows_a_burst_up_and_down) {
  start();
  source_->say(busy(200, 1));
  tick_once();
  EXPECT_GT(there(), 1u);
  for (int i = 0; i < 3; ++i)
    tick_once();
  EXPECT_EQ(there(), 4u);
  EXPECT_EQ(shown(R"(chalkstream_autoscale_wanted_replicas{target="m"})"), 4);
  EXPECT_EQ(shown(R"(chalkstream_autoscale_limited{target="m",limit="most"})"), 1);
  source_->say(quiet(4));
  for (int i = 0; i < 20; ++i)
    tick_once();
  EXPECT_EQ(there(), 1u);
  EXPECT_GE(shown(R"(chalkstream_autoscale_decisions_total{target="m",direction="up"})"), 1);
  EXPECT_EQ(shown(R"(chalkstream_autoscale_decisions_total{target="m",direction="down"})"), 3);
  EXPECT_TRUE(log_.contains("4 -> 3 replicas (surplus)"));
}

TEST_F(autoscaler_test, keeps_what_there_is_whatever_is_wrong) {
  start();
  replicas_->allowed = 2;
  source_->say(busy(20, 2));
  tick_once();
  tick_once();
  const auto before = there();
  const std::map<std::string, std::string> reasons{{"unavailable", "unavailable"},
                                                   {"timed_out", "unavailable"},
                                                   {"warned", "unavailable"},
                                                   {"empty", "missing"},
                                                   {"nan", "not_a_number"},
                                                   {"infinite", "not_a_number"},
                                                   {"stale", "stale"},
                                                   {"negative", "impossible"},
                                                   {"negative lag", "impossible"},
                                                   {"contradictory", "contradictory"}};
  for (const auto& [trouble, reason] : reasons) {
    auto values = busy(4000, 2);
    if (trouble == "empty")
      values = {};
    if (trouble == "nan")
      values["pending"] = NAN;
    if (trouble == "infinite")
      values["served"] = HUGE_VAL;
    if (trouble == "stale")
      values["age"] = 60;
    if (trouble == "negative")
      values["busy"] = -1;
    if (trouble == "negative lag")
      values["lag"] = -5;
    if (trouble == "contradictory")
      values["drain"] = 0.01; // of 4000 records at 20 a second
    source_->say(values);
    if (trouble == "warned")
      source_->warn("a store is away");
    if (trouble == "unavailable" || trouble == "timed_out")
      source_->fail(trouble == "unavailable" ? errc::unavailable : errc::timed_out);
    const auto series = R"(chalkstream_autoscale_holds_total{target="m",reason=")" + reason + "\"}";
    const auto held = shown(series);
    const auto lines = log_.count(log_level::warning);
    for (int i = 0; i < 8; ++i) {
      tick_once();
      EXPECT_EQ(there(), before) << trouble;
    }
    EXPECT_EQ(shown(series), held + 8) << trouble;
    EXPECT_LE(log_.count(log_level::warning), lines + 1) << trouble << ": a line for a change, none for a tick";
    source_->say(busy(4, 2)); // something to believe in between
    tick_once();
    ASSERT_EQ(there(), before) << trouble;
  }
  EXPECT_TRUE(log_.contains("believes the metrics again"));
}

// Prometheus is always a scrape behind.
TEST_F(autoscaler_test, what_a_record_woke_is_not_sent_to_sleep_by_metrics_from_before) {
  policy_.least = 0;
  policy_.idle_after = 3s;
  policy_.down_window = 0s;
  start();
  source_->say(quiet(1));
  for (int i = 0; i < 5; ++i)
    tick_once();
  ASSERT_EQ(there(), 0u);
  replicas_->allowed = 1;
  replicas_->woken = time_.now();
  auto late = quiet(0);
  late["age"] = 1.5;
  source_->say(late);
  tick_once();
  EXPECT_EQ(there(), 1u);
  tick_once(); // scraped since, and nothing to see any more: it was worked off in between
  EXPECT_EQ(there(), 1u);
  tick_once();
  EXPECT_EQ(there(), 0u);
}

TEST_F(autoscaler_test, asks_once_for_all_models_and_goes_on_asking) {
  start();
  source_->fail(errc::unavailable);
  for (int i = 0; i < 5; ++i)
    tick_once();
  EXPECT_EQ(source_->asked(), 5u);
}

// -- a whole engine ------------------------------------------------------------------

namespace {

/// For a while there is much to do, then nothing, then it fails, by chance.
class moody_metrics final : public metric_source {
public:
  result<metric_answer> ask(std::string_view) override {
    if (left_-- == 0) {
      left_ = 4 + random_() % 8;
      mood_ = random_() % 4;
    }
    if (mood_ == 3)
      return error{errc::unavailable, "now and then"};
    metric_answer answer;
    for (const auto& [name, value] : mood_ == 0 ? busy(4000, 2) : quiet(2))
      answer.samples.push_back(
          {{{"scaling_value", name}, {"scaling_target", "m"}}, value, clock::system().wall_now()});
    return answer;
  }

private:
  std::mt19937 random_{20240607};
  std::size_t left_ = 0;
  std::size_t mood_ = 0;
};

} // namespace

// Replicas go up and down all the time, the model is unloaded and loaded again (which fails now and then), and every
// record still comes out once.
TEST(autoscaler_engine_test, nothing_is_lost_while_replicas_and_models_come_and_go) {
  const auto broker = std::make_shared<fake_broker>(4);
  const auto source = std::make_shared<fake_source>(broker);
  const auto sink = std::make_shared<fake_sink>(broker);
  std::atomic<std::size_t> loads{0};
  const auto make_slow = []() -> std::shared_ptr<const model> {
    auto made = std::make_shared<fake_model>();
    made->take(2ms);
    return made;
  };
  auto plan = make_plan(make_slow());
  auto& first = plan.scheduler.models.front();
  first.places.front().load = [&loads, make_slow]() -> result<std::shared_ptr<const model>> {
    std::this_thread::sleep_for(3ms);
    if (++loads % 8 == 2)
      return error{errc::io, "now and then"};
    return make_slow();
  };
  monitoring::registry registry;
  auto quick = policy();
  quick.least = 0;
  quick.most = 2;
  quick.idle_after = 5ms;
  quick.down_window = 0ms;
  quick.interval = 2ms;
  plan.autoscaler = autoscaler_settings{.source = std::make_shared<moody_metrics>(),
                                        .lanes = {{0,
                                                   first.replicas,
                                                   {.model = "m", .pipelines = {"p"}, .writes = false, .key = 7},
                                                   quick,
                                                   registry.autoscale("m")}},
                                        .interval = 2ms};
  const auto replicas = first.replicas;
  const auto status = add_consumer(plan, std::make_shared<fake_task>(), source, sink, "scaled");
  source->assign_all();
  {
    engine running(std::move(plan));
    std::size_t unloaded = 0;
    for (int burst = 0; burst < 40; ++burst) {
      for (int i = 0; i < 25; ++i)
        broker->push(i % 4, "k" + std::to_string(i % 7), "work 20");
      if (burst % 4 == 3) // long enough to fall asleep
        eventually([&] { return !replicas->loaded; }, 200ms);
      unloaded += replicas->loaded ? 0 : 1;
      std::this_thread::sleep_for(5ms);
    }
    EXPECT_GT(unloaded, 0u);
    source->end();
    EXPECT_TRUE(eventually([&] { return status->ended.load(); })) << "a record was lost";
    running.drain(5s);
    ASSERT_TRUE(running.ended_within(20s));
    EXPECT_FALSE(running.failure());
  }
  EXPECT_GT(loads, 0u);
  EXPECT_EQ(broker->pushed(), 1000u);
  for (const auto& sentence : broker->violations_at_the_end())
    ADD_FAILURE() << sentence;
}

} // namespace chalkstream::test
