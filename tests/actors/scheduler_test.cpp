#include "actors/scheduler.hpp"
#include "actors/slot.hpp"

#include "monitoring/registry.hpp"
#include "tests/actors/doubles.hpp"
#include "tests/support/collecting_log.hpp"
#include "tests/support/fake_model.hpp"

#include <algorithm>
#include <map>

namespace chalkstream::test {

namespace {

class scheduler_test : public doubles_fixture {
protected:
  void start(std::size_t slots, std::size_t budget = 512, std::size_t max_replicas = 16) {
    settings_.devices = {{"cpu", slots, registry_.device("cpu")}};
    settings_.time = &time_;
    for (const char* name : {"first", "second"})
      settings_.models.push_back(
          model_on_first(name, model_, max_replicas, budget, registry_.model(name, "1", "cpu")));
    settings_.make_slot = [this](caf::actor_system&, std::size_t index, const directory_ptr&, const clock*) {
      ++slots_started_;
      return slots_[index] = double_of<slot_double>(index, &post_);
    };
  }

  void go() {
    scheduler_ = spawn_state<scheduler_state>(system(), settings_, who_);
    ends_with_the_test(scheduler_);
    send(scheduler_, tick{});
  }

  /// The slot asks for work, with the outcome of what it had.
  void ask(std::size_t slot, std::uint64_t id = 0, const char* failure = nullptr) {
    send(scheduler_, slot_ready{slot, id, 1ms,
                                failure ? std::make_shared<const error>(error{errc::internal, failure}) : nullptr});
  }

  void worked(std::size_t slot, std::uint64_t id, duration busy) {
    send(scheduler_, slot_ready{slot, id, busy, nullptr});
  }

  std::string busy_on(const std::string& device) const {
    const auto page = registry_.expose();
    const auto series = "chalkstream_slot_busy_ratio{device=\"" + device + "\"} ";
    const auto at = page.find(series);
    return at == std::string::npos ? "absent"
                                   : page.substr(at + series.size(), page.find('\n', at) - at - series.size());
  }

  void offer(flights batch) { send(scheduler_, enqueue{batch_of(std::move(batch))}); }

  flights work_of(const std::vector<std::string>& values) {
    flights all;
    for (const auto& v : values)
      all.push_back(prepared_flight(v));
    return all;
  }

  /// One of two slots runs 200 tokens, and the other is lent to it.
  void two_slots_share_a_long_record() {
    start(2);
    model_->take_help();
    go();
    ask(0);
    ask(1);
    offer(work_of({"work 200"}));
  }

  /// Runs handed out since the last call.
  std::vector<std::pair<std::size_t, run_batch>> runs() { return std::exchange(post_.runs, {}); }

  std::vector<std::pair<std::size_t, help_batch>> helps() { return std::exchange(post_.helps, {}); }

  monitoring::registry registry_;
  std::shared_ptr<fake_model> model_ = std::make_shared<fake_model>();
  scheduler_settings settings_;
  scheduler_actor scheduler_;
  std::map<std::size_t, slot_actor> slots_;
  std::size_t slots_started_ = 0;
};

} // namespace

TEST_F(scheduler_test, runs_the_most_urgent_record_first_whatever_its_model) {
  start(1, 10);
  go();
  offer(work_of({"work 10 urgency=bulk", "work 10 urgency=normal", "work 10 urgency=exam model=1"}));
  ask(0);
  auto first = runs();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].second.batch->front()->urgency, priority::exam);
  ask(0, first[0].second.id);
  auto second = runs();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].second.batch->front()->urgency, priority::normal);
}

TEST_F(scheduler_test, fills_a_batch_with_records_of_the_same_model_up_to_the_budget) {
  start(1, 30);
  go();
  offer(work_of({"work 10", "work 10 model=1", "work 25", "work 12", "work 8"}));
  ask(0);
  const auto given = runs();
  ASSERT_EQ(given.size(), 1U);
  std::vector<std::size_t> tokens;
  for (const auto& f : *given[0].second.batch)
    tokens.push_back(std::get<work>(f->step).tokens());
  EXPECT_EQ(tokens, (std::vector<std::size_t>{10, 12, 8}));
}

TEST_F(scheduler_test, shares_the_work_at_hand_out_among_idle_slots) {
  start(2, 512);
  go();
  ask(0);
  ask(1);
  offer(work_of({"work 10", "work 10", "work 10", "work 10"}));
  const auto given = runs();
  ASSERT_EQ(given.size(), 2U);
  EXPECT_NE(given[0].first, given[1].first);
  EXPECT_EQ(given[0].second.batch->size(), 2U);
  EXPECT_EQ(given[1].second.batch->size(), 2U);
}

