#include "actors/step_pool.hpp"

#include "tests/actors/doubles.hpp"
#include "tests/support/collecting_log.hpp"

#include <algorithm>

namespace chalkstream::test {

namespace {

class step_pool_test : public doubles_fixture {
protected:
  void TearDown() override {
    if (pool_)
      send(pool_, stop{});
    pool_ = nullptr;
    doubles_fixture::TearDown();
  }

  void start(std::size_t workers, std::size_t job_size) {
    pool_ = spawn_state<step_pool_state>(
        system(), step_pool_settings{.workers = workers, .job_size = job_size, .time = &time_, .log = &said_}, who_);
  }

  void run(flights batch) { send(pool_, run_steps{batch_of(std::move(batch))}); }

  flights several(std::size_t n, const std::string& value) {
    flights all;
    for (std::size_t i = 0; i < n; ++i)
      all.push_back(make_flight(value));
    return all;
  }

  /// As a slot leaves it.
  flight_ptr computed_flight(const std::string& value) {
    auto f = prepared_flight(value);
    f->phase = flight_phase::complete;
    f->rows = {1, std::vector<float>(std::get<work>(f->step).sequences.size(), 0.5F)};
    return f;
  }

  collecting_log said_;
  step_pool_actor pool_;
};

const rejection* rejected(const flight_ptr& f) {
  return std::get_if<rejection>(&f->step);
}

} // namespace

TEST_F(step_pool_test, sends_work_to_the_scheduler_and_what_is_answered_home) {
  start(2, 64);
  run({make_flight("work 3"), make_flight("reply yes"), make_flight("reject empty_text")});
  const auto enqueued = take(post_.enqueued);
  const auto landed = take(post_.landed);
  ASSERT_EQ(enqueued.size(), 1U);
  EXPECT_EQ(std::get<work>(enqueued[0]->step).tokens(), 3U);
  ASSERT_EQ(landed.size(), 2U);
  EXPECT_EQ(std::get<reply>(landed[0]->step).value, "yes");
  ASSERT_TRUE(rejected(landed[1]));
  EXPECT_EQ(rejected(landed[1])->reason, reject_reason::empty_text);
}

TEST_F(step_pool_test, cuts_a_large_batch_into_jobs_and_loses_none_of_it) {
  start(3, 4);
  run(several(10, "reply x"));
  EXPECT_EQ(post_.landed.size(), 3U);
  EXPECT_EQ(take(post_.landed).size(), 10U);
}

TEST_F(step_pool_test, more_jobs_than_workers_wait_their_turn) {
  start(1, 1);
  run(several(20, "work 1"));
  const auto enqueued = take(post_.enqueued);
  ASSERT_EQ(enqueued.size(), 20U);
  EXPECT_TRUE(std::is_sorted(enqueued.begin(), enqueued.end(),
                             [](const auto& a, const auto& b) { return a->input.offset < b->input.offset; }));
}

TEST_F(step_pool_test, a_deadline_is_the_events_own_or_else_its_timestamp_and_the_pipelines) {
  start(1, 64);
  route_->deadline = 30s;
  const auto wall = time_.wall_now().time_since_epoch().count();
  run({make_flight("work 1"), make_flight("work 1 deadline=" + std::to_string(wall + 250))});
  const auto got = take(post_.enqueued);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0]->deadline, time_.now() + 30s);
  EXPECT_FALSE(got[0]->expires);
  EXPECT_EQ(got[1]->deadline, time_.now() + 250ms);
  EXPECT_EQ(got[1]->expires, time_.now() + 250ms);
}

TEST_F(step_pool_test, a_record_whose_preparation_throws_is_rejected_and_no_other) {
  start(2, 8);
  auto batch = several(16, "reply x");
  batch[5] = make_flight("throw");
  const auto guilty = batch[5];
  run(batch);
  const auto landed = take(post_.landed);
  ASSERT_EQ(landed.size(), 16U);
  for (const auto& f : landed)
    EXPECT_EQ(rejected(f) != nullptr, f == guilty) << f->input.offset;
  ASSERT_TRUE(rejected(guilty));
  EXPECT_EQ(rejected(guilty)->reason, reject_reason::prepare_failed);
  EXPECT_EQ(rejected(guilty)->where, stage::prepare);
  EXPECT_EQ(rejected(guilty)->attempts, 2U);
}

