#include "pipelines/configuration/units.hpp"

#include <gtest/gtest.h>

namespace chalkstream::pipelines {
namespace {

using namespace std::chrono_literals;

TEST(units_test, durations_have_a_number_and_a_unit) {
  EXPECT_EQ(parse_duration("100ms"), duration{100ms});
  EXPECT_EQ(parse_duration("1.5s"), duration{1500ms});
  EXPECT_EQ(parse_duration("2m"), duration{2min});
  EXPECT_EQ(parse_duration("12h"), duration{12h});
  EXPECT_EQ(parse_duration("250us"), duration{250us});
  EXPECT_EQ(parse_duration("0s"), duration{});
}

TEST(units_test, other_durations_are_refused) {
  for (const auto* text : {"", "5", "s", "5 s", "-5s", "+5s", "5sec", "5S", "1e3s", "nan", "infs", "1..5s", ".s",
                           "1,5s", "9000000h", "99999999999999999999999999h"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(units_test, durations_are_written_as_they_are_read) {
  for (const auto* text : {"100ms", "90s", "2m", "12h", "250us", "0s"})
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  EXPECT_EQ(format_duration(60s), "1m");
}

TEST(units_test, sizes_have_decimal_and_binary_units) {
  EXPECT_EQ(parse_bytes("64MiB"), 64u << 20);
  EXPECT_EQ(parse_bytes("16MB"), 16'000'000u);
  EXPECT_EQ(parse_bytes("1GiB"), 1u << 30);
  EXPECT_EQ(parse_bytes("3KiB"), 3072u);
  EXPECT_EQ(parse_bytes("3kB"), 3000u);
  EXPECT_EQ(parse_bytes("77"), 77u);
  EXPECT_EQ(parse_bytes("77B"), 77u);
}

TEST(units_test, other_sizes_are_refused) {
  for (const auto* text :
       {"", "MiB", "1.5MiB", "-1", "1 MiB", "1mb", "1M", "0x10", "010", "99999999999999999999", "9999999999GiB"})
    EXPECT_FALSE(parse_bytes(text)) << text;
}

TEST(units_test, sizes_are_written_as_they_are_read) {
  for (const auto* text : {"64MiB", "1GiB", "3KiB", "1000"})
    EXPECT_EQ(format_bytes(*parse_bytes(text)), text);
}

} // namespace
} // namespace chalkstream::pipelines
