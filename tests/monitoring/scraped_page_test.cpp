#include "monitoring/scraped_page.hpp"

#include "monitoring/registry.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace chalkstream::monitoring {
namespace {

scraped_page must_parse(std::string_view text) {
  auto page = scraped_page::parse(text);
  EXPECT_TRUE(page) << page.error().message;
  return page ? std::move(page).value() : scraped_page{};
}

TEST(scraped_page_test, reads_the_page_of_our_own_registry) {
  registry counts{{"1.2.3", "a \"b\"\\c\nd", "", ""}};
  counts.pipeline("short-answers")->received(42);
  counts.pipeline("short-answers")->slack(-3);
  counts.model("minilm", "1", "cpu")->pending(3, 40, 1.5);
  const auto page = must_parse(counts.expose());
  double records = 0, drain = 0, build = 0, in_time = -1;
  for (const auto& s : page.samples()) {
    if (s.name == "chalkstream_records_total")
      records = s.value;
    if (s.name == "chalkstream_drain_seconds" && s.label("device") == "cpu")
      drain = s.value;
    if (s.name == "chalkstream_build_info" && s.label("caf") == "a \"b\"\\c\nd")
      build = s.value;
    if (s.name == "chalkstream_deadline_slack_seconds_bucket" && s.label("le") == "-1")
      in_time = s.value;
  }
  EXPECT_EQ(records, 42);
  EXPECT_EQ(drain, 1.5);
  EXPECT_EQ(build, 1);
  EXPECT_EQ(in_time, 1);
}

TEST(scraped_page_test, reads_what_others_write) {
  const auto page = must_parse("# HELP a b\n\n  up 1\r\n"
                               "a{} 2 1700000000000\n"
                               "b{x=\"1\",} 3\n"
                               "c { x = \"1\" , y=\"2\" }\t+Inf\n"
                               "d NaN\n"
                               "e -1.5e-3");
  ASSERT_EQ(page.samples().size(), 6U);
  EXPECT_EQ(page.samples()[1].value, 2);
  EXPECT_EQ(page.samples()[2].label("x"), "1");
  EXPECT_EQ(page.samples()[2].label("z"), "");
  EXPECT_TRUE(std::isnan(page.samples()[4].value));
  EXPECT_EQ(page.samples()[5].value, -0.0015);
}

TEST(scraped_page_test, says_which_line_is_no_metric) {
  for (const auto* text :
       {"<html>", "a", "a x", "a 1 2 3", "a 1 x", "1a 1", "a{x} 1", "a{x=1} 1", "a{x=\"1} 1", "a{x=\"\\t\"} 1",
        "a{x=\"1\"y=\"2\"} 1", "a{x=\"1\"", "a{,} 1", "a 1x", "a 0x10", "a{x=\"\\", "\xff 1"}) {
    const auto page = scraped_page::parse(std::string("good 1\n") + text);
    ASSERT_FALSE(page) << text;
    EXPECT_EQ(page.error().code, errc::corrupt);
    EXPECT_TRUE(page.error().message.starts_with("line 2 of the metrics: ")) << page.error().message;
  }
}

TEST(scraped_page_test, sizes_are_bounded) {
  const scrape_limits small{.max_samples = 2, .max_labels = 2, .max_text = 8};
  EXPECT_TRUE(scraped_page::parse("a 1\nb 2\n", small));
  EXPECT_FALSE(scraped_page::parse("a 1\nb 2\nc 3\n", small));
  EXPECT_FALSE(scraped_page::parse("a{b=\"1\",c=\"2\",d=\"3\"} 1", small));
  EXPECT_FALSE(scraped_page::parse("a{b=\"123456789\"} 1", small));
  EXPECT_FALSE(scraped_page::parse("abcdefghi 1", small));
}

TEST(scraped_page_test, growth_knows_a_process_that_began_anew) {
  const auto before = must_parse("a{x=\"1\"} 10\nb 5\nn NaN\n");
  const auto now = must_parse("a{x=\"1\"} 12\nb 2\nfresh 7\nn 3\ni +Inf\n");
  EXPECT_EQ(now.growth(0, before), 2);
  EXPECT_EQ(now.growth(1, before), 2) << "it fell: counting began again";
  EXPECT_EQ(now.growth(2, before), 7);
  EXPECT_GE(now.growth(3, before), 0);
  EXPECT_EQ(now.growth(4, before), 0);
}

TEST(scraped_page_test, survives_any_bytes) {
  std::mt19937 draw(7);
  registry counts{{"1", "2", "3", "4"}};
  counts.pipeline("p")->received(1);
  const auto page = counts.expose();
  constexpr std::string_view bytes = "{}\"\\=,\n #+-.0aN\xff";
  for (int round = 0; round < 2'000; ++round) {
    auto spoilt = page.substr(draw() % (page.size() / 2), draw() % 400);
    for (int i = 0; i < 4 && !spoilt.empty(); ++i)
      spoilt[draw() % spoilt.size()] = bytes[draw() % bytes.size()];
    const auto read = scraped_page::parse(spoilt);
    for (std::size_t i = 0; read && i < read->samples().size(); ++i) {
      EXPECT_GE(read->growth(i, *read), 0);
    }
  }
}

} // namespace
} // namespace chalkstream::monitoring
