#include "app/live_view.hpp"

#include "monitoring/pipeline_probe.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>

namespace chalkstream::app {
namespace {

using namespace std::chrono_literals;
using monitoring::pipeline_probe;
using testing::ElementsAre;
using testing::HasSubstr;

// Ten received: six graded, two to review, one dead, one in flight.
pipeline_snapshot ten(const std::string& name) {
  pipeline_probe probe(name);
  probe.received(10);
  for (int i = 0; i < 6; ++i)
    probe.answered(false, 0.0100);
  probe.answered(true, 0.0100);
  probe.answered(true, 0.5000);
  probe.dead_lettered(reject_reason::empty_text);
  probe.in_flight(1, 100);
  return probe.snapshot();
}

TEST(live_rows_test, counts_are_of_the_whole_run_and_rates_of_the_time_between) {
  pipeline_probe probe("a");
  probe.received(100);
  for (int i = 0; i < 90; ++i)
    probe.answered(false, 1.0);
  const auto before = probe.snapshot();
  for (int i = 0; i < 8; ++i)
    probe.answered(true, 0.010);
  probe.dead_lettered(reject_reason::too_large);
  probe.dead_lettered(reject_reason::too_large);
  const auto row = live_rows({&before, 1}, std::vector{probe.snapshot()}, 4.0).at(0);
  EXPECT_EQ(row.graded, 90u);
  EXPECT_EQ(row.review, 8u);
  EXPECT_EQ(row.dead, 2u);
  EXPECT_DOUBLE_EQ(row.per_second, 2.5);
  EXPECT_NEAR(row.p50, 0.010, 0.0005) << "of the last seconds, not of the slow beginning";
}

TEST(live_rows_test, latencies_are_those_of_the_whole_run_while_nothing_happens) {
  const auto p = ten("a");
  const auto row = live_rows({&p, 1}, {&p, 1}, 4.0).at(0);
  EXPECT_EQ(row.per_second, 0);
  EXPECT_NEAR(row.p99, 0.5, 0.02);
}

TEST(live_format_test, a_table_on_a_terminal_and_a_line_elsewhere) {
  const live_row row{"short-answers", 1200, 1000, 120, 3, 77, 45.23, 0.012, 0.040};
  EXPECT_THAT(format_live({&row, 1}, 100),
              ElementsAre("pipeline       received  graded  review  dead  in flight  docs/s    p50    p99",
                          "short-answers     1,200   1,000     120     3         77    45.2  12 ms  40 ms"));
  EXPECT_EQ(format_plain(row), "short-answers: 1,200 received, 1,000 graded, 120 to review, 3 dead, 77 in flight, "
                               "45.2/s, p50 12 ms, p99 40 ms");
}

TEST(summary_test, says_what_became_of_every_record_and_where_to_look_next) {
  auto first = ten("short-answers");
  first.received = 9;
  EXPECT_EQ(format_summary({{first, ten("next-steps")}, 2.0, {}, {"Grades:  topic grades", "Metrics: http://x"}}, 80),
            "                short-answers  next-steps\n"
            "received                    9          10\n"
            "graded                      6           6\n"
            "sent to review              2           2\n"
            "dead-lettered               1           1\n"
            "  empty_text                1           1\n"
            "lost                        0           1\n"
            "latency p50             10 ms       10 ms\n"
            "latency p99            500 ms      500 ms\n"
            "per second                4.5         4.5\n"
            "\n"
            "Grades:  topic grades\n"
            "Metrics: http://x\n");
}

TEST(summary_test, puts_pipelines_that_do_not_fit_below) {
  const auto text =
      format_summary({{ten("short-answers"), ten("recommendations"), ten("last")}, 2.0, {0, 0, 3}, {}}, 50);
  EXPECT_THAT(text, HasSubstr("short-answers  recommendations\nreceived"));
  EXPECT_THAT(text, HasSubstr("\n\n"));
  EXPECT_THAT(text.substr(text.find("\n\n")),
              ::testing::AllOf(HasSubstr("last\nreceived"), HasSubstr("dead-lettered")));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("..")));
}