TEST_F(scheduler_test, gives_a_model_no_more_slots_than_its_replicas) {
  start(3, 10, 2);
  go();
  for (std::size_t s = 0; s < 3; ++s)
    ask(s);
  offer(work_of({"work 10", "work 10", "work 10"}));
  auto given = runs();
  EXPECT_EQ(given.size(), 2U);
  offer(work_of({"work 10 model=1"}));
  EXPECT_EQ(runs().size(), 1U) << "another model may use the third";
  ask(given[0].first, given[0].second.id);
  EXPECT_EQ(runs().size(), 1U);
}

TEST_F(scheduler_test, sheds_what_has_expired_before_it_costs_anything) {
  start(1);
  go();
  auto batch = work_of({"work 5", "work 5"});
  batch[0]->expires = time_.now() + 100ms;
  offer(batch);
  pass(200ms);
  ask(0);
  const auto landed = take(post_.landed);
  ASSERT_EQ(landed.size(), 1U);
  EXPECT_EQ(landed[0], batch[0]);
  EXPECT_EQ(std::get<rejection>(landed[0]->step).reason, reject_reason::expired);
  const auto given = runs();
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(*given[0].second.batch, flights{batch[1]});
}

TEST_F(scheduler_test, runs_each_record_of_a_failed_batch_alone_and_rejects_the_guilty_one_only) {
  start(1);
  go();
  const auto batch = work_of({"work 5", "work 6", "work 7"});
  const auto guilty = batch[1];
  offer(batch);
  ask(0);
  std::map<flight_ptr, std::size_t> tries;
  for (auto given = runs(); !given.empty(); given = runs()) {
    ASSERT_EQ(given.size(), 1U);
    const auto& b = *given[0].second.batch;
    for (const auto& f : b)
      ++tries[f];
    if (tries[b.front()] > 1) {
      EXPECT_EQ(b.size(), 1U);
    }
    const bool fails = std::find(b.begin(), b.end(), guilty) != b.end();
    ask(0, given[0].second.id, fails ? "it fails" : nullptr);
  }
  EXPECT_EQ(tries[batch[0]], 2U);
  EXPECT_EQ(tries[batch[2]], 2U);
  EXPECT_EQ(tries[guilty], 1U + settings_.max_attempts);
  const auto landed = take(post_.landed);
  ASSERT_EQ(landed, flights{guilty});
  const auto& why = std::get<rejection>(guilty->step);
  EXPECT_EQ(why.reason, reject_reason::model_failed);
  EXPECT_EQ(why.where, stage::compute);
  EXPECT_EQ(why.attempts, 3U);
}

TEST_F(scheduler_test, says_which_records_traces_a_failing_batch_had_and_who_is_tried_again) {
  collecting_log said;
  settings_.log = &said;
  start(1);
  go();
  const auto batch = work_of({"work 5", "work 6"});
  const auto guilty = batch[1];
  guilty->trace = std::make_shared<journey>();
  guilty->trace->own.trace.fill(0x1f);
  offer(batch);
  ask(0);
  for (auto given = runs(); !given.empty(); given = runs()) {
    const auto& b = *given[0].second.batch;
    ask(0, given[0].second.id, std::find(b.begin(), b.end(), guilty) != b.end() ? "private words" : nullptr);
  }
  const std::string trace = " trace_id=1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f";
  std::vector<std::string> lines;
  for (const auto& l : said.lines())
    lines.push_back(l.message);
  EXPECT_EQ(lines,
            (std::vector<std::string>{"model first failed on 2 records (internal), which are tried apart" + trace,
                                      "tried again: in/0/1, failed at compute (internal), attempt 2" + trace}));
}

TEST_F(scheduler_test, a_traced_record_is_the_exemplar_of_its_wait_and_of_its_batch) {
  start(1);
  const auto probe = registry_.pipeline("test");
  route_->probe = probe;
  go();
  const auto batch = work_of({"work 5", "work 6"});
  batch[0]->trace = std::make_shared<journey>();
  batch[0]->trace->own.trace.fill(0x1f);
  offer(batch);
  ask(0);
  worked(0, runs().at(0).second.id, 20ms);
  const auto page = registry_.expose(monitoring::page_format::openmetrics);
  const std::string ids = "# {trace_id=\"1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f\",span_id=\"0000000000000000\"} ";
  const auto queue = "chalkstream_queue_duration_seconds_bucket{pipeline=\"test\",le=\"0.0005\"} 2 ";
  const auto compute =
      "chalkstream_compute_duration_seconds_bucket{model=\"first\",version=\"1\",device=\"cpu\",le=\"0.025\"} 1 ";
  EXPECT_NE(page.find(queue + ids + "0 "), std::string::npos) << page;
  EXPECT_NE(page.find(compute + ids + "0.02 "), std::string::npos) << page;
}

