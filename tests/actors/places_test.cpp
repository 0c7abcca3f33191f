// Models on several devices: which slot runs what, and models that move while they have work.
#include "actors/autoscaler.hpp"
#include "actors/scheduler.hpp"

#include "monitoring/registry.hpp"
#include "tests/actors/doubles.hpp"
#include "tests/actors/moving_engine.hpp"
#include "tests/support/collecting_log.hpp"
#include "tests/support/fake_model.hpp"
#include "tests/support/fake_writer.hpp"

#include <map>

namespace chalkstream::test {

namespace {

using runs_given = std::vector<std::pair<std::size_t, run_batch>>;

// Slot 0 is the GPU's, slots 1 and 2 are the CPU's. The first model may be on both, the GPU before the CPU; the
// second on the CPU alone.
class places_test : public doubles_fixture {
protected:
  void start(std::shared_ptr<const model> on_gpu, std::shared_ptr<const model> on_cpu, std::size_t max_replicas = 3) {
    settings_.devices = {{"cpu", 2, registry_.device("cpu")}, {"cuda:0", 1, registry_.device("cuda:0")}};
    std::swap(settings_.devices[0], settings_.devices[1]);
    settings_.time = &time_;
    settings_.log = &log_;
    scheduled_model both{.name = "both", .places = {}, .max_replicas = max_replicas};
    both.places.push_back(place(0, "cuda:0", std::move(on_gpu)));
    both.places.push_back(place(1, "cpu", std::move(on_cpu)));
    settings_.models.push_back(both);
    scheduled_model other{.name = "other", .places = {}, .max_replicas = 3};
    other.places.push_back({.device = 1,
                            .compute = std::make_shared<fake_model>(),
                            .token_budget = 10,
                            .probe = registry_.model("other", "1", "cpu")});
    settings_.models.push_back(other);
    settings_.make_slot = [this](caf::actor_system&, std::size_t index, const directory_ptr&, const clock*) {
      return slots_[index] = double_of<slot_double>(index, &post_);
    };
    settings_.make_loader = [this](caf::actor_system&, const directory_ptr&) {
      return loader_ = double_of<loader_double>(&post_);
    };
    scheduler_ = spawn_state<scheduler_state>(system(), settings_, who_);
    both = {}; // nobody else holds the weights
    for (auto& p : settings_.models.front().places)
      p.compute = nullptr;
    ends_with_the_test(scheduler_);
    send(scheduler_, tick{});
    for (std::size_t s = 0; s < 3; ++s)
      send(scheduler_, slot_ready{s});
  }

  model_place place(std::size_t device, const char* name, std::shared_ptr<const model> compute) {
    return {.device = device,
            .compute = std::move(compute),
            .token_budget = 10,
            .probe = registry_.model("both", "1", name),
            .load = [] {
              return result<std::shared_ptr<const model>>{errc::internal, "not for real"};
            }};
  }

  void offer(const std::vector<std::string>& values) {
    flights all;
    for (const auto& v : values)
      all.push_back(prepared_flight(v));
    send(scheduler_, enqueue{batch_of(std::move(all))});
  }

  /// Handed out since the last call; forgotten, so that they hold no model.
  runs_given runs() { return std::exchange(post_.runs, {}); }

  static std::vector<std::size_t> slots_of(const runs_given& given) {
    std::vector<std::size_t> slots;
    for (const auto& [slot, run] : given)
      slots.push_back(slot);
    std::ranges::sort(slots);
    return slots;
  }

  void finish(const runs_given& given, duration took = 1ms) {
    for (const auto& [slot, run] : given)
      send(scheduler_, slot_ready{slot, run.id, std::chrono::duration_cast<std::chrono::nanoseconds>(took)});
  }

  void keep(std::size_t place, bool wanted) { send(scheduler_, keep_on_device{0, place, wanted}); }

  const place_status& status(std::size_t place) const { return *settings_.models.front().places[place].status; }

  double shown(const std::string& metric, const std::string& device) const {
    const auto page = registry_.expose();
    const auto series = metric + R"({model="both",version="1",device=")" + device + "\"} ";
    const auto at = page.find(series);
    return at == std::string::npos ? -1 : std::stod(page.substr(at + series.size()));
  }

  monitoring::registry registry_;
  collecting_log log_;
  scheduler_settings settings_;
  scheduler_actor scheduler_;
  std::map<std::size_t, slot_actor> slots_;
  loader_actor loader_;
};

/// Alive as long as somebody holds the weights.
template <class Model = fake_model>
struct weights {
  std::shared_ptr<Model> held = std::make_shared<Model>();
  std::weak_ptr<const Model> watched = held;
  std::shared_ptr<const model> hand_over() { return std::exchange(held, nullptr); }
};

} // namespace

