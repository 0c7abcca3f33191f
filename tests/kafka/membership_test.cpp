// Two members of one group on a real broker: revocations that wait for a release, restarts, drains.
#include "tests/kafka/real_broker.hpp"
#include "tests/kafka/session_driver.hpp"

#include "kafka/client_conf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;

class membership_test : public testing::Test {
protected:
  void SetUp() override {
    settings_ = fresh_settings(shared_broker().bootstrap(), "member");
    make_topics(settings_, 4);
    for (int p = 0; p < 4; ++p)
      write_numbers(settings_.brokers, settings_.topic, 50, p, 100 * p);
  }

  kafka::session_settings named(const std::string& instance) const {
    auto s = settings_;
    s.instance = instance;
    return s;
  }

  /// Polls both until `done`.
  static bool poll_both(session_driver& a, session_driver& b, const std::function<bool()>& done,
                        std::chrono::milliseconds within = 20s) {
    const auto deadline = clock::system().now() + within;
    while (!done() && clock::system().now() < deadline) {
      a.poll_until([] { return false; }, 10ms);
      b.poll_until([] { return false; }, 10ms);
    }
    return done();
  }

  static void give_back(session_driver& d) {
    if (!d.revoking.empty())
      d.release({d.revoking.begin(), d.revoking.end()});
  }

  kafka::session_settings settings_;
};

TEST_F(membership_test, a_revoked_partition_moves_only_after_it_was_released_and_can_be_committed_until_then) {
  session_driver a{named("a")};
  a.open();
  ASSERT_TRUE(a.wait_for_partitions(4));
  ASSERT_TRUE(a.wait_for_records(200));
  session_driver b{named("b")};
  b.open();
  ASSERT_TRUE(poll_both(a, b, [&] { return !a.revoking.empty(); }));
  const auto wanted = a.revoking;
  EXPECT_EQ(wanted.size(), kafka::cooperative_is_sound() ? 2u : 4u);

  // The grace: the other one waits, and what was finished meanwhile can still be committed.
  poll_both(
      a, b, [] { return false; }, 1500ms);
  EXPECT_TRUE(b.assigned.empty());
  std::int64_t n = 0;
  for (const auto p : wanted) {
    const auto outcome = a.commit(window_of({"late" + std::to_string(p)}, 10, "handover" + std::to_string(n++), p));
    EXPECT_EQ(outcome, commit_outcome::committed);
  }
  a.release({wanted.begin(), wanted.end()});
  ASSERT_TRUE(poll_both(a, b, [&] {
    give_back(a);
    give_back(b);
    return a.assigned.size() == 2 && b.assigned.size() == 2;
  }));
  for (const auto& [p, given] : b.assigned) {
    EXPECT_EQ(given.committed, 10);
    EXPECT_TRUE(given.note.starts_with("handover"));
  }
  EXPECT_TRUE(a.lost.empty());
}

TEST_F(membership_test, releasing_one_of_two_revoked_partitions_does_not_end_the_revoke) {
  session_driver a{named("a")};
  a.open();
  ASSERT_TRUE(a.wait_for_partitions(4));
  session_driver b{named("b")};
  b.open();
  ASSERT_TRUE(poll_both(a, b, [&] { return a.revoking.size() >= 2; }));
  const std::vector<std::int32_t> all(a.revoking.begin(), a.revoking.end());
  a.release({all.front()});
  poll_both(
      a, b, [] { return false; }, 1s);
  EXPECT_TRUE(b.assigned.empty());
  a.release({all.begin() + 1, all.end()});
  EXPECT_TRUE(poll_both(a, b, [&] {
    give_back(a);
    give_back(b);
    return a.assigned.size() == 2 && b.assigned.size() == 2;
  }));
}

TEST_F(membership_test, a_drained_member_leaves_at_once) {
  session_driver a{named("a")};
  session_driver b{named("b")};
  a.open();
  b.open();
  ASSERT_TRUE(poll_both(a, b, [&] {
    give_back(a);
    give_back(b);
    return a.assigned.size() == 2 && b.assigned.size() == 2;
  }));
  const auto started = clock::system().now();
  a.close();
  const auto closed = clock::system().now();
  ASSERT_TRUE(b.poll_until([&] {
    give_back(b);
    return b.assigned.size() == 4;
  }));
  const auto moved = clock::system().now();
  std::cout << "[ measured ] close " << std::chrono::duration<double>(closed - started).count()
            << " s, partitions moved after " << std::chrono::duration<double>(moved - started).count() << " s\n";
  EXPECT_LT(moved - started, 4s) << "far below the session timeout of 6 s";
}

