#include "core/offset_ledger.hpp"

#include "core/commit_note.hpp"
#include "tests/support/seeds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace chalkstream {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ranges = std::vector<offset_range>;

std::vector<std::int64_t> log_with_holes(test::random_engine& random, std::int64_t from, std::size_t records) {
  std::vector<std::int64_t> offsets;
  for (auto next = from; offsets.size() < records; ++next) {
    if (test::one_in(random, 6))
      next += test::any_of(random, 1, 5);
    offsets.push_back(next);
  }
  return offsets;
}

/// One life of a consumer: begins and finishes in random order, commits now and then, and dies after `steps`.
class life {
public:
  life(const std::vector<std::int64_t>& log, std::int64_t position, const std::string& note)
      : log_(log), ledger_(position, decode_commit_note(note, position).finished) {
    next_ = std::lower_bound(log.begin(), log.end(), position);
  }

  void run(test::random_engine& random, std::size_t steps, std::map<std::int64_t, int>& published) {
    for (std::size_t step = 0; step < steps && (next_ != log_.end() || !open_.empty()); ++step) {
      if (next_ != log_.end() && open_.size() < 20 && (open_.empty() || test::one_in(random, 2))) {
        if (ledger_.begin(*next_))
          open_.push_back(*next_);
        ++next_;
      } else if (!open_.empty()) {
        const auto at =
            static_cast<std::size_t>(test::any_of(random, 0, static_cast<std::int64_t>(open_.size()) - 1));
        ledger_.finish(open_[at]);
        staged_.push_back(open_[at]);
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
      }
      if (test::one_in(random, 8))
        commit(published);
    }
  }

  void commit(std::map<std::int64_t, int>& published) {
    for (const auto offset : staged_)
      ++published[offset];
    staged_.clear();
    position_ = ledger_.position();
    note_ = encode({"w", 0, false, 0, ledger_.finished_beyond()}, position_);
    committed_ = true;
  }

  bool committed() const { return committed_; }
  std::int64_t position() const { return position_; }
  const std::string& note() const { return note_; }

private:
  const std::vector<std::int64_t>& log_;
  std::vector<std::int64_t>::const_iterator next_;
  offset_ledger ledger_;
  std::vector<std::int64_t> open_;
  std::vector<std::int64_t> staged_;
  std::int64_t position_ = 0;
  std::string note_;
  bool committed_ = false;
};

TEST(offset_ledger_test, the_position_waits_for_the_oldest_open_record) {
  offset_ledger ledger(5);
  EXPECT_TRUE(ledger.begin(5));
  EXPECT_TRUE(ledger.begin(6));
  ledger.finish(6);
  EXPECT_EQ(ledger.position(), 5);
  EXPECT_THAT(ledger.finished_beyond(), ElementsAre(offset_range{6, 7}));
  ledger.finish(5);
  EXPECT_EQ(ledger.position(), 7);
  EXPECT_THAT(ledger.finished_beyond(), IsEmpty());
}

TEST(offset_ledger_test, offsets_the_log_does_not_hold_count_as_finished) {
  offset_ledger ledger(0);
  for (const auto offset : {3, 10, 11, 20})
    EXPECT_TRUE(ledger.begin(offset));
  ledger.finish(10);
  ledger.finish(20);
  EXPECT_THAT(ledger.finished_beyond(), ElementsAre(offset_range{10, 11}, offset_range{20, 21}));
  ledger.finish(11);
  EXPECT_THAT(ledger.finished_beyond(), ElementsAre(offset_range{10, 21}));
  ledger.finish(3);
  EXPECT_EQ(ledger.position(), 21);
}

TEST(offset_ledger_test, what_an_earlier_life_finished_is_not_begun_again) {
  offset_ledger ledger(10, {{12, 14}, {20, 21}});
  EXPECT_TRUE(ledger.begin(10));
  EXPECT_TRUE(ledger.begin(11));
  EXPECT_FALSE(ledger.begin(12));
  EXPECT_FALSE(ledger.begin(13));
  EXPECT_TRUE(ledger.begin(14));
  EXPECT_EQ(ledger.open(), 3u);
  EXPECT_THAT(ledger.finished_beyond(), ElementsAre(offset_range{12, 14}, offset_range{20, 21}));
}

TEST(offset_ledger_test, a_restored_range_that_touches_the_position_moves_it) {
  offset_ledger ledger(3, {{5, 8}});
  EXPECT_TRUE(ledger.begin(3));
  EXPECT_TRUE(ledger.begin(4));
  ledger.finish(3);
  ledger.finish(4);
  EXPECT_EQ(ledger.position(), 8);
  EXPECT_THAT(ledger.finished_beyond(), IsEmpty());
  EXPECT_FALSE(ledger.begin(5));
  EXPECT_FALSE(ledger.begin(7));
  EXPECT_TRUE(ledger.begin(8));
}

TEST(offset_ledger_test, a_half_read_restored_range_moves_the_position_to_its_end) {
  offset_ledger ledger(3, {{4, 8}});
  EXPECT_TRUE(ledger.begin(3));
  EXPECT_FALSE(ledger.begin(4));
  EXPECT_FALSE(ledger.begin(5));
  ledger.finish(3);
  EXPECT_EQ(ledger.position(), 8);
  EXPECT_FALSE(ledger.begin(6));
  EXPECT_EQ(ledger.position(), 8);
}

