#include "actors/lease_book.hpp"

#include "monitoring/pipeline_probe.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::test {

namespace {

using namespace std::chrono_literals;
using namespace chalkstream::actors;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class lease_book_test : public ::testing::Test {
protected:
  lease_book_test() {
    route_->probe = std::make_shared<monitoring::pipeline_probe>("test");
    take_in(0);
    take_in(1);
  }

  void take_in(std::int32_t partition) {
    assigned_partition given;
    given.partition = partition;
    book_.take_in(std::move(given));
  }

  lease_book::departure admit(std::initializer_list<std::pair<std::int32_t, std::int64_t>> places) {
    std::vector<record> read;
    for (const auto& [partition, offset] : places)
      read.push_back(make_record(partition, offset, std::nullopt, "value"));
    return book_.admit(std::move(read));
  }

  manual_clock time_;
  credit credit_{100, 1000};
  outbox outbox_{100, "test-0"};
  std::shared_ptr<pipeline_route> route_ = std::make_shared<pipeline_route>();
  lease_book book_{route_, outbox_, credit_, std::make_shared<trial_gate>(), time_};
};

} // namespace

TEST_F(lease_book_test, names_each_partition_that_begins_once) {
  const auto first = admit({{0, 0}, {1, 0}, {0, 1}});
  EXPECT_EQ(first.batch->size(), 3U);
  ASSERT_EQ(first.fresh.size(), 2U);
  EXPECT_THAT(admit({{0, 2}, {1, 1}}).fresh, IsEmpty());
  EXPECT_THAT(book_.begun(std::vector{0, 1}), ElementsAre(0, 1));
}

TEST_F(lease_book_test,
       an_ending_partition_takes_nothing_more_and_is_due_when_its_flights_are_back_or_its_time_is_over) {
  const auto out = admit({{0, 0}});
  book_.ask_back(0, time_.now() + 5s);
  EXPECT_THAT(*admit({{0, 1}}).batch, IsEmpty());
  EXPECT_THAT(book_.due(time_.now()), IsEmpty());
  EXPECT_THAT(book_.due(time_.now() + 5s), ElementsAre(0));
  EXPECT_TRUE(book_.overdue(time_.now() + 5s));
  book_.land(*out.batch);
  EXPECT_THAT(book_.due(time_.now()), ElementsAre(0));
  EXPECT_FALSE(book_.overdue(time_.now()));
  EXPECT_THAT(book_.let_go(std::vector{0}), ElementsAre(0));
  EXPECT_EQ(book_.size(), 1U);
  EXPECT_TRUE(credit_.idle());
}

TEST_F(lease_book_test, when_all_end_those_that_come_later_end_too_and_the_group_is_owed_what_it_asked_for) {
  book_.end_all(time_.now() + 1s);
  take_in(2);
  book_.ask_back(1, time_.now() + 5s);
  EXPECT_THAT(book_.due(time_.now()), ElementsAre(0, 1, 2));
  EXPECT_THAT(book_.let_go(std::vector{0, 1, 2}), ElementsAre(1));
  EXPECT_TRUE(book_.empty());
}

TEST_F(lease_book_test, a_flight_of_a_partition_that_went_and_came_back_gives_its_credit_back_and_no_result) {
  const auto out = admit({{0, 0}});
  EXPECT_TRUE(book_.forget(0));
  EXPECT_FALSE(book_.forget(0));
  take_in(0);
  out.batch->front()->step = reply{};
  book_.land(*out.batch);
  EXPECT_EQ(outbox_.publishable(), 0U);
  EXPECT_TRUE(credit_.idle());
}

TEST_F(lease_book_test, the_results_of_one_record_leave_under_one_key_and_one_time_and_cost_one_receipt) {
  const auto out = admit({{0, 0}});
  out.batch->front()->step = reply{"key", "summary", {}, true, {{"part", {{"h", "1"}}}}};
  book_.land(*out.batch);
  EXPECT_EQ(outbox_.publishable(), 1U);
  const auto& outputs = outbox_.window().outputs;
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].value, "part");
  ASSERT_EQ(outputs[0].headers.size(), 1U);
  EXPECT_EQ(outputs[1].value, "summary");
  EXPECT_THAT(outputs[1].headers, IsEmpty());
  for (const auto& o : outputs) {
    EXPECT_EQ(o.key, "key");
    EXPECT_EQ(o.timestamp, outputs[0].timestamp);
    EXPECT_EQ(o.offset, 0);
  }
  const auto receipts = outbox_.committed();
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_TRUE(receipts[0].review);
}

} // namespace chalkstream::test
