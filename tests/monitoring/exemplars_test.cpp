#include "monitoring/exemplars.hpp"

#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

namespace chalkstream::monitoring {
namespace {

using namespace std::chrono_literals;

constexpr std::array bounds{0.1, 1.0};

trace_mark mark(std::uint8_t number) {
  trace_mark made;
  made.trace.fill(number);
  made.span.fill(number);
  made.at = wall_time(std::chrono::milliseconds(number));
  return made;
}

TEST(traced_histogram_test, keeps_the_latest_traced_value_of_each_bucket) {
  traced_histogram h(bounds);
  h.observe(0.05, mark(1));
  h.observe(0.06, mark(2));
  h.observe(5, mark(3));
  h.observe(0.07);
  EXPECT_EQ(h.values().counts(), (std::vector<std::uint64_t>{3, 0, 1}));
  const auto low = h.latest().latest(0), high = h.latest().latest(2);
  ASSERT_TRUE(low && high);
  EXPECT_EQ(low->value, 0.06);
  EXPECT_EQ(low->of.trace, mark(2).trace);
  EXPECT_EQ(low->of.span, mark(2).span);
  EXPECT_EQ(low->of.at, mark(2).at);
  EXPECT_EQ(high->value, 5);
  EXPECT_FALSE(h.latest().latest(1)) << "nothing traced fell into it";
}

TEST(traced_histogram_test, without_traces_it_is_a_histogram) {
  traced_histogram h(bounds);
  h.observe(0.05);
  h.observe(std::vector{0.5, 7.0});
  EXPECT_EQ(h.values().counts(), (std::vector<std::uint64_t>{1, 1, 1}));
  for (std::size_t i = 0; i <= bounds.size(); ++i)
    EXPECT_FALSE(h.latest().latest(i));
}

TEST(traced_histogram_test, a_value_can_be_marked_after_it_was_counted) {
  traced_histogram h(bounds);
  h.observe(0.5);
  h.mark(0.5, mark(4));
  EXPECT_EQ(h.values().counts(), (std::vector<std::uint64_t>{0, 1, 0}));
  EXPECT_EQ(h.latest().latest(1)->of.trace, mark(4).trace);
}

TEST(traced_histogram_test, what_is_not_finite_leaves_no_mark) {
  traced_histogram h(bounds);
  h.observe(std::numeric_limits<double>::quiet_NaN(), mark(1));
  h.observe(std::numeric_limits<double>::infinity(), mark(1));
  for (std::size_t i = 0; i <= bounds.size(); ++i)
    EXPECT_FALSE(h.latest().latest(i));
}

TEST(traced_histogram_test, a_journey_gives_its_span_and_none_gives_nothing) {
  const test::manual_clock time;
  journey traced;
  traced.own = {{1, 2}, {3}, 1};
  const auto made = mark_of(&traced, time);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->trace, traced.own.trace);
  EXPECT_EQ(made->span, traced.own.span);
  EXPECT_EQ(made->at, time.wall_now());
  EXPECT_FALSE(mark_of(nullptr, time));
}

// All of an exemplar's parts say the same number, or it was put together of two.
TEST(exemplars_test, readers_never_see_a_mixture_of_two_writers) {
  exemplars kept;
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (std::uint8_t t = 0; t < 3; ++t)
    writers.emplace_back([&kept, &stop, t] {
      for (std::uint8_t i = 1; !stop; i = static_cast<std::uint8_t>(i % 80 + 1)) {
        const auto number = static_cast<std::uint8_t>(3 * i + t);
        kept.keep(0, {mark(number), static_cast<double>(number)});
        if (i % 16 == 0)
          std::this_thread::yield(); // on one core a writer that is interrupted hides the place from everybody
      }
    });
  constexpr std::size_t enough = 200'000;
  std::size_t seen = 0;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (seen < enough && !HasFailure() && std::chrono::steady_clock::now() < end) {
    const auto one = kept.latest(0);
    if (!one)
      continue;
    ++seen;
    const auto whole = mark(one->of.trace[0]);
    EXPECT_EQ(one->of.trace, whole.trace);
    EXPECT_EQ(one->of.span, whole.span);
    EXPECT_EQ(one->of.at, whole.at);
    EXPECT_EQ(one->value, one->of.trace[0]);
  }
  stop = true;
  for (auto& w : writers)
    w.join();
  EXPECT_EQ(seen, enough);
  EXPECT_TRUE(kept.latest(0)) << "the last writer left it whole";
}

} // namespace
} // namespace chalkstream::monitoring
