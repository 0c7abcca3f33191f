// Models that write, in the scheduler and its slots: joining and leaving at every step, room, urgency and failures.
#include "actors/scheduler.hpp"
#include "actors/slot.hpp"

#include "monitoring/registry.hpp"
#include "tests/actors/doubles.hpp"
#include "tests/support/fake_model.hpp"
#include "tests/support/fake_writer.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace chalkstream::test {

namespace {

// Real slots; the first model writes, the second is an encoder. A slot runs when its messages are delivered, so a
// test sees one step at a time by holding back what the scheduler hands out.
class writing_test : public doubles_fixture {
protected:
  void start(std::size_t slots, std::size_t room = 1000, std::size_t budget = 512) {
    writer_ = std::make_shared<fake_writer>(room);
    settings_.devices = {{"cpu", slots, registry_.device("cpu")}};
    settings_.time = &time_;
    std::shared_ptr<const model> computes[]{writer_, encoder_};
    for (std::size_t m = 0; m < 2; ++m) {
      const char* name = m == 0 ? "writer" : "encoder";
      settings_.models.push_back(model_on_first(name, computes[m], 16, budget, registry_.model(name, "1", "cpu")));
      settings_.models.back().places.front().search_budget = true;
    }
    settings_.make_slot = [this](caf::actor_system&, std::size_t index, const directory_ptr&, const clock*) {
      return slots_[index] = double_of<slot_double>(index, &post_);
    };
    scheduler_ = spawn_state<scheduler_state>(system(), settings_, who_);
    ends_with_the_test(scheduler_);
    send(scheduler_, tick{});
    // What a slot does with a batch, and what it reports.
    reports_ = double_of<scheduler_double>(&post_);
    auto beside = std::make_shared<directory>(*who_);
    beside->scheduler = reports_;
    worker_ = spawn_state<slot_state>(system(), std::size_t{0}, beside, &time_);
    ends_with_the_test(worker_);
    deliver_all();
    post_.asks.clear();
    for (std::size_t s = 0; s < slots; ++s)
      send(scheduler_, slot_ready{s});
  }

  void TearDown() override {
    reports_ = nullptr;
    worker_ = nullptr;
    scheduler_ = nullptr;
    slots_.clear();
    doubles_fixture::TearDown();
  }

  void offer(flights batch) { send(scheduler_, enqueue{batch_of(std::move(batch))}); }

  flight_ptr order(const std::string& words) { return prepared_flight("work " + words); }

  /// Runs everything that slots have been given, by a slot; its reports are not sent yet.
  std::vector<slot_ready> run_given() {
    std::vector<slot_ready> reports;
    for (auto& [slot, given] : std::exchange(post_.runs, {})) {
      handed_.push_back(*given.batch);
      send(worker_, std::move(given));
      auto report = std::exchange(post_.asks, {}).at(0);
      report.slot = slot;
      reports.push_back(std::move(report));
    }
    return reports;
  }

  /// One round: every slot that has something runs it and reports. False if none had.
  bool round() {
    const auto reports = run_given();
    time_.advance(1ms);
    for (const auto& r : reports)
      send(scheduler_, r);
    return !reports.empty();
  }

  /// Rounds until nobody has anything to do.
  void run_out() {
    for (int i = 0; round(); ++i)
      ASSERT_LT(i, 10000);
  }

  /// Those that are through, in their order.
  flights through() { return take(post_.complete); }

  static void expect_texts_of(const flight& f) {
    const auto& prompts = std::get<work>(f.step).sequences;
    ASSERT_EQ(f.rows.texts.size(), prompts.size());
    for (std::size_t i = 0; i < prompts.size(); ++i)
      EXPECT_EQ(f.rows.texts[i].ids, fake_writer::text_for(prompts[i]));
    EXPECT_FALSE(f.texts);
    EXPECT_EQ(f.phase, flight_phase::complete);
  }

