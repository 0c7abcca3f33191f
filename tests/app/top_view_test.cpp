#include "app/top_view.hpp"

#include "monitoring/registry.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace chalkstream::app {
namespace {

using monitoring::registry;
using monitoring::scraped_page;
using testing::HasSubstr;

process_reading reading_of(const std::string& address, const std::string& page) {
  auto parsed = scraped_page::parse(page);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return {address, std::move(parsed).value()};
}

std::vector<process_reading> one(process_reading reading) {
  std::vector<process_reading> all;
  all.push_back(std::move(reading));
  return all;
}

class top_view_test : public testing::Test {
protected:
  top_view_test() {
    grading->received(100);
    grading->answered(std::vector<double>(50, 10.0), 50); // long ago: what is shown is what has happened since
    cpu->slots(2, 0.75);
    minilm->replicas(2);
    minilm->resident(true);
  }

  std::vector<process_reading> read() { return one(reading_of("a:1", counts.expose())); }

  registry counts{{"1", "2", "3", "4"}};
  std::shared_ptr<monitoring::pipeline_probe> grading = counts.pipeline("short-answers");
  std::shared_ptr<monitoring::model_probe> minilm = counts.model("minilm", "1", "cpu");
  std::shared_ptr<monitoring::device_probe> cpu = counts.device("cpu");
};

TEST_F(top_view_test, rates_are_of_the_time_between_two_readings) {
  const auto before = read();
  grading->received(40);
  grading->answered(std::vector<double>(18, 0.02), 2);
  grading->answered(std::vector<double>(2, 2.0), 2);
  grading->dead_lettered(reject_reason::expired);
  grading->deadline_missed(monitoring::missed_action::late);
  grading->in_flight(7, 1000);
  grading->lag(123);
  minilm->batch(4, 256, 512);
  minilm->batch(8, 512, 512);
  minilm->computed(0.5);
  minilm->computed(1.5);
  minilm->pending(9, 900, 1.25);
  const auto rows = rows_between(before, read(), 2);
  ASSERT_EQ(rows.pipelines.size(), 1U);
  const auto& p = rows.pipelines[0];
  EXPECT_EQ(p.name, "short-answers");
  EXPECT_EQ(p.read_per_second, 20);
  EXPECT_EQ(p.results_per_second, 10);
  ASSERT_TRUE(p.review_share);
  EXPECT_DOUBLE_EQ(*p.review_share, 0.2);
  ASSERT_TRUE(p.p50 && p.p99);
  EXPECT_GT(*p.p50, 0.01);
  EXPECT_LT(*p.p50, 0.025);
  EXPECT_GT(*p.p99, 1);
  EXPECT_LT(*p.p99, 2.5);
  EXPECT_EQ(p.dead, 1);
  EXPECT_EQ(p.late, 1);
  EXPECT_EQ(p.lag, 123);
  EXPECT_EQ(p.in_flight, 7);
  ASSERT_EQ(rows.models.size(), 1U);
  const auto& m = rows.models[0];
  EXPECT_EQ(m.replicas, 2);
  EXPECT_DOUBLE_EQ(m.busy, 0.5);
  EXPECT_EQ(m.batch_records, 6);
  EXPECT_EQ(m.fill, 0.75);
  EXPECT_EQ(m.tokens_per_second, 384);
  EXPECT_EQ(m.drain, 1.25);
  EXPECT_EQ(m.pending, 9);
  EXPECT_EQ(rows.slots, 2);
  EXPECT_EQ(rows.slots_busy, 1.5);
}

TEST_F(top_view_test, the_slots_of_all_devices_add_up_and_a_device_without_the_model_is_in_brackets) {
  counts.device("cuda:0")->slots(3, 1);
  const auto away = counts.model("minilm", "1", "cuda:0");
  const auto rows = rows_between(read(), read(), 1);
  EXPECT_EQ(rows.slots, 5);
  EXPECT_EQ(rows.slots_busy, 4.5);
  const auto shown = [this] {
    std::string all;
    for (const auto& line : format_top(rows_between(read(), read(), 1), read(), 120))
      all += line + "\n";
    return all;
  };
  EXPECT_NE(shown().find("(cuda:0)"), std::string::npos) << shown();
  EXPECT_EQ(shown().find("(cpu)"), std::string::npos);
  away->resident(true);
  EXPECT_EQ(shown().find("(cuda:0)"), std::string::npos);
}

TEST_F(top_view_test, processes_add_up_and_the_worst_drain_counts) {
  registry other{{"1", "2", "3", "4"}};
  other.pipeline("short-answers")->lag(10);
  other.pipeline("next-steps");
  other.model("minilm", "1", "cpu")->pending(1, 1, 60);
  other.model("minilm", "1", "cpu")->replicas(1);
  grading->lag(5);
  minilm->pending(1, 1, 2);
  auto now = read();
  now.push_back(reading_of("b:1", other.expose()));
  now.push_back({"c:1", {}, "c:1 cannot be reached"});
  const auto rows = rows_between(now, now, 1);
  EXPECT_EQ(rows.processes, 2U);
  ASSERT_EQ(rows.pipelines.size(), 2U);
  EXPECT_EQ(rows.pipelines[0].lag, 15);
  EXPECT_EQ(rows.models[0].replicas, 3);
  EXPECT_EQ(rows.models[0].drain, 60);
  const auto lines = format_top(rows, now, 200);
  EXPECT_THAT(lines, testing::Contains(HasSubstr("c:1 cannot be reached")));
}

TEST_F(top_view_test, without_a_reading_before_there_are_no_rates) {
  const auto rows = rows_between({}, read(), 1);
  EXPECT_EQ(rows.pipelines[0].read_per_second, 0);
  EXPECT_FALSE(rows.pipelines[0].p50);
  EXPECT_FALSE(rows.pipelines[0].review_share);
}

TEST_F(top_view_test, lines_are_no_wider_than_the_screen) {
  const auto now = read();
  for (const auto& line : format_top(rows_between(now, now, 1), now, 60))
    EXPECT_LE(line.size(), 60U) << line;
}

TEST(top_view_hostile_test, a_page_cannot_write_to_the_terminal) {
  std::string page = "chalkstream_records_total{pipeline=\"\x1b[2J\xC2\x9b\x7f\"} 1\n"
                     "chalkstream_replicas{model=\"m\\n\x07\",device=\"\x1b\"} 1e300\n";
  const auto now = one(reading_of("a", page));
  for (const auto& line : format_top(rows_between(now, now, 1), now, 200)) {
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(line.find("\xC2\x9b"), std::string::npos);
    EXPECT_EQ(line.find('\x07'), std::string::npos);
  }
}

TEST(top_view_hostile_test, odd_numbers_and_thousands_of_names_do_no_harm) {
  std::string page;
  for (int i = 0; i < 1'000; ++i)
    page += "chalkstream_kafka_lag_records{pipeline=\"p" + std::to_string(i) + "\"} "
            + (i % 3 == 0   ? "NaN"
               : i % 3 == 1 ? "-Inf"
                            : "1e308")
            + "\n" + "chalkstream_drain_seconds{model=\"m" + std::to_string(i) + "\",device=\"d\"} +Inf\n"
            + "chalkstream_request_duration_seconds_bucket{pipeline=\"p" + std::to_string(i) + "\",le=\"x\"} 3\n";
  const auto now = one(reading_of("a", page));
  const auto rows = rows_between(one(reading_of("a", "up 1\n")), now, 0);
  EXPECT_EQ(rows.pipelines.size(), most_rows);
  EXPECT_EQ(rows.models.size(), most_rows);
  EXPECT_GT(format_top(rows, now, 80).size(), most_rows);
}

TEST(histogram_quantile_test, reckons_as_prometheus_does) {
  constexpr auto inf = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(histogram_quantile(0.5, {}));
  EXPECT_FALSE(histogram_quantile(0.5, {{1, 0}, {inf, 0}}));
  EXPECT_DOUBLE_EQ(*histogram_quantile(0.5, {{1, 0}, {2, 10}, {inf, 10}}), 1.5);
  EXPECT_DOUBLE_EQ(*histogram_quantile(0.5, {{1, 10}, {2, 10}, {inf, 10}}), 0.5);
  EXPECT_DOUBLE_EQ(*histogram_quantile(0.99, {{1, 5}, {2, 5}, {inf, 10}}), 2)
      << "beyond the last bound nothing is known";
}

} // namespace
} // namespace chalkstream::app
