// What holds for any observation, and for any burst.
#include "core/scaling_controller.hpp"

#include "tests/support/seeds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;
using test::any_of;
using test::one_in;
using test::random_engine;

double uniform(random_engine& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

scaling_settings any_settings(random_engine& random) {
  scaling_settings s;
  s.least = static_cast<std::size_t>(any_of(random, 0, 4));
  s.most = s.least + static_cast<std::size_t>(any_of(random, s.least == 0 ? 1 : 0, 30));
  s.step_up = static_cast<std::size_t>(any_of(random, 1, 10));
  s.step_down = static_cast<std::size_t>(any_of(random, 1, 4));
  s.interval = std::chrono::seconds(any_of(random, 1, 15));
  s.up_window = std::chrono::seconds(any_of(random, 0, 60));
  s.down_window = std::chrono::seconds(any_of(random, 0, 300));
  s.startup = std::chrono::seconds(any_of(random, 0, 90));
  s.idle_after = std::chrono::seconds(any_of(random, 1, 600));
  s.hysteresis = uniform(random, 0, 0.5);
  if (one_in(random, 2))
    s.slack = std::chrono::seconds(any_of(random, 0, 60));
  if (one_in(random, 3)) {
    s.replica_cost = uniform(random, 0.1, 2);
    s.budget = s.replica_cost * uniform(random, 1, 30);
  }
  return s;
}

// Mostly sensible, and now and then anything at all.
std::optional<observed> any_value(random_engine& random, time_point now, double low, double high) {
  constexpr std::array odd{0.0,
                           -0.0,
                           -1.0,
                           1e-300,
                           1e18,
                           1e300,
                           std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::denorm_min(),
                           std::numeric_limits<double>::max()};
  if (one_in(random, 12))
    return {};
  observed o{uniform(random, low, high), now - std::chrono::milliseconds(any_of(random, 0, 10'000))};
  if (one_in(random, 12))
    o.value = odd[static_cast<std::size_t>(any_of(random, 0, odd.size() - 1))];
  if (one_in(random, 25))
    o.at = now + std::chrono::seconds(any_of(random, -100'000, 100'000));
  return o;
}

scaling_observation any_observation(random_engine& random, time_point now, std::size_t replicas) {
  scaling_observation o;
  o.arrival_rate = any_value(random, now, 0, one_in(random, 5) ? 500 : 20);
  o.service_rate = any_value(random, now, 0.5, 8);
  o.pending = any_value(random, now, 0, one_in(random, 3) ? 5000 : 5);
  o.drain_seconds = any_value(random, now, 0, one_in(random, 3) ? 300 : 5);
  o.slack_seconds = any_value(random, now, -30, 60);
  o.ready = observed{std::floor(uniform(random, 0, static_cast<double>(replicas) + 1)), now};
  if (one_in(random, 2))
    o.partitions = observed{static_cast<double>(any_of(random, 1, 40)), now};
  o.replicas = observed{static_cast<double>(replicas), now};
  if (one_in(random, 12))
    o.replicas = any_value(random, now, 0, 40);
  return o;
}

TEST(scaling_property_test, whatever_is_seen_bounds_steps_and_pace_hold_and_a_fault_changes_nothing) {
  test::for_seeds(300, [](random_engine& random) {
    const auto s = any_settings(random);
    scaling_controller c(s);
    time_point now{1h};
    auto replicas = static_cast<std::size_t>(
        any_of(random, static_cast<std::int64_t>(s.least), static_cast<std::int64_t>(s.most)));
    std::optional<time_point> changed;
    for (int i = 0; i < 400; ++i) {
      const auto o = any_observation(random, now, replicas);
      const auto d = c.decide(now, o);
      EXPECT_TRUE(d.replicas <= s.most || d.held());
      EXPECT_TRUE(d.replicas >= s.least || d.held());
      EXPECT_TRUE(std::isfinite(d.predicted_drain) && d.predicted_drain >= 0);
      EXPECT_EQ(d.held(), d.at_fault != scaling_value::none);
      if (d.held()) {
        EXPECT_FALSE(d.changed);
      }
      if (d.changed) {
        const auto told = static_cast<std::size_t>(o.replicas->value);
        EXPECT_NE(d.replicas, told);
        if (d.reason != scaling_reason::bounds) {
          EXPECT_LE(d.replicas, told + s.step_up);
          EXPECT_LE(told, d.replicas + s.step_down);
          EXPECT_TRUE(!changed || now - *changed >= s.interval * 9 / 10);
        }
        replicas = d.replicas;
        changed = now;
      }
      now += std::chrono::milliseconds(any_of(random, 1, 20'000));
    }
  });
}

TEST(scaling_property_test, a_value_that_was_needed_and_is_missing_never_changes_anything) {
  test::for_seeds(300, [](random_engine& random) {
    auto s = any_settings(random);
    scaling_controller c(s);
    time_point now{1h};
    const auto replicas = std::clamp<std::size_t>(3, std::max<std::size_t>(s.least, 1), s.most);
    for (int i = 0; i < 200; ++i) {
      auto o = any_observation(random, now, replicas);
      o.replicas = observed{static_cast<double>(replicas), now};
      if (one_in(random, 2))
        o.arrival_rate.reset();
      else
        o.drain_seconds = o.pending = std::nullopt;
      const auto d = c.decide(now, o);
      EXPECT_TRUE(!d.changed || d.reason == scaling_reason::bounds) << to_string(d.reason);
      now += s.interval;
    }
  });
}

// A service as a fluid: what comes, what waits, replicas that take a while to start and rates that are measured over
// the last half minute, with noise.
class plant {
public:
  plant(const scaling_settings& settings, random_engine& random, double noise)
      : s_(settings), random_(random), noise_(noise), controller_(settings),
        replicas_(std::max<std::size_t>(s_.least, 1)) {}

  void run(duration time, double arrivals) {
    for (const auto end = now_ + time; now_ < end; now_ += s_.interval)
      step(arrivals);
  }

  /// How often replicas began to grow after they shrank, or the other way round.
  int turns() const noexcept { return turns_; }
  double pending() const noexcept { return pending_; }

private:
  void step(double arrivals) {
    const auto interval = std::chrono::duration<double>(s_.interval).count();
    while (!starting_.empty() && starting_.front() <= now_)
      starting_.erase(starting_.begin());
    const auto ready = replicas_ - std::min(starting_.size(), replicas_);
    pending_ = std::max(0.0, pending_ + (arrivals - static_cast<double>(ready) * rate) * interval);
    smoothed_ += (arrivals * (1 + uniform(random_, -noise_, noise_)) - smoothed_) * std::min(1.0, interval / 15);
    scaling_observation o;
    o.arrival_rate = observed{smoothed_, now_};
    o.service_rate = observed{rate * (1 + uniform(random_, -noise_, noise_) / 4), now_};
    o.pending = observed{pending_, now_};
    o.replicas = observed{static_cast<double>(replicas_), now_};
    o.ready = observed{static_cast<double>(ready), now_};
    const auto d = controller_.decide(now_, o);
    const int way = d.replicas > replicas_ ? 1 : d.replicas < replicas_ ? -1 : 0;
    if (way != 0 && way_ != 0 && way != way_)
      ++turns_;
    way_ = way == 0 ? way_ : way;
    for (auto i = replicas_; i < d.replicas; ++i)
      starting_.push_back(now_ + s_.startup);
    replicas_ = d.replicas;
  }

  static constexpr double rate = 4;
  const scaling_settings& s_;
  random_engine& random_;
  double noise_;
  scaling_controller controller_;
  time_point now_{1h};
  std::size_t replicas_;
  std::vector<time_point> starting_;
  double pending_ = 0;
  double smoothed_ = 0;
  int way_ = 0;
  int turns_ = 0;
};

scaling_settings usual(random_engine& random) {
  scaling_settings s;
  s.least = 1;
  s.most = 60;
  s.step_up = static_cast<std::size_t>(any_of(random, 2, 20));
  s.step_down = static_cast<std::size_t>(any_of(random, 1, 4));
  s.startup = std::chrono::seconds(any_of(random, 0, 60));
  s.down_window = std::chrono::seconds(any_of(random, 60, 300));
  return s;
}

TEST(scaling_property_test, a_steady_load_with_noise_is_followed_without_turning) {
  test::for_seeds(100, [](random_engine& random) {
    const auto s = usual(random);
    plant p(s, random, 0.08);
    p.run(3h, uniform(random, 0.5, 120));
    EXPECT_LE(p.turns(), 1) << "up, and at most once back";
    EXPECT_LT(p.pending(), 50);
  });
}

TEST(scaling_property_test, a_burst_turns_the_replicas_twice_at_most) {
  test::for_seeds(100, [](random_engine& random) {
    const auto s = usual(random);
    plant p(s, random, 0.08);
    const auto calm = uniform(random, 0.5, 10);
    p.run(30min, calm);
    const auto before = p.turns();
    const auto bursts = any_of(random, 1, 4);
    for (int i = 0; i < bursts; ++i) {
      p.run(std::chrono::seconds(any_of(random, 60, 1200)), calm * uniform(random, 3, 20));
      p.run(40min, calm);
    }
    EXPECT_LE(p.turns() - before, 2 * bursts);
    EXPECT_LT(p.pending(), 50);
  });
}

} // namespace
} // namespace chalkstream