  std::string value_of(const std::string& series) const {
    const auto page = registry_.expose();
    const auto name = "chalkstream_" + series + "{model=\"writer\",version=\"1\",device=\"cpu\"} ";
    const auto at = page.find(name);
    return at == std::string::npos ? "absent" : page.substr(at + name.size(), page.find('\n', at) - at - name.size());
  }

  monitoring::registry registry_;
  std::shared_ptr<fake_writer> writer_;
  std::shared_ptr<fake_model> encoder_ = std::make_shared<fake_model>();
  scheduler_settings settings_;
  scheduler_actor scheduler_;
  scheduler_actor reports_;
  slot_actor worker_;
  std::map<std::size_t, slot_actor> slots_;
  std::vector<flights> handed_;
};

} // namespace

TEST_F(writing_test, records_join_at_the_next_step_and_leave_when_they_are_through) {
  start(1);
  const auto longest = order("4 write=6");
  const auto shorter = order("5 write=2");
  offer({longest});
  ASSERT_TRUE(round());
  offer({shorter}); // the second step of the other one is in the slot
  ASSERT_TRUE(round());
  ASSERT_TRUE(round());
  EXPECT_EQ(handed_.back(), (flights{longest, shorter})) << "the one that began is older";
  ASSERT_TRUE(round());
  EXPECT_EQ(through(), flights{shorter});
  expect_texts_of(*shorter);
  run_out();
  EXPECT_EQ(through(), flights{longest});
  expect_texts_of(*longest);
  std::vector<std::size_t> numbers;
  for (const auto& seen : writer_->steps())
    numbers.insert(numbers.end(), seen.numbers.begin(), seen.numbers.end());
  EXPECT_EQ(numbers, (std::vector<std::size_t>{1, 2, 3, 1, 4, 2, 5, 6}));
  EXPECT_EQ(writer_->open(), 0U);
}

TEST_F(writing_test, counts_its_batches_tokens_and_times) {
  start(1);
  const auto one = order("10 write=3");
  offer({one});
  run_out();
  EXPECT_EQ(value_of("batch_tokens_count"), "3");
  EXPECT_EQ(value_of("batch_tokens_sum"), "12") << "the prompt, and two tokens on its own";
  EXPECT_EQ(value_of("batch_records_sum"), "3");
  EXPECT_EQ(value_of("compute_duration_seconds_count"), "3");
  EXPECT_EQ(value_of("written_tokens_total"), "3");
  EXPECT_EQ(value_of("first_token_seconds_count"), "1");
  EXPECT_EQ(value_of("first_token_seconds_sum"), "0.001");
  through();
}

TEST_F(writing_test, an_exam_of_another_model_waits_for_one_step_at_most) {
  start(1);
  offer({order("4 write=50 urgency=bulk")});
  ASSERT_TRUE(round());
  const auto exam = order("6 model=1 urgency=exam");
  offer({exam});
  ASSERT_TRUE(round());
  ASSERT_TRUE(round());
  EXPECT_EQ(handed_.back(), flights{exam});
  EXPECT_EQ(through(), flights{exam});
  ASSERT_TRUE(round());
  EXPECT_NE(handed_.back(), flights{exam});
}

TEST_F(writing_test, an_exam_of_the_same_model_is_in_the_next_step_whatever_the_budget) {
  start(1, 1000, 4);
  const auto bulk = order("4 write=50 urgency=bulk");
  offer({bulk});
  ASSERT_TRUE(round());
  const auto exam = order("4 write=2 urgency=exam");
  offer({exam});
  ASSERT_TRUE(round());
  ASSERT_TRUE(round());
  EXPECT_EQ(handed_.back(), flights{exam}) << "its prompt fills the step";
  ASSERT_TRUE(round());
  EXPECT_EQ(handed_.back(), (flights{exam, bulk}));
}

