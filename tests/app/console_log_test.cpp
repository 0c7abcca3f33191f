#include "app/console_log.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace chalkstream::app {
namespace {

using namespace std::chrono_literals;

const wall_time moment{std::chrono::milliseconds(1'795'489'718'007)};

TEST(format_line_test, a_text_line_has_time_level_component_and_message) {
  EXPECT_EQ(format_line(false, moment, log_level::warning, "kafka", "a broker is away"),
            "2026-11-24T03:08:38.007Z warning kafka: a broker is away");
}

TEST(format_line_test, a_json_line_is_one_object) {
  EXPECT_EQ(format_line(true, moment, log_level::error, "kafka", "say \"no\"\n\xff"),
            "{\"time\":\"2026-11-24T03:08:38.007Z\",\"level\":\"error\",\"component\":\"kafka\",\"message\":\"say "
            "\\\"no\\\"\\n\xef\xbf\xbd\"}");
}

TEST(format_line_test, no_message_can_pose_as_another_line) {
  EXPECT_EQ(format_line(false, moment, log_level::info, "a\nb", "x\n2026 error kafka: \x1b[2Jfake\r"),
            "2026-11-24T03:08:38.007Z info a\\nb: x\\n2026 error kafka: \\x1b[2Jfake\\x0d");
}

TEST(format_line_test, a_trace_is_the_last_of_a_text_line_and_a_field_of_its_own_in_json) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  EXPECT_EQ(format_line(false, moment, log_level::info, "grading", "a dead letter", trace),
            "2026-11-24T03:08:38.007Z info grading: a dead letter trace_id=4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(
      format_line(true, moment, log_level::info, "grading", "a dead letter", trace),
      "{\"time\":\"2026-11-24T03:08:38.007Z\",\"level\":\"info\",\"component\":\"grading\",\"message\":\"a dead "
      "letter\",\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}");
  const auto cut = format_line(false, moment, log_level::info, "a", std::string(100'000, 'x'), trace);
  EXPECT_TRUE(cut.ends_with("x... trace_id=" + trace)) << "the message is cut, the trace is not";
}

TEST(format_line_test, a_long_message_is_cut) {
  const auto line = format_line(false, moment, log_level::info, "a", std::string(100'000, 'x'));
  EXPECT_LT(line.size(), 8300u);
  EXPECT_TRUE(line.ends_with("x..."));
}

TEST(console_log_test, writes_what_is_at_or_above_its_level_in_order) {
  std::vector<std::string> lines;
  {
    console_log log({.level = log_level::info, .destination = [&](auto line) { lines.emplace_back(line); }});
    log.debug("a", "hidden");
    log.info("a", "first {} %s");
    log.error("b", "second");
    log.write_traced(log_level::debug, "a", "hidden, too", "1f");
    log.write_traced(log_level::info, "c", "third", "1f");
  }
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(lines[0].ends_with("info a: first {} %s")) << lines[0];
  EXPECT_TRUE(lines[1].ends_with("error b: second")) << lines[1];
  EXPECT_TRUE(lines[2].ends_with("info c: third trace_id=1f")) << lines[2];
}

TEST(console_log_test, a_destination_that_blocks_costs_lines_but_nobodys_time) {
  std::mutex lock;
  std::condition_variable opened;
  bool open = false;
  std::atomic<int> written{0};
  std::atomic<std::uint64_t> told{0};
  std::uint64_t dropped = 0;
  {
    console_log log({.queue = 64,
                     .destination =
                         [&](auto) {
                           std::unique_lock guard(lock);
                           opened.wait(guard, [&] { return open; });
                           ++written;
                         },
                     .dropped = [&](std::size_t n) { told += n; }});
    const auto started = std::chrono::steady_clock::now();
    std::vector<std::thread> writers;
    for (int t = 0; t < 4; ++t)
      writers.emplace_back([&] {
        for (int i = 0; i < 500; ++i)
          log.info("test", "a line");
      });
    for (auto& w : writers)
      w.join();
    EXPECT_LT(std::chrono::steady_clock::now() - started, 2s);
    dropped = log.dropped();
    EXPECT_GE(dropped, 2000u - 64 - 1);
    EXPECT_EQ(told, dropped);
    const std::lock_guard guard(lock);
    open = true;
    opened.notify_all();
  }
  EXPECT_EQ(written + dropped, 2000u) << "every line is written or counted";
}

} // namespace
} // namespace chalkstream::app
