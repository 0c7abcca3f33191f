#include "app/text_table.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace chalkstream::app {
namespace {

using testing::ElementsAre;

TEST(text_table_test, numbers_have_separators_and_durations_a_fitting_unit) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_seconds(0), "-");
  EXPECT_EQ(format_seconds(0.00043), "430 us");
  EXPECT_EQ(format_seconds(0.0042), "4.2 ms");
  EXPECT_EQ(format_seconds(0.0423), "42 ms");
  EXPECT_EQ(format_seconds(1.25), "1.25 s");
  EXPECT_EQ(format_seconds(200), "3 m 20 s");
  EXPECT_EQ(format_rate(0), "0");
  EXPECT_EQ(format_rate(7.34), "7.3");
  EXPECT_EQ(format_rate(55123.4), "55,123");
  EXPECT_EQ(format_rate(std::numeric_limits<double>::quiet_NaN()), "0");
}

TEST(text_table_test, text_stands_left_and_numbers_right) {
  text_table table({"pipeline", "received", "dead"});
  table.add({"short-answers", "1,200", "3"});
  table.add({"x", "7", "1,000"});
  EXPECT_THAT(table.lines(80), ElementsAre("pipeline       received   dead", "short-answers     1,200      3",
                                           "x                     7  1,000"));
}

TEST(text_table_test, a_narrow_terminal_cuts_names_and_then_leaves_columns_out) {
  text_table table({"pipeline", "received", "dead"});
  table.add({"a-rather-long-name", "1,200", "3"});
  EXPECT_THAT(table.lines(25), ElementsAre("pipeline   received  dead", "a-rathe..     1,200     3"));
  EXPECT_THAT(table.lines(20), ElementsAre("pipeline  received", "a-rath..     1,200"));
  for (std::size_t width = 0; width < 40; ++width)
    for (const auto& line : table.lines(width))
      EXPECT_LE(line.size(), width);
}

TEST(text_table_test, columns_are_counted_in_characters_not_in_bytes) {
  text_table table({"ägypten", "n"});
  table.add({"日本語", "1"});
  table.add({"e\u0301tude", "2"});
  EXPECT_THAT(table.lines(80), ElementsAre("ägypten  n", "日本語   1", "e\u0301tude    2"));
  text_table long_name({"日本語日本語日本語", "n"});
  EXPECT_THAT(long_name.lines(12), ElementsAre("日本語..   n"));
}

} // namespace
} // namespace chalkstream::app