TEST_F(scheduler_test, replaces_a_slot_that_ended_and_tries_its_batch_again_once) {
  start(1);
  go();
  const auto batch = work_of({"work 5", "work 6"});
  offer(batch);
  ask(0);
  ASSERT_EQ(runs().size(), 1U);
  caf::anon_send_exit(slots_[0], caf::exit_reason::kill);
  deliver_all();
  EXPECT_EQ(slots_started_, 2U);
  EXPECT_TRUE(runs().empty()) << "the new slot has not asked yet";
  ask(0);
  std::map<flight_ptr, std::size_t> tries;
  for (auto given = runs(); !given.empty(); given = runs())
    for (const auto& [slot, b] : given) {
      for (const auto& f : *b.batch)
        ++tries[f];
      ask(slot, b.id);
    }
  EXPECT_EQ(tries, (std::map<flight_ptr, std::size_t>{{batch[0], 1}, {batch[1], 1}}));
  EXPECT_TRUE(take(post_.landed).empty());
}

TEST_F(scheduler_test, a_replica_is_free_again_when_its_slot_has_ended) {
  start(2, 512, 1);
  go();
  ask(0);
  offer(work_of({"work 5"}));
  ASSERT_EQ(runs().size(), 1U);
  caf::anon_send_exit(slots_[0], caf::exit_reason::kill);
  deliver_all();
  ask(1);
  EXPECT_EQ(runs().size(), 1U);
}

TEST_F(scheduler_test, returns_what_is_queued_for_a_partition_that_goes) {
  start(1);
  go();
  const auto batch = work_of({"work 5", "work 6"});
  auto other = std::make_shared<partition_lease>();
  batch[1]->lease = other;
  offer(batch);
  lease_->ending.store(true);
  send(scheduler_, purge{});
  EXPECT_EQ(take(post_.landed), flights{batch[0]});
  EXPECT_FALSE(batch[0]->finished());
  offer(work_of({"work 7"}));
  EXPECT_EQ(take(post_.landed).size(), 1U) << "what comes later is returned at once";
  ask(0);
  const auto given = runs();
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(*given[0].second.batch, flights{batch[1]});
}

TEST_F(scheduler_test, idle_slots_help_with_a_long_record) {
  start(3);
  model_->take_help();
  go();
  ask(0);
  ask(1);
  offer(work_of({"work 200"}));
  const auto given = runs();
  ASSERT_EQ(given.size(), 1U);
  const auto& helpers = given[0].second.helpers;
  ASSERT_TRUE(helpers);
  EXPECT_EQ(helpers->most(), 3U);
  ask(2);
  const auto lent = helps();
  ASSERT_EQ(lent.size(), 2U) << "the one that was idle, and the one that came later";
  for (const auto& [slot, help] : lent) {
    EXPECT_NE(slot, given[0].first);
    EXPECT_EQ(help.helpers, helpers);
    EXPECT_FALSE(help.wanted->load());
  }
  // One helper finds that the batch is through before its slot has said so: nobody is sent there again.
  ask(lent[0].first, lent[0].second.id);
  EXPECT_TRUE(helps().empty());
}

TEST_F(scheduler_test, a_slot_that_helps_is_called_back_for_a_record_that_comes) {
  two_slots_share_a_long_record();
  const auto first = runs();
  const auto lent = helps();
  ASSERT_EQ(lent.size(), 1U);
  offer(work_of({"work 150"}));
  EXPECT_TRUE(runs().empty()) << "about as long: it is through sooner when it runs on both afterwards";
  EXPECT_FALSE(lent[0].second.wanted->load());
  offer(work_of({"work 100 urgency=exam"}));
  EXPECT_TRUE(lent[0].second.wanted->load());
  const auto second = runs();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].first, lent[0].first);
  ask(lent[0].first, lent[0].second.id); // back from helping, with the record in its mailbox
  EXPECT_EQ(second[0].second.batch->size(), 1U);
  // Whoever is through first takes what waits; with nothing left, it helps.
  ask(second[0].first, second[0].second.id);
  const auto third = runs();
  ASSERT_EQ(third.size(), 1U);
  ask(third[0].first, third[0].second.id);
  const auto again = helps();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].second.helpers, first[0].second.helpers);
}