TEST_F(membership_test, a_restarted_member_gets_its_partitions_back_without_a_rebalance) {
  if (!kafka::cooperative_is_sound())
    GTEST_SKIP() << "static membership is used from librdkafka 2.10 on";
  session_driver b{named("b")};
  b.open();
  auto a = std::make_unique<session_driver>(named("a"));
  a->open();
  ASSERT_TRUE(poll_both(*a, b, [&] {
    give_back(*a);
    give_back(b);
    return a->assigned.size() == 2 && b.assigned.size() == 2;
  }));
  const auto rebalances = b.session.counters->rebalances.load();
  // A successor of the same name while the first one still seems to live: what a kill and a quick restart look like.
  session_driver again{named("a")};
  const auto started = clock::system().now();
  again.open();
  ASSERT_TRUE(again.wait_for_partitions(2));
  std::cout << "[ measured ] restart to partitions "
            << std::chrono::duration<double>(clock::system().now() - started).count() << " s\n";
  b.poll_until([] { return false; }, 500ms);
  EXPECT_EQ(b.session.counters->rebalances, rebalances);
  EXPECT_EQ(b.assigned.size(), 2u);

  a.reset(); // its successor has its place: it must not take it along
  again.poll_until([] { return false; }, 500ms);
  EXPECT_EQ(again.assigned.size(), 2u);
}

TEST_F(membership_test, two_of_the_same_name_do_not_go_on_for_ever) {
  if (!kafka::cooperative_is_sound())
    GTEST_SKIP() << "static membership is used from librdkafka 2.10 on";
  session_driver a{named("twin")};
  session_driver b{named("twin")};
  a.open();
  ASSERT_TRUE(a.wait_for_partitions(4));
  b.open();
  EXPECT_TRUE(poll_both(
      a, b, [&] { return a.failure || b.failure; }, 60s));
  EXPECT_EQ((a.failure ? a : b).failure->code, errc::fenced);
  auto& survivor = a.failure ? b : a;
  EXPECT_TRUE(survivor.poll_until([&] { return survivor.assigned.size() == 4; }));
}

TEST_F(membership_test, a_silent_member_loses_everything_even_what_it_was_not_asked_for) {
  auto s = named("a");
  s.static_membership = false;
  s.session_timeout = 3s;
  s.client = {{"max.poll.interval.ms", "4000"}};
  session_driver a{s};
  a.open();
  ASSERT_TRUE(a.wait_for_partitions(4));
  ASSERT_TRUE(a.wait_for_records(200));
  auto t = named("b");
  session_driver b{t};
  b.open();
  // Two partitions are asked back (all, by the eager protocol), but nobody is there to answer.
  ASSERT_TRUE(poll_both(a, b, [&] { return !a.revoking.empty(); }));
  ASSERT_TRUE(b.wait_for_partitions(4)) << "nobody polls for the first one";
  for (int p = 0; p < 4; ++p)
    ASSERT_EQ(b.commit(window_of({"b" + std::to_string(p)}, 20, "b", p)), commit_outcome::committed);

  EXPECT_EQ(a.commit(window_of({"zombie"}, 10, "z")), commit_outcome::not_committed);
  give_back(a);
  // It joins again. Whatever it then holds starts where the other one has committed.
  a.assigned.clear();
  a.records.clear();
  ASSERT_TRUE(poll_both(a, b, [&] {
    give_back(a);
    give_back(b);
    return a.assigned.size() == 2 && b.assigned.size() == 2;
  }));
  ASSERT_TRUE(a.wait_for_records(60));
  for (const auto& [p, given] : a.assigned)
    EXPECT_EQ(given.committed, 20);
  for (const auto& r : a.records)
    EXPECT_GE(r.offset, 20);
  EXPECT_EQ(values_of(s.brokers, s.results_topic).size(), 4u);
}

TEST_F(membership_test, closing_in_the_middle_of_a_rebalance_does_not_hang) {
  session_driver a{named("a")};
  a.open();
  ASSERT_TRUE(a.wait_for_partitions(4));
  session_driver b{named("b")};
  b.open();
  ASSERT_TRUE(poll_both(a, b, [&] { return !a.revoking.empty(); }));
  const auto started = clock::system().now();
  a.close(); // unreleased
  EXPECT_LT(clock::system().now() - started, 8s);
  EXPECT_TRUE(b.poll_until([&] { return b.assigned.size() == 4; }));
  session_driver c{named("c")};
  c.open(); // closed before it has joined
}

} // namespace
} // namespace chalkstream::test
