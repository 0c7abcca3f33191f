#include "core/residency_rule.hpp"

#include "tests/support/seeds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

namespace chalkstream {
namespace {

using namespace std::chrono_literals;

/// Devices: 0 is a GPU with memory for 100 bytes, 1 a CPU with as much as anybody wants. What is decided is done at
/// once.
class residency_rule_test : public testing::Test {
protected:
  std::size_t add(priority urgency, std::size_t bytes, std::vector<std::size_t> devices = {0, 1}) {
    resident_settings m;
    m.urgency = urgency;
    m.bytes = bytes;
    m.policy.drain = 10s;
    m.policy.idle_after = 10min;
    m.policy.stale_after = 30s;
    resident_seen is;
    is.places.assign(devices.size(), {true, true});
    m.devices = std::move(devices);
    settings.models.push_back(std::move(m));
    seen.push_back(std::move(is));
    arrivals.push_back(0);
    pending.push_back(0);
    return seen.size() - 1;
  }

  /// It is, or is not, on its first device, loaded.
  void put(std::size_t model, bool there) { seen[model].places[0] = {there, there}; }

  /// The moves of one look, in words: "-0 memory" leaves model 0's first device, "+1/1" comes to model 1's second.
  std::string look() {
    if (!rule)
      rule.emplace(settings);
    const auto at = [this](double value) { return observed{value, now}; };
    for (std::size_t m = 0; m < seen.size(); ++m) {
      auto& load = seen[m].load;
      load = {};
      load.replicas = load.ready = at(1);
      load.service_rate = at(10);
      load.arrival_rate = at(arrivals[m]);
      load.pending = at(pending[m]);
    }
    spoil();
    std::string words;
    for (const auto& move : rule->decide(now, seen)) {
      auto& place = seen[move.model].places[move.place];
      place.wanted = move.wanted;
      if (loads_at_once)
        place.loaded = move.wanted;
      words += (words.empty() ? "" : " ") + std::string(move.wanted ? "+" : "-") + std::to_string(move.model);
      if (move.place > 0)
        words += "/" + std::to_string(move.place);
      if (!move.wanted)
        words += " " + std::string(to_string(move.why));
    }
    now += 5s;
    return words;
  }

  /// All moves of so long a time, and when the last was made.
  std::string look_for(duration time) {
    std::string all;
    for (const auto end = now + time; now < end;)
      if (const auto words = look(); !words.empty())
        all += (all.empty() ? "" : ", ") + words;
    return all;
  }