TEST_F(scheduler_test, a_slot_that_helps_is_called_back_for_a_much_shorter_record) {
  two_slots_share_a_long_record();
  const auto first = runs();
  const auto lent = helps();
  ASSERT_EQ(lent.size(), 1U);
  offer(work_of({"work 20"}));
  EXPECT_TRUE(lent[0].second.wanted->load());
  const auto second = runs();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].first, lent[0].first);
  EXPECT_FALSE(second[0].second.helpers) << "a short one gains nothing by it";
}

TEST_F(scheduler_test, nobody_helps_where_records_wait) {
  start(2, 300, 1);
  model_->take_help();
  go();
  ask(0);
  ask(1);
  offer(work_of({"work 200", "work 201"}));
  ASSERT_EQ(runs().size(), 1U) << "the model has one replica";
  EXPECT_TRUE(helps().empty());
}

TEST_F(scheduler_test, a_model_that_takes_no_help_gets_none) {
  start(2);
  go();
  ask(0);
  ask(1);
  offer(work_of({"work 200"}));
  const auto given = runs();
  ASSERT_EQ(given.size(), 1U);
  EXPECT_FALSE(given[0].second.helpers);
  EXPECT_TRUE(helps().empty());
}

TEST_F(scheduler_test, a_slot_serves_its_own_device_and_its_time_is_counted_there) {
  start(2);
  settings_.devices.push_back({"cuda:0", 1, registry_.device("cuda:0")});
  settings_.models[1].places[0].device = 1;
  model_->take_help();
  go();
  EXPECT_EQ(busy_on("cpu"), "0");
  for (std::size_t slot = 0; slot < 3; ++slot)
    ask(slot);
  offer(work_of({"work 200"}));
  const auto first = runs();
  const auto lent = helps();
  ASSERT_EQ(lent.size(), 1U) << "the GPU's slot is of no help to a core";
  EXPECT_LT(lent[0].first, 2U);
  offer(work_of({"work 20 model=1"}));
  const auto second = runs();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].first, 2U) << "and nobody is called back for what no core may run";
  worked(lent[0].first, lent[0].second.id, 25ms);
  worked(second[0].first, second[0].second.id, 75ms);
  worked(first[0].first, first[0].second.id, 100ms);
  pass(250ms);
  EXPECT_EQ(busy_on("cpu"), "0.25"); // of two slots
  EXPECT_EQ(busy_on("cuda:0"), "0.3");
  pass(250ms);
  EXPECT_EQ(busy_on("cpu"), "0");
}

TEST_F(scheduler_test, looks_for_a_better_budget_only_while_all_is_quiet_and_two_slots_are_idle) {
  start(2, 512);
  std::size_t found = 0;
  settings_.models[0].places[0].search_budget = true;
  settings_.models[0].places[0].found = [&found](std::size_t tokens) { found = tokens; };
  go();
  ask(0);
  pass(3s);
  EXPECT_TRUE(post_.measurements.empty()) << "one idle slot stays free";
  ask(1);
  pass(300ms);
  ASSERT_EQ(post_.measurements.size(), 1U);
  const auto one = std::exchange(post_.measurements, {})[0];
  // Somebody comes: the search waits for another quiet second.
  offer(work_of({"work 5"}));
  auto given = runs();
  ASSERT_EQ(given.size(), 1U);
  ask(given[0].first, given[0].second.id);
  ask(one.first, one.second.id);
  pass(500ms);
  EXPECT_TRUE(post_.measurements.empty());
  pass(800ms);
  while (!post_.measurements.empty()) {
    const auto m = std::exchange(post_.measurements, {});
    ASSERT_EQ(m.size(), 1U);
    // 1024 tokens and more take their time; smaller ones cost as much as 1024.
    const auto took = std::chrono::microseconds(std::max<std::size_t>(m[0].second.tokens, 1024));
    send(scheduler_, slot_ready{m[0].first, m[0].second.id, took, nullptr});
  }
  EXPECT_EQ(found, 1024U);
}

TEST_F(scheduler_test, a_size_the_model_cannot_run_ends_no_search_and_is_not_asked_for_for_ever) {
  start(2, 512);
  std::size_t found = 0;
  settings_.models[0].places[0].search_budget = true;
  settings_.models[0].places[0].found = [&found](std::size_t tokens) { found = tokens; };
  go();
  ask(0);
  ask(1);
  std::size_t measured = 0;
  for (int i = 0; i < 200 && found == 0; ++i) {
    pass(300ms);
    for (const auto& [slot, m] : std::exchange(post_.measurements, {})) {
      ++measured;
      if (m.tokens > 2048) {
        caf::anon_send_exit(slots_[slot], caf::exit_reason::kill);
        deliver_all();
        ask(slot);
      } else if (m.tokens > 256) {
        ask(slot, m.id, "out of memory");
      } else {
        send(scheduler_, slot_ready{slot, m.id, 1ms, nullptr});
      }
    }
  }
  EXPECT_EQ(found, 256U);
  EXPECT_EQ(measured, 21U);
}