TEST_F(writing_test, who_finds_no_room_waits_in_its_turn_until_others_have_finished) {
  start(1, 2);
  flights all;
  for (const char* words : {"4 write=3", "4 write=5", "4 write=2", "4 write=2", "4 write=1"})
    all.push_back(order(words));
  offer(all);
  run_out();
  EXPECT_EQ(writer_->peak(), 2U);
  const auto done = through();
  ASSERT_EQ(done.size(), all.size());
  for (const auto& f : done)
    expect_texts_of(*f);
  EXPECT_EQ(done.front(), all[0]);
  EXPECT_EQ(done[1], all[1]);
  EXPECT_EQ(done[2], all[2]) << "the third took the first one's place";
  EXPECT_EQ(handed_.size(), 7U) << "thirteen steps of texts in two places";
}

TEST_F(writing_test, nothing_spins_while_somebody_waits_for_room) {
  start(2, 1);
  offer({order("4 write=9"), order("4 write=1")});
  ASSERT_EQ(post_.runs.size(), 1U);
  pass(2s);
  EXPECT_EQ(post_.runs.size(), 1U) << "the other slot stays idle";
  EXPECT_EQ(value_of("pending_records"), "1") << "it counts as waiting";
  run_out();
  EXPECT_EQ(through().size(), 2U);
}

TEST_F(writing_test, a_small_text_does_not_overtake_a_large_one_that_waits_but_an_exam_does) {
  start(1, 2);
  const auto first = order("4 write=3");
  const auto second = order("4 write=4");
  const auto large = order("4 write=2 sequences=2");
  const auto small = order("4 write=1");
  const auto exam = order("4 write=1 urgency=exam");
  offer({first, second, large});
  ASSERT_TRUE(round());
  offer({small, exam});
  run_out();
  const auto done = through();
  ASSERT_EQ(done.size(), 5U);
  const auto place = [&done](const flight_ptr& f) { return std::find(done.begin(), done.end(), f) - done.begin(); };
  EXPECT_LT(place(exam), place(large));
  EXPECT_LT(place(large), place(small));
  expect_texts_of(*large);
}

TEST_F(writing_test, a_record_of_more_texts_than_there_is_room_for_is_written_one_after_the_other) {
  start(1, 2);
  const auto many = order("4 write=2 sequences=5");
  offer({many});
  run_out();
  EXPECT_EQ(through(), flights{many});
  expect_texts_of(*many);
  EXPECT_EQ(writer_->peak(), 2U);
}

TEST_F(writing_test, after_a_failed_step_each_starts_over_alone_and_the_guilty_one_only_is_rejected) {
  start(1);
  const auto good = order("4 write=4");
  const auto bad = order("4 write=4 id=1");
  const auto other = order("4 write=4");
  offer({good, bad, other});
  run_out();
  const auto done = through();
  EXPECT_EQ(std::set<flight_ptr>(done.begin(), done.end()), (std::set<flight_ptr>{good, other}));
  for (const auto& f : done)
    expect_texts_of(*f);
  EXPECT_EQ(take(post_.landed), flights{bad});
  const auto& why = std::get<rejection>(bad->step);
  EXPECT_EQ(why.reason, reject_reason::model_failed);
  EXPECT_EQ(why.attempts, 3U);
  EXPECT_EQ(writer_->open(), 0U) << "nothing of it is left";
  const auto steps = writer_->steps();
  ASSERT_GE(steps.size(), 3U);
  for (std::size_t i = 2; i < steps.size(); ++i)
    EXPECT_EQ(steps[i].first_ids.size(), 1U);
  EXPECT_EQ(steps[2].numbers.front(), 1U) << "from the beginning";
}

TEST_F(writing_test, the_batch_of_a_slot_that_ended_starts_over) {
  start(1);
  const auto one = order("4 write=3");
  offer({one});
  ASSERT_TRUE(round());
  ASSERT_EQ(post_.runs.size(), 1U);
  caf::anon_send_exit(slots_[0], caf::exit_reason::kill);
  post_.runs.clear();
  deliver_all();
  EXPECT_EQ(writer_->open(), 0U);
  send(scheduler_, slot_ready{0});
  run_out();
  EXPECT_EQ(through(), flights{one});
  expect_texts_of(*one);
}

