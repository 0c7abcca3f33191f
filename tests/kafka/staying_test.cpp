// What a member keeps while others come and go, on a real broker: its records go on, and so do its commits.
#include "tests/kafka/real_broker.hpp"
#include "tests/kafka/session_driver.hpp"

#include "kafka/client_conf.hpp"
#include "kafka/topic_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <thread>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;

constexpr int partitions = 4;

/// A record in every partition every few milliseconds, for as long as it lives.
class steady_flow {
public:
  steady_flow(const std::string& brokers, const std::string& topic)
      : thread_([this, brokers, topic] {
          auto writer = kafka::topic_writer::make(brokers, topic, {}, log::none());
          ASSERT_TRUE(writer) << to_string(writer.error());
          for (; !ending_; std::this_thread::sleep_for(10ms))
            for (int p = 0; p < partitions; ++p) {
              kafka::new_record r;
              r.value = "x";
              r.partition = p;
              ASSERT_TRUE(writer->write(r));
            }
        }) {}
  ~steady_flow() {
    ending_ = true;
    thread_.join();
  }

private:
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

/// A member that commits whatever it reads, and watches how long each of its partitions has brought nothing.
class diligent_member {
public:
  explicit diligent_member(kafka::session_settings s) : driver_(std::move(s)) { driver_.open(); }

  bool holds(std::size_t count) const { return driver_.assigned.size() == count && driver_.revoking.empty(); }
  int refused() const { return refused_; }

  void work() {
    driver_.poll_until([this] { return !driver_.records.empty() || !driver_.revoking.empty(); }, 10ms);
    const auto now = clock::system().now();
    commit_window window;
    std::map<std::int32_t, std::int64_t> next;
    for (const auto& r : driver_.records) {
      window.outputs.push_back(result_of("x", r.partition, r.offset));
      next[r.partition] = r.offset + 1;
      auto& last = seen_.try_emplace(r.partition, now).first->second;
      longest_[r.partition] = std::max(longest_[r.partition], now - last);
      last = now;
    }
    for (const auto& [partition, offset] : next)
      window.positions.push_back({partition, offset, "w" + std::to_string(++windows_)});
    driver_.records.clear();
    if (!window.positions.empty() && driver_.commit(window) != commit_outcome::committed)
      ++refused_;
    for (const auto p : driver_.revoking)
      seen_.erase(p), longest_.erase(p);
    if (!driver_.revoking.empty())
      driver_.release({driver_.revoking.begin(), driver_.revoking.end()});
  }

  /// The longest time without a record of a partition that has stayed since this was last asked.
  duration longest_pause() {
    duration longest{};
    for (const auto& [partition, pause] : longest_)
      longest = std::max(longest, pause);
    longest_.clear();
    return longest;
  }

private:
  session_driver driver_;
  std::map<std::int32_t, time_point> seen_;
  std::map<std::int32_t, duration> longest_;
  int windows_ = 0;
  int refused_ = 0;
};

TEST(staying_test, partitions_go_on_and_no_window_is_refused_while_others_come_and_go) {
  if (!kafka::cooperative_is_sound())
    GTEST_SKIP() << "the eager protocol takes everything away first";
  auto settings = fresh_settings(shared_broker().bootstrap(), "staying");
  settings.client = {{"heartbeat.interval.ms", "200"}};
  make_topics(settings, partitions);
  const auto named = [&settings](const std::string& instance) {
    auto s = settings;
    s.instance = instance;
    return s;
  };
  const steady_flow flow{settings.brokers, settings.topic};
  diligent_member host{named("host")};
  const auto work_until = [&host](const std::function<bool()>& done) {
    for (const auto deadline = clock::system().now() + 30s; !done() && clock::system().now() < deadline;)
      host.work();
    return done();
  };
  ASSERT_TRUE(work_until([&host] { return host.holds(partitions); }));
  work_until([until = clock::system().now() + 500ms] { return clock::system().now() > until; });
  const auto usual = host.longest_pause();

  std::vector<duration> pauses;
  for (int round = 0; round < 5; ++round) {
    std::atomic<bool> gone{false};
    std::thread guest([&] {
      session_driver d{named("guest" + std::to_string(round))};
      d.open();
      EXPECT_TRUE(d.wait_for_partitions(partitions / 2));
      d.close();
      gone = true;
    });
    EXPECT_TRUE(work_until([&] { return gone && host.holds(partitions); }));
    guest.join();
    pauses.push_back(host.longest_pause());
  }
  std::sort(pauses.begin(), pauses.end());
  std::cout << "[ measured ] longest pause of what stayed, ms (" << usual / 1ms << " usually):";
  for (const auto p : pauses)
    std::cout << ' ' << p / 1ms;
  std::cout << '\n';
  // The library by itself goes on after up to a second, twice as a member joins.
  EXPECT_LT(pauses[pauses.size() / 2], usual + 300ms);
  EXPECT_EQ(host.refused(), 0);
}

TEST(staying_test, after_a_pause_records_come_at_once) {
  auto settings = fresh_settings(shared_broker().bootstrap(), "paused");
  make_topics(settings, partitions);
  for (int p = 0; p < partitions; ++p)
    write_numbers(settings.brokers, settings.topic, 2000, p);
  session_driver d{settings};
  d.open();
  ASSERT_TRUE(d.wait_for_records(1));
  std::vector<duration> pauses;
  for (int round = 0; round < 5; ++round) {
    d.session.source->pause();
    d.poll_until([] { return false; }, 1s); // what was fetched ahead is kept until it is enough, then thrown away
    d.session.source->resume();
    const auto before = d.records.size();
    auto last = clock::system().now();
    duration longest{};
    EXPECT_TRUE(d.poll_until(
        [&, seen = before]() mutable {
          const auto now = clock::system().now();
          if (d.records.size() > seen) {
            longest = std::max(longest, now - last);
            last = now;
            seen = d.records.size();
          }
          return seen >= before + 1000;
        },
        20s, 100));
    pauses.push_back(longest);
  }
  std::sort(pauses.begin(), pauses.end());
  std::cout << "[ measured ] longest wait for records after a pause, ms:";
  for (const auto p : pauses)
    std::cout << ' ' << p / 1ms;
  std::cout << '\n';
  EXPECT_LT(pauses[pauses.size() / 2], 300ms);
}

} // namespace
} // namespace chalkstream::test