TEST(summary_test, what_the_caller_counted_in_the_topics_decides_what_is_lost) {
  EXPECT_THAT(format_summary({{ten("a")}, 2.0, {0}, {}}, 80), HasSubstr("\nlost                 0\n"));
}

class live_view_test : public testing::Test {
protected:
  std::string taken() {
    auto text = std::move(out);
    out.clear();
    return text;
  }

  std::string out;
  test::manual_clock time;
  text_output write = [this](std::string_view text) { out += text; };
};

TEST_F(live_view_test, redraws_the_table_in_place_at_most_ten_times_a_second) {
  live_view view({true, 100}, write, time);
  view.show({ten("a"), ten("b")});
  const auto first = taken();
  EXPECT_THAT(first, testing::StartsWith("pipeline"));
  time.advance(50ms);
  view.show({ten("a"), ten("b")});
  EXPECT_EQ(taken(), "");
  time.advance(50ms);
  view.show({ten("a"), ten("b")});
  EXPECT_EQ(taken(), "\033[3F\033[J" + first);
}

TEST_F(live_view_test, a_line_appears_above_the_table) {
  live_view view({true, 100}, write, time);
  view.show({ten("a")});
  const auto table = taken();
  view.print("a warning");
  EXPECT_EQ(taken(), "\033[2F\033[Ja warning\n" + table);
  view.print("another");
  EXPECT_EQ(taken(), "\033[2F\033[Janother\n" + table);
}

TEST_F(live_view_test, rates_are_those_of_the_last_five_seconds) {
  live_view view({true, 100}, write, time);
  pipeline_probe probe("a");
  view.show({probe.snapshot()});
  for (int second = 0; second < 20; ++second) {
    time.advance(1s);
    if (second < 10)
      for (int i = 0; i < 30; ++i)
        probe.answered(false, 0.010);
    taken();
    view.show({probe.snapshot()});
    if (second == 9) {
      EXPECT_THAT(out, HasSubstr("  30.0  "));
    }
  }
  EXPECT_THAT(out, HasSubstr("     0  ")) << "nothing for ten seconds";
}

TEST_F(live_view_test, elsewhere_a_pipeline_that_has_moved_gets_a_line_every_five_seconds) {
  live_view view({false, 80}, write, time);
  pipeline_probe idle("idle");
  pipeline_probe busy("busy");
  busy.received(2);
  view.show({idle.snapshot(), busy.snapshot()});
  EXPECT_EQ(taken(), "busy: 2 received, 0 graded, 0 to review, 0 dead, 0 in flight, 0/s, p50 -, p99 -\n");
  busy.answered(false, 0.010);
  time.advance(4s);
  view.show({idle.snapshot(), busy.snapshot()});
  EXPECT_EQ(taken(), "");
  time.advance(1s);
  view.show({idle.snapshot(), busy.snapshot()});
  EXPECT_EQ(taken(), "busy: 2 received, 1 graded, 0 to review, 0 dead, 0 in flight, 0.2/s, p50 10 ms, p99 10 ms\n");
  time.advance(5s);
  view.show({idle.snapshot(), busy.snapshot()});
  EXPECT_EQ(taken(), "") << "nothing has moved";
}

TEST_F(live_view_test, the_summary_takes_the_tables_place_until_it_goes_on) {
  live_view view({true, 100}, write, time);
  view.show({ten("a")});
  taken();
  view.finish({{ten("a")}, 1.0, {}, {"next"}});
  const auto end = taken();
  EXPECT_THAT(end, testing::StartsWith("\033[2F\033[J"));
  EXPECT_THAT(end, testing::EndsWith("\nnext\n"));
  time.advance(1s);
  view.show({ten("a")});
  EXPECT_EQ(taken(), "");
  view.print("a line");
  EXPECT_EQ(taken(), "a line\n");
  view.resume();
  view.show({ten("a")});
  EXPECT_THAT(taken(), testing::StartsWith("pipeline"));
}

} // namespace
} // namespace chalkstream::app