TEST(offset_ledger_test, a_record_delivered_again_is_not_begun_again) {
  offset_ledger ledger(0);
  EXPECT_TRUE(ledger.begin(0));
  EXPECT_FALSE(ledger.begin(0));
  ledger.finish(0);
  EXPECT_FALSE(ledger.begin(0));
  EXPECT_EQ(ledger.open(), 0u);
}

TEST(offset_ledger_test, records_before_the_position_are_refused) {
  offset_ledger ledger(100);
  EXPECT_FALSE(ledger.begin(99));
  EXPECT_TRUE(ledger.begin(100));
}

TEST(offset_ledger_test, finishing_twice_stops_the_process) {
  offset_ledger ledger(0);
  ledger.begin(0);
  ledger.begin(1);
  ledger.finish(1);
  EXPECT_DEATH(ledger.finish(1), "finished twice or unbegun");
}

TEST(offset_ledger_test, finishing_what_was_never_begun_stops_the_process) {
  offset_ledger ledger(0, {{2, 3}});
  ledger.begin(0);
  ledger.begin(2);
  EXPECT_DEATH(ledger.finish(1), "finished twice or unbegun");
  EXPECT_DEATH(ledger.finish(2), "finished twice or unbegun") << "it was finished in an earlier life";
}

TEST(offset_ledger_test, any_completion_order_never_commits_past_an_open_record_and_ends_at_the_end) {
  test::for_seeds(3000, [](test::random_engine& random) {
    const auto start = test::any_of(random, 0, 1'000'000);
    const auto log = log_with_holes(random, start, static_cast<std::size_t>(test::any_of(random, 1, 60)));
    offset_ledger ledger(start);
    std::set<std::int64_t> open;
    std::set<std::int64_t> finished;
    auto next = log.begin();
    while (next != log.end() || !open.empty()) {
      if (next != log.end() && (open.empty() || test::one_in(random, 2))) {
        ASSERT_TRUE(ledger.begin(*next));
        open.insert(*next++);
      } else {
        auto at = open.begin();
        std::advance(at, test::any_of(random, 0, static_cast<std::int64_t>(open.size()) - 1));
        ledger.finish(*at);
        finished.insert(*at);
        open.erase(at);
      }
      const auto begun_until = next == log.begin() ? start : *std::prev(next) + 1;
      ASSERT_EQ(ledger.open(), open.size());
      ASSERT_EQ(ledger.begun_until(), begun_until);
      if (open.empty()) {
        ASSERT_EQ(ledger.position(), begun_until);
      } else {
        ASSERT_LE(ledger.position(), *open.begin());
        ASSERT_TRUE(finished.lower_bound(ledger.position()) == finished.lower_bound(*open.begin()))
            << "the position is before a finished record with nothing open in between";
      }
      auto before = ledger.position();
      std::size_t beyond = 0;
      for (const auto& r : ledger.finished_beyond()) {
        ASSERT_GT(r.begin, before);
        ASSERT_GT(r.end, r.begin);
        ASSERT_TRUE(open.lower_bound(r.begin) == open.lower_bound(r.end)) << "an open record inside a finished range";
        beyond += static_cast<std::size_t>(std::distance(finished.lower_bound(r.begin), finished.lower_bound(r.end)));
        before = r.end;
      }
      ASSERT_EQ(beyond,
                static_cast<std::size_t>(std::distance(finished.lower_bound(ledger.position()), finished.end())));
      ASSERT_LE(ledger.finished_beyond().size(), ledger.open() + 1);
    }
    ASSERT_EQ(ledger.position(), log.back() + 1);
    ASSERT_THAT(ledger.finished_beyond(), IsEmpty());
  });
}

TEST(offset_ledger_test, over_any_number_of_deaths_each_record_is_published_exactly_once) {
  test::for_seeds(2000, [](test::random_engine& random) {
    const auto log =
        log_with_holes(random, test::any_of(random, 0, 1000), static_cast<std::size_t>(test::any_of(random, 1, 80)));
    std::map<std::int64_t, int> published;
    std::int64_t position = log.front();
    std::string note;
    const auto deaths = test::any_of(random, 1, 6);
    for (std::int64_t death = 0; death < deaths; ++death) {
      life one(log, position, note);
      one.run(random, static_cast<std::size_t>(test::any_of(random, 0, 60)), published);
      if (one.committed()) {
        ASSERT_GE(one.position(), position);
        position = one.position();
        note = one.note();
      }
    }
    life last(log, position, note);
    last.run(random, 1'000'000, published);
    last.commit(published);
    EXPECT_EQ(last.position(), log.back() + 1);
    EXPECT_THAT(decode_commit_note(last.note(), last.position()).finished, IsEmpty());
    EXPECT_EQ(published.size(), log.size());
    for (const auto& [offset, times] : published)
      ASSERT_EQ(times, 1) << "offset " << offset;
  });
}

} // namespace
} // namespace chalkstream