TEST_F(step_pool_test, says_which_records_are_tried_apart_and_again) {
  start(1, 64);
  auto batch = several(2, "work 3");
  batch.push_back(make_flight("throw"));
  batch.back()->trace = std::make_shared<journey>();
  batch.back()->trace->own.trace.fill(0x1f);
  run(batch);
  const std::string trace = " trace_id=1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f";
  std::vector<std::string> lines;
  for (const auto& l : said_.lines())
    lines.push_back(l.component + ": " + l.message);
  EXPECT_EQ(lines,
            (std::vector<std::string>{"prepare: a step failed on 3 records (internal), which are tried apart" + trace,
                                      "prepare: a step failed on 2 records (internal), which are tried apart" + trace,
                                      "test: tried again: in/0/2, failed at prepare (internal), attempt 1" + trace}));
}

TEST_F(step_pool_test, a_record_whose_completion_throws_is_rejected_and_the_others_keep_their_rows) {
  start(1, 8);
  flights batch;
  for (int i = 0; i < 6; ++i)
    batch.push_back(computed_flight("work 2"));
  const auto guilty = computed_flight("work 2 then=throw");
  batch.insert(batch.begin() + 4, guilty);
  run(batch);
  const auto landed = take(post_.landed);
  ASSERT_EQ(landed.size(), 7U);
  for (const auto& f : landed) {
    if (f == guilty) {
      ASSERT_TRUE(rejected(f));
      EXPECT_EQ(rejected(f)->where, stage::complete);
    } else {
      ASSERT_TRUE(std::holds_alternative<reply>(f->step)) << f->input.offset;
      EXPECT_EQ(std::get<reply>(f->step).value, "work 2 = 0.500000");
    }
  }
}

TEST_F(step_pool_test, a_failed_job_leaves_records_with_another_step_where_they_were) {
  start(1, 8);
  const auto two_steps = computed_flight("work 2 steps=2");
  run({two_steps, computed_flight("work 2 then=throw")});
  const auto enqueued = take(post_.enqueued);
  ASSERT_EQ(enqueued.size(), 1U);
  EXPECT_EQ(enqueued[0], two_steps);
  // Completed for the first of its steps only, however often the job was tried.
  two_steps->phase = flight_phase::complete;
  run({two_steps});
  EXPECT_TRUE(std::holds_alternative<reply>(two_steps->step));
}

TEST_F(step_pool_test, a_worker_that_failed_is_replaced) {
  start(1, 1);
  run({make_flight("throw"), make_flight("throw"), make_flight("reply x")});
  EXPECT_EQ(take(post_.landed).size(), 3U);
  run({make_flight("reply y")});
  EXPECT_EQ(take(post_.landed).size(), 1U);
}

TEST_F(step_pool_test, does_not_prepare_what_its_partition_takes_with_it) {
  start(1, 64);
  lease_->ending.store(true);
  run({make_flight("reply x")});
  const auto landed = take(post_.landed);
  ASSERT_EQ(landed.size(), 1U);
  EXPECT_FALSE(landed[0]->finished());
  EXPECT_EQ(task_->prepared(), 0U);
}

TEST_F(step_pool_test, completes_what_was_on_a_device_when_its_partition_was_asked_back) {
  start(1, 64);
  const auto f = computed_flight("work 2");
  const auto half = computed_flight("work 2 steps=2");
  lease_->ending.store(true);
  run({f, half});
  EXPECT_EQ(take(post_.landed).size(), 2U);
  EXPECT_TRUE(std::holds_alternative<reply>(f->step));
  EXPECT_FALSE(half->finished());
  EXPECT_TRUE(post_.enqueued.empty());
}

TEST_F(step_pool_test, sends_each_record_to_the_consumer_it_came_from) {
  post other;
  who_->consumers.push_back(double_of<consumer_double>(&other));
  auto second = std::make_shared<pipeline_route>(*route_);
  second->index = 1;
  start(1, 64);
  auto theirs = make_flight("reply theirs");
  theirs->route = second;
  run({make_flight("reply ours"), theirs, make_flight("reply ours")});
  EXPECT_EQ(take(post_.landed).size(), 2U);
  EXPECT_EQ(take(other.landed), flights{theirs});
}

} // namespace chalkstream::test