TEST_F(places_test, a_slot_takes_records_only_of_models_on_its_device) {
  start(std::make_shared<fake_model>(), nullptr);
  offer({"work 10", "work 10", "work 10"});
  EXPECT_EQ(slots_of(runs()), (std::vector<std::size_t>{0}));
  offer({"work 10 model=1", "work 10 model=1", "work 10 model=1"});
  EXPECT_EQ(slots_of(runs()), (std::vector<std::size_t>{1, 2}));
}

TEST_F(places_test, each_slot_runs_what_is_on_its_own_device) {
  const auto on_gpu = std::make_shared<fake_model>(), on_cpu = std::make_shared<fake_model>();
  start(on_gpu, on_cpu);
  offer({"work 10", "work 10", "work 10"});
  const auto given = runs();
  EXPECT_EQ(slots_of(given), (std::vector<std::size_t>{0, 1, 2}));
  for (const auto& [slot, run] : given)
    EXPECT_EQ(run.compute, slot == 0 ? on_gpu : on_cpu);
}

TEST_F(places_test, the_first_of_its_devices_goes_first) {
  start(std::make_shared<fake_model>(), std::make_shared<fake_model>());
  offer({"work 10"});
  EXPECT_EQ(slots_of(runs()), (std::vector<std::size_t>{0}));
}

TEST_F(places_test, replicas_bound_all_devices_together) {
  start(std::make_shared<fake_model>(), std::make_shared<fake_model>(), 2);
  offer({"work 10", "work 10", "work 10"});
  EXPECT_EQ(runs().size(), 2U);
}

TEST_F(places_test, the_most_urgent_goes_first_on_every_device) {
  start(std::make_shared<fake_model>(), std::make_shared<fake_model>());
  offer({"work 10", "work 10", "work 10"});
  const auto first = runs();
  offer({"work 10 model=1", "work 10 model=1 urgency=exam", "work 10 urgency=exam"});
  finish(first);
  const auto then = runs();
  ASSERT_EQ(then.size(), 3U);
  for (const auto& [slot, run] : then)
    EXPECT_EQ(run.batch->front()->urgency, slot == 2 ? priority::normal : priority::exam);
}

TEST_F(places_test, a_slow_device_takes_what_would_wait_as_long_for_the_fast_one) {
  start(std::make_shared<fake_model>(), std::make_shared<fake_model>());
  offer({"work 10", "work 10", "work 10"});
  for (const auto& one : runs())
    finish({one}, one.first == 0 ? 1ms : 1s); // 10,000 tokens a second beside 10
  offer({"work 10", "work 10", "work 10"});
  const auto given = runs();
  EXPECT_EQ(slots_of(given), (std::vector<std::size_t>{0})) << "all of it is through sooner there";
  pass(900ms);
  EXPECT_TRUE(runs().empty());
  pass(400ms);
  EXPECT_EQ(slots_of(runs()), (std::vector<std::size_t>{1, 2})) << "by now it would have been through here";
}

TEST_F(places_test, with_work_for_long_a_slow_device_helps_at_once) {
  start(std::make_shared<fake_model>(), std::make_shared<fake_model>());
  offer({"work 10", "work 10", "work 10"});
  for (const auto& one : runs())
    finish({one}, one.first == 0 ? 100ms : 1s); // 100 tokens a second beside 10
  offer(std::vector<std::string>(20, "work 10"));
  EXPECT_EQ(slots_of(runs()), (std::vector<std::size_t>{0, 1, 2}));
}

TEST_F(places_test, what_runs_where_a_model_leaves_is_finished_and_the_rest_goes_on_elsewhere) {
  weights<> on_gpu;
  start(on_gpu.hand_over(), std::make_shared<fake_model>());
  offer({"work 10", "work 10", "work 10", "work 10"});
  auto given = runs();
  ASSERT_EQ(slots_of(given), (std::vector<std::size_t>{0, 1, 2}));
  keep(0, false);
  EXPECT_FALSE(on_gpu.watched.expired());
  EXPECT_FALSE(status(0).wanted);
  const auto gpu = std::ranges::find(given, 0U, &runs_given::value_type::first);
  const auto id = gpu->second.id;
  given.erase(gpu);
  send(scheduler_, slot_ready{0, id, 1ms});
  EXPECT_TRUE(on_gpu.watched.expired());
  EXPECT_FALSE(status(0).loaded);
  EXPECT_TRUE(runs().empty()) << "the fourth waits for a core";
  finish(std::exchange(given, {}));
  EXPECT_EQ(slots_of(runs()), (std::vector<std::size_t>{1}));
  EXPECT_TRUE(log_.contains("model both has left cuda:0"));
}