TEST_F(scheduler_test, a_slot_gives_each_record_its_own_rows_and_reports_failures) {
  who_->scheduler = double_of<scheduler_double>(&post_);
  const auto slot = spawn_state<slot_state>(system(), std::size_t{3}, who_, &time_);
  ends_with_the_test(slot);
  deliver_all();
  ASSERT_EQ(post_.asks.size(), 1U);
  EXPECT_EQ(post_.asks[0].id, 0U);
  EXPECT_EQ(post_.asks[0].slot, 3U);

  const auto batch = work_of({"work 5 sequences=2", "work 6"});
  batch[1]->failures = 1;
  const auto helpers = std::make_shared<crew>(2);
  send(slot, run_batch{7, model_, batch_of(batch), helpers});
  ASSERT_EQ(take(post_.complete), batch);
  EXPECT_TRUE(model_->batches().back().helped);
  const std::atomic<bool> wanted{false};
  helpers->help(wanted); // returns: the slot has ended the crew
  for (const auto& f : batch) {
    EXPECT_EQ(f->phase, flight_phase::complete);
    EXPECT_EQ(f->failures, 0U);
    const auto& sequences = std::get<work>(f->step).sequences;
    ASSERT_EQ(f->rows.size(), sequences.size());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const auto row = f->rows.row(i);
      EXPECT_EQ(std::vector<float>(row.begin(), row.end()), fake_model::row_for(sequences[i], 4));
    }
  }
  ASSERT_EQ(post_.asks.size(), 2U);
  EXPECT_EQ(post_.asks[1].id, 7U);
  EXPECT_FALSE(post_.asks[1].failure);

  send(slot, run_batch{8, model_, batch_of(work_of({"work 5 id=1"})), nullptr});
  EXPECT_TRUE(take(post_.complete).empty());
  ASSERT_EQ(post_.asks.size(), 3U);
  EXPECT_TRUE(post_.asks[2].failure);
}

TEST_F(scheduler_test, a_slot_gives_each_record_the_rows_of_its_own_tokens) {
  struct per_token_model final : model {
    std::shared_ptr<const model_identity> identity() const override { return nullptr; }
    std::size_t max_tokens() const noexcept override { return 512; }
    std::size_t output_width() const noexcept override { return 2; }
    bool row_per_token() const noexcept override { return true; }
    result<output_rows> run(std::span<const sequence* const> batch, crew*) const override {
      output_rows rows{2, {}};
      for (const auto* s : batch)
        for (const auto id : s->ids)
          rows.values.insert(rows.values.end(), {static_cast<float>(id), 1});
      return rows;
    }
  };
  const auto slot = spawn_state<slot_state>(system(), std::size_t{0}, who_, &time_);
  ends_with_the_test(slot);
  send(slot, run_batch{1, std::make_shared<per_token_model>(), batch_of(work_of({"work 5", "work 3"})), nullptr});
  const auto done = take(post_.complete);
  ASSERT_EQ(done.size(), 2U);
  for (const auto& f : done) {
    std::vector<float> expected;
    for (const auto& s : std::get<work>(f->step).sequences)
      for (const auto id : s.ids)
        expected.insert(expected.end(), {static_cast<float>(id), 1});
    EXPECT_EQ(f->rows.values, expected);
  }
}

TEST_F(scheduler_test, a_slot_trusts_no_model_that_gives_too_few_rows) {
  struct short_model final : model {
    std::shared_ptr<const model_identity> identity() const override { return nullptr; }
    std::size_t max_tokens() const noexcept override { return 512; }
    std::size_t output_width() const noexcept override { return 4; }
    result<output_rows> run(std::span<const sequence* const>, crew*) const override {
      return output_rows{4, {1, 2, 3, 4}};
    }
  };
  const auto slot = spawn_state<slot_state>(system(), std::size_t{0}, who_, &time_);
  ends_with_the_test(slot);
  send(slot, run_batch{1, std::make_shared<short_model>(), batch_of(work_of({"work 5", "work 6"})), nullptr});
  EXPECT_TRUE(post_.complete.empty());
  EXPECT_TRUE(post_.asks.back().failure);
}

} // namespace chalkstream::test
