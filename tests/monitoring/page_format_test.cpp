#include "monitoring/page_format.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace chalkstream::monitoring {
namespace {

void expect(page_format form, std::initializer_list<std::string_view> headers) {
  for (const auto accept : headers)
    EXPECT_EQ(negotiate(accept), form) << accept;
}

TEST(page_format_test, who_does_not_ask_gets_the_classic_text) {
  expect(page_format::text, {"", "*/*", "*/*;q=0.1", "text/plain", "text/plain;version=0.0.4", "text/*",
                             "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json",
                             "application/openmetrics-text2", "image/openmetrics-text", "application"});
}

TEST(page_format_test, what_prometheus_servers_send_asks_for_openmetrics) {
  expect(page_format::openmetrics,
         {// 2.42
          "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
          // 3
          "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
          "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
          "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
          "application/openmetrics-text", "application/openmetrics-text; version=1.0.0",
          "Application/OpenMetrics-Text ; Version=\"1.0.0\" ; charset=UTF-8",
          "application/openmetrics-text;version=1.0.0;q=0.001"});
}

TEST(page_format_test, a_version_that_is_not_served_is_not_taken_for_ours) {
  expect(page_format::text, {"application/openmetrics-text;version=0.0.1",
                             "application/openmetrics-text;version=2.0.0, text/plain;q=0.1",
                             "application/openmetrics-text;version=1.0.0;charset=latin-1"});
  expect(page_format::openmetrics, {"text/plain;version=1.0.0, application/openmetrics-text;q=0.1"});
}

TEST(page_format_test, the_greater_quality_wins_and_among_equals_the_closer_name) {
  expect(page_format::text,
         {"application/openmetrics-text;version=1.0.0;q=0.4, text/plain;q=0.5",
          "application/openmetrics-text;q=0.500, */*;q=0.501", "application/openmetrics-text;q=0, */*;q=0.1",
          "application/openmetrics-text;q=0, text/plain;q=0",
          "application/openmetrics-text;version=1.0.0, text/plain;version=0.0.4"});
  expect(page_format::openmetrics,
         {"application/openmetrics-text, */*", "text/plain;q=0.3, application/*;q=0.4", "text/plain;q=0, */*",
          "text/plain ; q=0.3 , application/openmetrics-text ; q=1.0",
          // The closest range counts, not the kindest.
          "*/*;q=1, text/plain;q=0.2, application/openmetrics-text;q=0.3"});
}

TEST(page_format_test, what_is_malformed_counts_as_not_said) {
  expect(page_format::text,
         {"application/openmetrics-text;q=2", "application/openmetrics-text;q=-1", "application/openmetrics-text;q=",
          "application/openmetrics-text;q=1.001", "application/openmetrics-text;q=0.5555",
          "application/openmetrics-text;q=0,5x", "application/openmetrics-text;q=nan", "/;;;,,,\"\\",
          "x/y;z=\"application/openmetrics-text,application/openmetrics-text\"", "application/openmetrics-text/1"});
  expect(page_format::openmetrics,
         {",,, application/openmetrics-text ,,", "text/plain;q=x,application/openmetrics-text",
          "x/y;z=\"a,b\\\",c\",application/openmetrics-text"});
}

TEST(page_format_test, any_bytes_get_an_answer) {
  std::mt19937 dice{20261126};
  const std::string alphabet = "application/openmetrics-text;,q=01. \"\\*/*text/plain;version=1.0.0\t\xff";
  for (int i = 0; i < 20'000; ++i) {
    std::string accept;
    for (auto n = dice() % 60; n > 0; --n)
      accept += alphabet[dice() % alphabet.size()];
    const auto form = negotiate(accept);
    EXPECT_TRUE(form == page_format::text || form == page_format::openmetrics);
  }
}

TEST(page_format_test, each_form_says_what_it_is) {
  EXPECT_EQ(content_type(page_format::text), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(content_type(page_format::openmetrics), "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

} // namespace
} // namespace chalkstream::monitoring