TEST_F(places_test, it_is_loaded_off_to_the_side_and_used_from_then_on) {
  start(nullptr, std::make_shared<fake_model>());
  ASSERT_EQ(post_.loads.size(), 1U) << "it is to be there, and is not yet";
  EXPECT_EQ(post_.loads.front().place, 0U);
  offer({"work 10", "work 10", "work 10"});
  auto given = runs();
  EXPECT_EQ(slots_of(given), (std::vector<std::size_t>{1, 2}));
  const auto on_gpu = std::make_shared<fake_model>();
  send(scheduler_, model_back{0, 0, on_gpu, nullptr});
  const auto then = runs();
  ASSERT_EQ(slots_of(then), (std::vector<std::size_t>{0}));
  EXPECT_EQ(then.front().second.compute, on_gpu);
  EXPECT_TRUE(status(0).loaded);
}

TEST_F(places_test, it_leaves_and_comes_back) {
  start(std::make_shared<fake_model>(), std::make_shared<fake_model>());
  keep(0, false);
  EXPECT_FALSE(status(0).loaded);
  EXPECT_TRUE(post_.loads.empty());
  keep(0, true);
  ASSERT_EQ(post_.loads.size(), 1U);
  send(scheduler_, model_back{0, 0, std::make_shared<fake_model>(), nullptr});
  offer({"work 10"});
  EXPECT_EQ(slots_of(runs()), (std::vector<std::size_t>{0}));
}

TEST_F(places_test, a_load_that_fails_leaves_things_as_they_are_and_is_tried_later) {
  weights<> on_cpu;
  start(nullptr, on_cpu.hand_over());
  keep(1, false); // to the GPU, and away from the CPU
  send(scheduler_,
       model_back{0, 0, nullptr, std::make_shared<const error>(error{errc::out_of_memory, "it is full"})});
  EXPECT_FALSE(on_cpu.watched.expired());
  EXPECT_TRUE(log_.contains("model both cannot be loaded on cuda:0, and goes on where it is"));
  EXPECT_TRUE(log_.contains("it is full"));
  offer({"work 10", "work 10"});
  auto given = runs();
  EXPECT_EQ(slots_of(given), (std::vector<std::size_t>{1, 2}));
  finish(std::exchange(given, {}));
  EXPECT_EQ(post_.loads.size(), 1U);
  pass(2s);
  EXPECT_EQ(post_.loads.size(), 2U);
  send(scheduler_, model_back{0, 0, std::make_shared<fake_model>(), nullptr});
  EXPECT_TRUE(on_cpu.watched.expired());
}

TEST_F(places_test, it_does_not_leave_before_it_is_somewhere_else) {
  weights<> on_cpu;
  start(nullptr, on_cpu.hand_over());
  keep(1, false);
  keep(0, false); // it would be nowhere
  EXPECT_TRUE(status(0).wanted);
  pass(1s);
  EXPECT_FALSE(on_cpu.watched.expired());
  send(scheduler_, model_back{0, 0, std::make_shared<fake_model>(), nullptr});
  EXPECT_TRUE(on_cpu.watched.expired());
}

TEST_F(places_test, who_changes_their_mind_while_it_loads_has_it_dropped) {
  weights<> on_gpu;
  start(nullptr, std::make_shared<fake_model>());
  keep(0, false);
  send(scheduler_, model_back{0, 0, on_gpu.hand_over(), nullptr});
  EXPECT_TRUE(on_gpu.watched.expired());
}

TEST_F(places_test, a_text_that_is_being_written_stays_where_its_room_is) {
  weights<fake_writer> on_gpu;
  const auto on_cpu = std::make_shared<fake_writer>();
  start(on_gpu.hand_over(), on_cpu);
  offer({"work 4 write=8"});
  auto given = runs();
  ASSERT_EQ(slots_of(given), (std::vector<std::size_t>{0}));
  keep(0, false);
  for (int step = 0; step < 3; ++step) {
    const auto going_on = given.front().second.batch;
    const auto id = given.front().second.id;
    given.clear();
    send(scheduler_, slot_ready{0, id, 1ms, nullptr, going_on});
    given = runs();
    ASSERT_EQ(slots_of(given), (std::vector<std::size_t>{0})) << "its next step";
    EXPECT_FALSE(on_gpu.watched.expired());
  }
  offer({"work 4 write=8"});
  auto fresh = runs();
  ASSERT_EQ(slots_of(fresh), (std::vector<std::size_t>{1})) << "a new one begins where the model stays";
  EXPECT_EQ(fresh.front().second.compute, on_cpu);
  const auto id = given.front().second.id;
  given.front().second.batch->front()->texts.reset(); // written
  given.clear();
  send(scheduler_, slot_ready{0, id, 1ms, nullptr, nullptr, 1});
  EXPECT_TRUE(on_gpu.watched.expired());
}