TEST_F(writing_test, a_prompt_that_can_never_be_served_is_rejected_at_once) {
  start(1);
  const auto refused = order("4 write=3 id=3");
  const auto fine = order("4 write=1");
  offer({refused, fine});
  run_out();
  EXPECT_EQ(take(post_.landed), flights{refused});
  const auto& why = std::get<rejection>(refused->step);
  EXPECT_EQ(why.reason, reject_reason::model_failed);
  EXPECT_EQ(why.attempts, 1U);
  EXPECT_NE(why.detail.find("takes no such prompt"), std::string::npos);
  EXPECT_EQ(through(), flights{fine});
}

TEST_F(writing_test, what_is_being_written_goes_home_with_its_partition_and_makes_room) {
  start(1, 1);
  const auto going = order("4 write=50");
  const auto staying = order("4 write=2");
  staying->lease = std::make_shared<partition_lease>();
  offer({going, staying});
  ASSERT_TRUE(round());
  ASSERT_TRUE(round());
  lease_->ending.store(true);
  send(scheduler_, purge{});
  EXPECT_TRUE(take(post_.landed).empty()) << "it is in a slot";
  ASSERT_TRUE(round());
  EXPECT_EQ(take(post_.landed), flights{going});
  EXPECT_FALSE(going->finished());
  EXPECT_FALSE(going->texts);
  run_out();
  EXPECT_EQ(through(), flights{staying});
  EXPECT_EQ(writer_->open(), 0U);
}

TEST_F(writing_test, a_purge_takes_what_waits_for_a_slot_or_for_room) {
  start(1, 1);
  const auto begun = order("4 write=50");
  const auto waiting = order("4 write=2");
  const auto exam = order("4 model=1 urgency=exam");
  exam->lease = std::make_shared<partition_lease>();
  offer({begun, waiting});
  offer({exam});
  ASSERT_TRUE(round()); // the exam is in the slot now, the other two are in the queue and aside
  lease_->ending.store(true);
  send(scheduler_, purge{});
  const auto landed = take(post_.landed);
  EXPECT_EQ(std::set<flight_ptr>(landed.begin(), landed.end()), (std::set<flight_ptr>{begun, waiting}));
  EXPECT_EQ(writer_->open(), 0U);
}

TEST_F(writing_test, what_expires_while_it_is_written_is_given_up) {
  start(1, 1);
  const auto late = order("4 write=50");
  late->expires = time_.now() + 5ms;
  const auto next = order("4 write=1");
  offer({late, next});
  run_out();
  EXPECT_EQ(take(post_.landed), flights{late});
  EXPECT_EQ(std::get<rejection>(late->step).reason, reject_reason::expired);
  EXPECT_LT(writer_->steps().size(), 10U);
  EXPECT_EQ(through(), flights{next}) << "its room went to the next";
}

TEST_F(writing_test, several_slots_share_what_is_written) {
  start(3);
  flights all;
  for (int i = 0; i < 12; ++i)
    all.push_back(order("4 write=" + std::to_string(1 + i % 5)));
  offer(all);
  EXPECT_EQ(post_.runs.size(), 3U);
  run_out();
  const auto done = through();
  EXPECT_EQ(std::set<flight_ptr>(done.begin(), done.end()), std::set<flight_ptr>(all.begin(), all.end()));
  EXPECT_EQ(done.size(), all.size());
  for (const auto& f : done)
    expect_texts_of(*f);
}

TEST_F(writing_test, nobody_looks_for_a_better_budget_of_a_model_that_writes) {
  start(2);
  pass(3s);
  for (const auto& [slot, m] : post_.measurements)
    EXPECT_EQ(m.compute, encoder_);
  EXPECT_FALSE(post_.measurements.empty());
}

TEST_F(writing_test, a_record_without_prompts_is_through_after_a_step_of_nothing) {
  start(1);
  const auto empty = order("4 write=3 sequences=0");
  offer({empty});
  run_out();
  EXPECT_EQ(through(), flights{empty});
  EXPECT_TRUE(empty->rows.texts.empty());
  EXPECT_TRUE(writer_->steps().empty());
}

} // namespace chalkstream::test
