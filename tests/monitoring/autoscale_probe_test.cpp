#include "monitoring/registry.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace chalkstream::monitoring {
namespace {

std::string value_of(const registry& counts, const std::string& series) {
  const auto page = counts.expose();
  const auto at = page.find("\n" + series + " ");
  return at == std::string::npos
             ? "absent"
             : page.substr(at + series.size() + 2, page.find('\n', at + 1) - at - series.size() - 2);
}

TEST(autoscale_probe_test, every_series_is_there_before_anything_was_decided) {
  registry counts;
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_wanted_replicas{target=\"m\"}"), "absent");
  counts.autoscale("m");
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_wanted_replicas{target=\"m\"}"), "0");
  for (const auto* direction : {"up", "down", "none"})
    EXPECT_EQ(value_of(counts, std::string{"chalkstream_autoscale_decisions_total{target=\"m\",direction=\""}
                                   + direction + "\"}"),
              "0");
  for (const auto* why : {"unavailable", "missing", "not_a_number", "stale", "impossible", "contradictory"})
    EXPECT_EQ(value_of(counts, std::string{"chalkstream_autoscale_holds_total{target=\"m\",reason=\""} + why + "\"}"),
              "0");
  for (const auto* limit : {"least", "most", "step", "partitions", "budget"})
    EXPECT_EQ(value_of(counts, std::string{"chalkstream_autoscale_limited{target=\"m\",limit=\""} + limit + "\"}"),
              "0");
}

TEST(autoscale_probe_test, says_what_was_decided_and_what_stands_against_more) {
  registry counts;
  const auto probe = counts.autoscale("processes");
  EXPECT_EQ(counts.autoscale("processes"), probe);
  probe->wanted(3);
  probe->decided(2, 3);
  probe->decided(3, 3);
  probe->decided(3, 1);
  probe->held(hold_reason::stale);
  probe->bounded(scaling_bound::partitions);
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_wanted_replicas{target=\"processes\"}"), "3");
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_decisions_total{target=\"processes\",direction=\"up\"}"), "1");
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_decisions_total{target=\"processes\",direction=\"none\"}"), "1");
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_decisions_total{target=\"processes\",direction=\"down\"}"), "1");
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_holds_total{target=\"processes\",reason=\"stale\"}"), "1");
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_limited{target=\"processes\",limit=\"partitions\"}"), "1");
  probe->bounded(scaling_bound::none);
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_limited{target=\"processes\",limit=\"partitions\"}"), "0");
}

TEST(autoscale_probe_test, the_key_is_shown_to_its_last_digit) {
  registry counts;
  EXPECT_EQ(value_of(counts, "chalkstream_autoscale_key"), "absent");
  counts.autoscale_key(281474976710655);
  EXPECT_EQ(std::stod(value_of(counts, "chalkstream_autoscale_key")), 281474976710655.0);
}

TEST(autoscale_probe_test, promtool_has_nothing_to_say) {
  registry counts;
  counts.autoscale("m");
  counts.autoscale_key(7);
  const auto file = std::filesystem::temp_directory_path() / ("chalkstream-page-" + std::to_string(getpid()));
  std::ofstream(file) << counts.expose();
  auto* tool = popen(("promtool check metrics <" + file.string() + " 2>&1").c_str(), "r");
  std::string said;
  for (char line[256]; fgets(line, sizeof line, tool) != nullptr;)
    said += line;
  EXPECT_EQ(pclose(tool), 0) << "promtool comes with Debian's package prometheus";
  EXPECT_EQ(said, "");
  std::filesystem::remove(file);
}

} // namespace
} // namespace chalkstream::monitoring
