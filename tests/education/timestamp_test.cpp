#include "education/timestamp.hpp"

#include <gtest/gtest.h>

namespace chalkstream::education {
namespace {

TEST(timestamp_test, agrees_with_known_instants) {
  using namespace std::chrono;
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00Z"), wall_time{});
  EXPECT_EQ(parse_timestamp("2001-09-09T01:46:40Z"), wall_time{1'000'000'000s});
  EXPECT_EQ(parse_timestamp("2001-09-09T03:46:40.123456+02:00"), wall_time{1'000'000'000s + 123ms});
  EXPECT_EQ(parse_timestamp("2001-09-08t20:16:40-05:30"), wall_time{1'000'000'000s});
  EXPECT_EQ(parse_timestamp("2016-12-31T23:59:60Z"), parse_timestamp("2017-01-01T00:00:00z"));
  EXPECT_EQ(parse_timestamp("2024-02-29T00:00:00.5Z"), parse_timestamp("2024-02-29T00:00:00.500Z"));
}

TEST(timestamp_test, refuses_what_is_not_a_complete_time) {
  for (auto text : {"", "2026", "2026-11-24", "2026-11-24T10:00:00", "2026-11-24 10:00:00Z", "2026-11-24T10:00Z",
                    "2026-11-24T24:00:00Z", "2026-11-24T10:60:00Z", "2026-11-24T10:00:61Z", "2026-13-01T10:00:00Z",
                    "2025-02-29T10:00:00Z", "2026-00-10T10:00:00Z", "2026-11-24T10:00:00.Z",
                    "2026-11-24T10:00:00+1:00", "2026-11-24T10:00:00+01:0", "2026-11-24T10:00:00+24:00",
                    "2026-11-24T10:00:00Zx", "+026-11-24T10:00:00Z", "2026-11-2\xc3T10:00:00Z"})
    EXPECT_FALSE(parse_timestamp(text)) << text;
}

TEST(timestamp_test, reads_back_what_it_wrote) {
  for (long long ms : {0LL, 1LL, 999LL, 951'782'399'999LL, 1'764'000'000'123LL, 253'402'214'400'000LL, -1LL,
                       -62'135'596'800'000LL}) {
    const wall_time when{std::chrono::milliseconds{ms}};
    const auto text = format_timestamp(when);
    EXPECT_EQ(text.size(), 24u);
    EXPECT_EQ(parse_timestamp(text), when) << text;
  }
  EXPECT_EQ(format_timestamp(wall_time{std::chrono::milliseconds{1'764'000'000'007}}), "2025-11-24T16:00:00.007Z");
}

TEST(timestamp_test, clamps_what_has_no_four_digit_year) {
  EXPECT_EQ(format_timestamp(wall_time::max()).substr(0, 4), "9999");
  EXPECT_EQ(format_timestamp(wall_time::min()).substr(0, 4), "0000");
}

} // namespace
} // namespace chalkstream::education
