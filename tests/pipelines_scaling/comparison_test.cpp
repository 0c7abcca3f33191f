// The bar of autoscaling, on every trace that is made up: it must save, miss no more than others, and not flap.
#include "pipelines/tools/scaling/comparison.hpp"

#include "pipelines/tools/scaling/comparison_json.hpp"
#include "pipelines/tools/scaling/comparison_page.hpp"
#include "pipelines/tools/scaling/oulad_trace.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <simdjson.h>

namespace chalkstream::pipelines::tools {
namespace {

scaling_comparison compared(arrival_trace trace) {
  const simulation_settings settings;
  const auto ours = usual_settings(trace, settings);
  return compare(std::move(trace), ours, settings, [](double) {});
}

scaling_comparison compared(std::string_view name) {
  auto trace = make_trace(name, 1);
  EXPECT_TRUE(trace);
  return compared(std::move(*trace));
}

void meets_the_bar(const scaling_comparison& c) {
  ASSERT_TRUE(c.fixed);
  EXPECT_GE(c.saved(), 0.3);
  EXPECT_LE(c.ours.misses, c.processor.misses);
  EXPECT_LE(c.ours.misses, c.lag.misses);
  EXPECT_LE(c.ours.turns_per_burst(c.trace), 2);
  EXPECT_LE(c.fixed->misses, c.ours.misses);
}

class bursts_test : public testing::TestWithParam<std::string_view> {};

TEST_P(bursts_test, ours_saves_and_misses_fewer_than_others_at_its_cost) {
  const auto c = compared(GetParam());
  meets_the_bar(c);
  EXPECT_LT(c.ours.misses, c.processor.misses);
  EXPECT_LT(c.ours.misses, c.lag.misses);
  EXPECT_LE(c.processor.replica_hours, c.ours.replica_hours);
  EXPECT_LE(c.lag.replica_hours, c.ours.replica_hours);
}

INSTANTIATE_TEST_SUITE_P(of_traces, bursts_test, testing::Values("exam", "flash-crowd"),
                         [](const auto& info) { return info.param == "exam" ? "exam" : "flash_crowd"; });

TEST(comparison_test, a_deadline_that_comes_near_is_followed) {
  meets_the_bar(compared("deadline"));
}

TEST(comparison_test, day_and_night_are_followed) {
  meets_the_bar(compared("day-night"));
}

TEST(comparison_test, a_month_of_real_submissions_is_followed) {
  const char* elsewhere = std::getenv("CHALK_DATASETS");
  const auto folder = std::filesystem::path(elsewhere != nullptr ? elsewhere : "../shared/datasets") / "oulad";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << folder << " is not here";
  auto trace = read_oulad(folder, 20, 1);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->about, "days 18 to 47 of the Open University's courses, 20 times");
  meets_the_bar(compared(std::move(*trace)));
}

// What the page and the JSON are made of, small.
const std::vector<scaling_comparison>& shown() {
  static const auto all = [] {
    std::vector<scaling_comparison> one;
    one.push_back(compared("deadline"));
    one[0].trace.about = "<script>alert(1)</script>";
    return one;
  }();
  return all;
}

TEST(comparison_page_test, it_needs_nothing_else_and_escapes_what_it_shows) {
  const auto page = to_page(shown());
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
  for (const auto* unwanted : {"<script", " src=", " href=", "url("})
    EXPECT_EQ(page.find(unwanted), std::string::npos) << unwanted;
  std::size_t curves = 0;
  for (auto at = page.find("<polyline"); at != std::string::npos; at = page.find("<polyline", at + 1))
    ++curves;
  EXPECT_EQ(curves, 1u + 3 * 4) << "arrivals, and three panels of four";
}

TEST(comparison_json_test, it_has_what_the_table_has) {
  simdjson::dom::parser parser;
  const auto text = to_json(shown(), 7);
  const simdjson::dom::element root = parser.parse(text);
  EXPECT_EQ(std::uint64_t(root["seed"]), 7u);
  const auto trace = root["traces"].at(0);
  EXPECT_EQ(std::uint64_t(trace["records"]), shown()[0].ours.records);
  EXPECT_EQ(double(trace["runs"].at(0)["replica_hours"]), shown()[0].ours.replica_hours);
  EXPECT_EQ(std::string_view(trace["runs"].at(1)["what"]), "fewest fixed that miss no more");
  EXPECT_EQ(simdjson::dom::array(trace["moments"]).size(), shown()[0].ours.moments.size());
}

} // namespace
} // namespace chalkstream::pipelines::tools