  residency_settings settings = [] {
    residency_settings usual;
    usual.memory = {100, std::nullopt};
    return usual;
  }();
  std::vector<resident_seen> seen;
  std::vector<double> arrivals, pending;
  std::optional<residency_rule> rule;
  std::function<void()> spoil = [] {};
  bool loads_at_once = true;
  time_point now{1h};
};

TEST_F(residency_rule_test, who_fits_is_left_alone) {
  add(priority::exam, 40);
  add(priority::bulk, 60);
  arrivals = {5, 5};
  pending = {3, 500};
  EXPECT_EQ(look_for(1h), "") << "bulk may be late: nobody is more urgent";
}

TEST_F(residency_rule_test, bulk_gives_its_memory_to_who_is_more_urgent_and_goes_on_elsewhere) {
  const auto exam = add(priority::exam, 60);
  add(priority::bulk, 60);
  put(exam, false);
  arrivals = {1, 1};
  EXPECT_EQ(look(), "-1 memory");
  EXPECT_EQ(look(), "+0");
  EXPECT_TRUE(seen[1].places[1].wanted);
  EXPECT_EQ(look_for(1h), "");
}

TEST_F(residency_rule_test, who_comes_waits_until_the_memory_is_really_free) {
  const auto exam = add(priority::exam, 60);
  const auto bulk = add(priority::bulk, 60);
  put(exam, false);
  arrivals = {1, 1};
  loads_at_once = false;
  EXPECT_EQ(look(), "-1 memory");
  EXPECT_EQ(look_for(20s), "") << "it finishes what it has begun there";
  seen[bulk].places[0].loaded = false;
  EXPECT_EQ(look(), "+0");
}

TEST_F(residency_rule_test, bulk_comes_back_when_the_other_has_had_no_work_for_long) {
  const auto exam = add(priority::exam, 60);
  const auto bulk = add(priority::bulk, 60);
  put(bulk, false);
  arrivals = {1, 1};
  EXPECT_EQ(look_for(10min), "");
  arrivals[exam] = 0;
  EXPECT_EQ(look_for(9min), "") << "an exam may pause";
  EXPECT_EQ(look_for(2min), "-0 memory, +1");
  arrivals[exam] = 1;
  EXPECT_EQ(look_for(10s), "-1 memory, +0") << "and it gives way at once";
}

TEST_F(residency_rule_test, among_those_without_work_nobody_moves) {
  const auto exam = add(priority::exam, 60);
  add(priority::bulk, 60);
  put(exam, false);
  EXPECT_EQ(look_for(11min), "-1 memory, +0") << "at first the more urgent may have work";
  put(0, false);
  put(1, true);
  EXPECT_EQ(look_for(1h), "");
}

TEST_F(residency_rule_test, bulk_gives_its_slots_to_who_is_late_and_comes_back_when_that_has_passed) {
  add(priority::exam, 40);
  add(priority::bulk, 60);
  arrivals = {5, 5};
  pending = {101, 0}; // of 10 a second, within 10 s
  EXPECT_EQ(look(), "-1 slots");
  EXPECT_EQ(look_for(5min), "");
  pending[0] = 20;
  EXPECT_EQ(look_for(55s), "");
  EXPECT_EQ(look_for(10s), "+1");
}

TEST_F(residency_rule_test, each_time_it_came_back_too_early_it_waits_twice_as_long) {
  add(priority::exam, 40);
  add(priority::bulk, 60);
  arrivals = {5, 5};
  std::vector<duration> waits;
  for (int i = 0; i < 4; ++i) {
    pending = {500, 0};
    EXPECT_EQ(look(), "-1 slots");
    pending = {0, 0};
    const auto since = now;
    while (look().empty() && now - since < 1h) {
    }
    waits.push_back(now - since);
  }
  EXPECT_GE(waits[0], 1min);
  for (std::size_t i = 1; i < waits.size(); ++i)
    EXPECT_NEAR(std::chrono::duration<double>(waits[i]) / std::chrono::duration<double>(waits[i - 1]), 2, 0.2);
}

TEST_F(residency_rule_test, who_is_late_must_be_so_for_the_window) {
  settings.up_window = 20s;
  add(priority::exam, 40);
  add(priority::bulk, 60);
  pending = {500, 0};
  EXPECT_EQ(look_for(15s), "");
  pending = {0, 0};
  look();
  pending = {500, 0};
  EXPECT_EQ(look_for(20s), "") << "the window begins anew";
  EXPECT_EQ(look(), "-1 slots");
}

TEST_F(residency_rule_test, priorities_are_exam_interactive_normal_bulk) {
  for (const auto urgency : {priority::bulk, priority::normal, priority::interactive, priority::exam})
    put(add(urgency, 40), false);
  arrivals = {1, 1, 1, 1};
  EXPECT_EQ(look_for(10min), "+3, +2");
}

TEST_F(residency_rule_test, nobody_leaves_its_last_device) {
  add(priority::exam, 60);
  const auto bulk = add(priority::bulk, 60, {0});
  put(0, false);
  arrivals = {1, 1};
  pending = {500, 500};
  EXPECT_EQ(look_for(1h), "") << "it could be nowhere else, and so there is no room";
  EXPECT_TRUE(seen[bulk].places[0].wanted);
}

TEST_F(residency_rule_test, who_is_on_no_other_device_yet_comes_there_first) {
  settings.memory = {100, 100};
  const auto exam = add(priority::exam, 60, {0});
  const auto bulk = add(priority::bulk, 60);
  seen[bulk].places = {{true, true}, {false, false}};
  (void)exam;
  arrivals = {1, 1};
  EXPECT_EQ(look(), "+1/1");
  EXPECT_EQ(look(), "-1 memory");
}

TEST_F(residency_rule_test, what_cannot_be_believed_moves_nobody) {
  add(priority::exam, 40);
  add(priority::bulk, 60);
  pending = {500, 500};
  const std::vector<std::function<void()>> faults{
      [this] { seen[0].load.pending->value = NAN; },
      [this] { seen[1].load.pending->value = NAN; },
      [this] { seen[0].load = {}; },
      [this] { seen[1].load.arrival_rate.reset(); },
      [this] { seen[0].load.pending->at -= 1min; },
      [this] { seen[0].load.pending->at += 1min; },
      [this] { seen[0].load.arrival_rate->value = -1; },
      [this] {
        seen[0].load.drain_seconds = observed{5000, now};
      }, // of 50
  };
  for (const auto& fault : faults) {
    spoil = fault;
    EXPECT_EQ(look_for(1min), "");
  }
  spoil = [] {};
  EXPECT_EQ(look(), "-1 slots");
}

TEST_F(residency_rule_test, after_a_gap_the_windows_begin_anew) {
  add(priority::exam, 40);
  add(priority::bulk, 60);
  arrivals = {1, 1};
  put(1, false);
  EXPECT_EQ(look_for(55s), "");
  spoil = [this] { seen[0].load = {}; };
  look();
  spoil = [] {};
  EXPECT_EQ(look_for(60s), "");
  EXPECT_EQ(look(), "+1");
}

TEST_F(residency_rule_test, devices_that_can_be_seen_are_not_held_by_others) {
  settings.memory = {100, std::nullopt, 100};
  add(priority::exam, 40, {2});
  const auto bulk = add(priority::bulk, 60);
  put(bulk, false);
  arrivals = {1, 1};
  spoil = [this] { seen[0].load = {}; };
  EXPECT_EQ(look_for(70s), "+1");
}

// Whatever is seen, memory is never promised twice to who comes, and nobody is left nowhere.
TEST(residency_property_test, nobody_is_nowhere_and_nobody_comes_where_there_is_no_room) {
  test::for_seeds(200, [](test::random_engine& random) {
    const auto any = [&random](int low, int high) { return test::any_of(random, low, high); };
    residency_settings s;
    s.down_window = 10s;
    s.up_window = std::chrono::seconds(any(0, 10));
    const auto devices = static_cast<std::size_t>(any(1, 3));
    for (std::size_t d = 0; d < devices; ++d)
      s.memory.push_back(any(0, 2) == 0 ? std::nullopt : std::optional(static_cast<std::size_t>(any(50, 200))));
    std::vector<resident_seen> seen;
    for (auto left = any(1, 6); left > 0; --left) {
      resident_settings m;
      m.urgency = static_cast<priority>(any(0, 3));
      m.bytes = static_cast<std::size_t>(any(1, 90));
      m.policy.idle_after = 30s;
      for (std::size_t d = 0; d < devices; ++d)
        if (any(0, 1) == 0)
          m.devices.push_back(d);
      if (m.devices.empty())
        m.devices.push_back(0);
      std::ranges::shuffle(m.devices, random);
      resident_seen is;
      is.places.assign(m.devices.size(), {true, true});
      s.models.push_back(std::move(m));
      seen.push_back(std::move(is));
    }
    residency_rule rule(s);
    time_point now{1h};
    for (int step = 0; step < 200; ++step, now += 2s) {
      for (auto& m : seen) {
        const auto at = [now](double value) { return observed{value, now}; };
        m.load.replicas = m.load.ready = m.load.service_rate = at(1);
        m.load.arrival_rate = at(any(0, 3) == 0 ? 1 : 0);
        m.load.pending = any(0, 30) == 0 ? std::nullopt : std::optional(at(any(0, 5) == 0 ? 100 : 0));
        for (auto& p : m.places)
          if (any(0, 2) == 0)
            p.loaded = p.wanted;
      }
      for (const auto& move : rule.decide(now, seen)) {
        ASSERT_NE(seen[move.model].places[move.place].wanted, move.wanted) << "no news";
        seen[move.model].places[move.place].wanted = move.wanted;
        const auto device = s.models[move.model].devices[move.place];
        if (move.wanted && s.memory[device] && !seen[move.model].places[move.place].loaded) {
          std::size_t used = 0;
          for (std::size_t m = 0; m < seen.size(); ++m)
            for (std::size_t p = 0; p < seen[m].places.size(); ++p)
              if (s.models[m].devices[p] == device && (seen[m].places[p].wanted || seen[m].places[p].loaded))
                used += s.models[m].bytes;
          ASSERT_LE(used, *s.memory[device]);
        }
      }
      for (const auto& m : seen)
        ASSERT_TRUE(std::ranges::any_of(m.places, &place_seen::wanted));
    }
  });
}

} // namespace
} // namespace chalkstream