TEST_F(places_test, where_there_is_no_room_for_a_text_another_device_begins_it) {
  start(std::make_shared<fake_writer>(1), std::make_shared<fake_writer>(1));
  offer({"work 4 write=8", "work 4 write=8"});
  auto given = runs();
  EXPECT_EQ(slots_of(given), (std::vector<std::size_t>{0, 1}));
  offer({"work 4 write=8"});
  EXPECT_TRUE(runs().empty()) << "there is no room anywhere";
  given.front().second.batch->front()->texts.reset(); // written
  send(scheduler_, slot_ready{given.front().first, given.front().second.id, 1ms, nullptr, nullptr, 1});
  EXPECT_EQ(slots_of(runs()), (std::vector<std::size_t>{given.front().first}));
}

TEST_F(places_test, an_unloaded_model_comes_back_to_all_of_its_devices) {
  start(std::make_shared<fake_model>(), std::make_shared<fake_model>());
  send(scheduler_, allow_replicas{0, 0});
  EXPECT_FALSE(status(0).loaded);
  EXPECT_FALSE(status(1).loaded);
  offer({"work 10"});
  ASSERT_EQ(post_.loads.size(), 2U);
  send(scheduler_, model_back{0, 1, std::make_shared<fake_model>(), nullptr});
  EXPECT_EQ(slots_of(runs()), (std::vector<std::size_t>{1})) << "whoever is there first";
}

TEST_F(places_test, the_metrics_say_where_a_model_is_and_what_waits_once) {
  start(std::make_shared<fake_model>(), std::make_shared<fake_model>(), 2);
  offer({"work 10", "work 10", "work 10"});
  pass(300ms);
  EXPECT_EQ(shown("chalkstream_model_resident", "cuda:0"), 1);
  EXPECT_EQ(shown("chalkstream_model_resident", "cpu"), 1);
  EXPECT_EQ(shown("chalkstream_replicas", "cuda:0"), 1) << "its only slot";
  EXPECT_EQ(shown("chalkstream_replicas", "cpu"), 1) << "of two, since it may hold two in all";
  EXPECT_EQ(shown("chalkstream_pending_records", "cuda:0"), 1);
  EXPECT_EQ(shown("chalkstream_pending_records", "cpu"), 0);
  keep(0, false);
  finish(runs());
  pass(300ms);
  EXPECT_EQ(shown("chalkstream_model_resident", "cuda:0"), 0);
  EXPECT_EQ(shown("chalkstream_replicas", "cuda:0"), 0);
  EXPECT_EQ(shown("chalkstream_replicas", "cpu"), 2);
  EXPECT_EQ(shown("chalkstream_model_resident", "cpu"), 1);
}

TEST_F(places_test, the_autoscaler_moves_a_model_by_what_it_sees_and_nobody_when_it_sees_nothing) {
  const auto load = [] { return result<std::shared_ptr<const model>>{std::make_shared<fake_model>()}; };
  auto scaling = *make_moving_plan(registry_, "cuda:0", load, load, 1s).plan.autoscaler;
  const auto metrics = std::make_shared<exam_metrics>(time_);
  scaling.source = metrics;
  scaling.time = &time_;
  scaling.log = &log_;
  scaling.moving->rule.down_window = 5s;
  for (const auto& lane : scaling.lanes) {
    std::const_pointer_cast<replica_count>(lane.replicas)->allowed = lane.policy.most;
    for (const auto& place : lane.places)
      std::const_pointer_cast<place_status>(place)->loaded = true;
  }
  const auto first = std::const_pointer_cast<place_status>(scaling.lanes[0].places[0]);
  const auto scaler = spawn_state<autoscaler_state>(system(), scaling, who_);
  ends_with_the_test(scaler);
  deliver_all();
  pass(2s);
  EXPECT_TRUE(post_.kept.empty());
  metrics->away = true;
  metrics->exams_are_late = true;
  pass(5s);
  EXPECT_TRUE(post_.kept.empty());
  metrics->away = false;
  pass(1s);
  ASSERT_EQ(post_.kept.size(), 1U);
  EXPECT_EQ(post_.kept[0].model, 0U);
  EXPECT_EQ(post_.kept[0].place, 0U);
  EXPECT_FALSE(post_.kept[0].wanted);
  EXPECT_TRUE(log_.contains("bulk leaves cuda:0 (slots)"));
  first->wanted = first->loaded = false; // as the scheduler does
  metrics->exams_are_late = false;
  pass(5s);
  EXPECT_EQ(post_.kept.size(), 1U) << "not at once";
  for (int i = 0; i < 20 && post_.kept.size() == 1; ++i)
    pass(100ms);
  ASSERT_EQ(post_.kept.size(), 2U);
  EXPECT_TRUE(post_.kept[1].wanted);
  EXPECT_TRUE(log_.contains("bulk comes to cuda:0 (room)"));
  EXPECT_TRUE(post_.allowed.empty());
}

} // namespace chalkstream::test
