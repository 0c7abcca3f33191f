// How many slots a model may hold, changed while it runs, and models that come and go.
#include "actors/model_loader.hpp"
#include "actors/scheduler.hpp"

#include "monitoring/registry.hpp"
#include "tests/actors/doubles.hpp"
#include "tests/support/collecting_log.hpp"
#include "tests/support/fake_model.hpp"
#include "tests/support/fake_writer.hpp"

#include <map>

namespace chalkstream::test {

namespace {

class replicas_test : public doubles_fixture {
protected:
  void start(std::shared_ptr<const model> first, std::size_t slots, std::size_t max_replicas) {
    settings_.devices = {{"cpu", slots, registry_.device("cpu")}};
    settings_.time = &time_;
    settings_.log = &log_;
    add("first", std::move(first), max_replicas);
    add("second", std::make_shared<fake_model>(), max_replicas);
    settings_.models.front().places.front().load = [] {
      return result<std::shared_ptr<const model>>{errc::internal, "not for real"};
    };
    settings_.make_slot = [this](caf::actor_system&, std::size_t index, const directory_ptr&, const clock*) {
      return slots_[index] = double_of<slot_double>(index, &post_);
    };
    settings_.make_loader = [this](caf::actor_system&, const directory_ptr&) {
      return loader_ = double_of<loader_double>(&post_);
    };
    scheduler_ = spawn_state<scheduler_state>(system(), settings_, who_);
    ends_with_the_test(scheduler_);
    send(scheduler_, tick{});
    for (std::size_t s = 0; s < slots; ++s)
      send(scheduler_, slot_ready{s});
  }

  void add(const char* name, std::shared_ptr<const model> compute, std::size_t max_replicas) {
    settings_.models.push_back(
        model_on_first(name, std::move(compute), max_replicas, 10, registry_.model(name, "1", "cpu")));
  }

  void allow(std::size_t replicas) { send(scheduler_, allow_replicas{0, replicas}); }

  void offer(const std::vector<std::string>& values, std::optional<duration> expires = {}) {
    flights all;
    for (const auto& v : values) {
      all.push_back(prepared_flight(v));
      if (expires)
        all.back()->expires = time_.now() + *expires;
    }
    send(scheduler_, enqueue{batch_of(std::move(all))});
  }

  /// Runs handed out since the last call; forgotten, so that they hold no model.
  std::vector<std::pair<std::size_t, run_batch>> runs() { return std::exchange(post_.runs, {}); }

  void finish(const std::vector<std::pair<std::size_t, run_batch>>& given) {
    for (const auto& [slot, run] : given)
      send(scheduler_, slot_ready{slot, run.id, 1ms});
  }

  std::string shown(const std::string& series) const {
    const auto page = registry_.expose();
    const auto at = page.find(series + " ");
    return at == std::string::npos
               ? "absent"
               : page.substr(at + series.size() + 1, page.find('\n', at) - at - series.size() - 1);
  }

  const replica_count& count() const { return *settings_.models.front().replicas; }

  monitoring::registry registry_;
  collecting_log log_;
  scheduler_settings settings_;
  scheduler_actor scheduler_;
  std::map<std::size_t, slot_actor> slots_;
  loader_actor loader_;
};

/// Alive as long as somebody holds the weights.
struct weights {
  std::shared_ptr<fake_model> held = std::make_shared<fake_model>();
  std::weak_ptr<const fake_model> watched = held;
  std::shared_ptr<const model> hand_over() { return std::exchange(held, nullptr); }
};

struct listener {
  using handle_type = scheduler_actor;
  static constexpr const char* name = "listener";
  listener(scheduler_actor::pointer, std::vector<model_back>* got) : got_(got) {}
  scheduler_actor::behavior_type make_behavior() {
    return {[](const enqueue&) {},
            [](const slot_ready&) {},
            [](const allow_replicas&) {},
            [](const keep_on_device&) {},
            [this](const model_back& m) { got_->push_back(m); },
            [](purge) {},
            [](tick) {},
            [](stop) {}};
  }
  std::vector<model_back>* got_;
};

} // namespace

TEST_F(replicas_test, a_step_takes_effect_with_the_next_batch_and_drops_nothing) {
  start(std::make_shared<fake_model>(), 4, 4);
  EXPECT_EQ(count().allowed, 4u);
  allow(1);
  EXPECT_EQ(count().allowed, 1u);
  offer({"work 10", "work 10", "work 10", "work 10", "work 10", "work 10"});
  auto given = runs();
  EXPECT_EQ(given.size(), 1U);
  allow(3);
  auto more = runs();
  EXPECT_EQ(more.size(), 2U);
  given.insert(given.end(), more.begin(), more.end());
  allow(1); // three run on, and none begins until two of them are through
  finish({given[0]});
  EXPECT_TRUE(runs().empty());
  finish({given[1]});
  EXPECT_TRUE(runs().empty());
  finish({given[2]});
  std::size_t rest = 0;
  for (auto last = runs(); !last.empty(); last = runs()) {
    EXPECT_EQ(last.size(), 1U);
    rest += last.size();
    finish(last);
  }
  EXPECT_EQ(rest, 3U);
}

TEST_F(replicas_test, keeps_between_one_and_the_configured_most) {
  start(std::make_shared<fake_model>(), 4, 3);
  allow(9);
  EXPECT_EQ(count().allowed, 3u);
  send(scheduler_, allow_replicas{1, 0}); // nobody could load this one again
  EXPECT_EQ(settings_.models[1].replicas->allowed, 1u);
  EXPECT_TRUE(settings_.models[1].replicas->loaded);
}

TEST_F(replicas_test, the_metric_follows) {
  start(std::make_shared<fake_model>(), 2, 4);
  const std::string series = R"(chalkstream_replicas{model="first",version="1",device="cpu"})";
  pass(300ms);
  EXPECT_EQ(shown(series), "2"); // as many as there are slots
  allow(1);
  pass(300ms);
  EXPECT_EQ(shown(series), "1");
  allow(0);
  pass(300ms);
  EXPECT_EQ(shown(series), "0");
}

TEST_F(replicas_test, other_models_keep_theirs) {
  start(std::make_shared<fake_model>(), 2, 2);
  allow(0);
  offer({"work 10 model=1", "work 10 model=1"});
  EXPECT_EQ(runs().size(), 2U);
}

TEST_F(replicas_test, an_idle_model_lets_its_weights_go_at_once) {
  weights first;
  start(first.hand_over(), 1, 1);
  settings_.models.front().places.front().compute = nullptr;
  ASSERT_FALSE(first.watched.expired());
  allow(0);
  EXPECT_TRUE(first.watched.expired());
  EXPECT_FALSE(count().loaded);
  EXPECT_EQ(count().allowed, 0u);
  EXPECT_TRUE(post_.loads.empty());
}

TEST_F(replicas_test, what_runs_and_waits_is_finished_before_the_weights_go) {
  weights first;
  start(first.hand_over(), 1, 1);
  settings_.models.front().places.front().compute = nullptr;
  offer({"work 10", "work 10"});
  allow(0);
  EXPECT_EQ(count().allowed, 1u);
  finish(runs());
  auto last = runs();
  ASSERT_EQ(last.size(), 1U);
  pass(300ms);
  EXPECT_FALSE(first.watched.expired());
  finish(std::exchange(last, {}));
  pass(300ms);
  EXPECT_TRUE(first.watched.expired());
  EXPECT_EQ(count().allowed, 0u);
}

TEST_F(replicas_test, who_gets_work_meanwhile_stays) {
  weights first;
  start(first.hand_over(), 1, 1);
  settings_.models.front().places.front().compute = nullptr;
  offer({"work 10"});
  allow(0);
  offer({"work 10"});
  finish(runs());
  finish(runs());
  pass(1s);
  EXPECT_FALSE(first.watched.expired());
  EXPECT_EQ(count().allowed, 1u);
}

TEST_F(replicas_test, what_comes_for_an_unloaded_model_waits_until_it_is_there_again) {
  start(std::make_shared<fake_model>(), 1, 1);
  allow(0);
  offer({"work 10", "work 10", "work 10 model=1"});
  EXPECT_EQ(runs().size(), 1U) << "the other model's record does not wait";
  send(scheduler_, slot_ready{0, 1, 1ms});
  ASSERT_EQ(post_.loads.size(), 1U);
  EXPECT_TRUE(runs().empty());
  EXPECT_EQ(count().allowed, 1u);
  const auto again = std::make_shared<fake_model>();
  send(scheduler_, model_back{0, 0, again, nullptr});
  auto given = runs();
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given.front().second.compute, again);
  EXPECT_TRUE(count().loaded);
  EXPECT_EQ(post_.loads.size(), 1U);
}

TEST_F(replicas_test, it_comes_back_before_there_is_work_if_it_is_told_to) {
  start(std::make_shared<fake_model>(), 1, 4);
  allow(0);
  allow(3);
  EXPECT_EQ(post_.loads.size(), 1U);
  EXPECT_EQ(count().allowed, 3u);
  EXPECT_FALSE(count().loaded);
  send(scheduler_, model_back{0, 0, std::make_shared<fake_model>(), nullptr});
  EXPECT_TRUE(count().loaded);
}

TEST_F(replicas_test, deadlines_pass_while_a_model_is_away) {
  start(std::make_shared<fake_model>(), 1, 1);
  allow(0);
  offer({"work 10"}, 500ms);
  offer({"work 10"});
  pass(1s);
  const auto home = take(post_.landed);
  ASSERT_EQ(home.size(), 1U);
  EXPECT_EQ(std::get<rejection>(home.front()->step).reason, reject_reason::expired);
  send(scheduler_, model_back{0, 0, std::make_shared<fake_model>(), nullptr});
  EXPECT_EQ(runs().size(), 1U);
}

TEST_F(replicas_test, a_model_that_cannot_be_had_is_asked_for_again_ever_more_seldom) {
  start(std::make_shared<fake_model>(), 1, 1);
  allow(0);
  offer({"work 10"});
  for (int i = 0; i < 2; ++i) {
    const auto asked = post_.loads.size();
    send(scheduler_,
         model_back{0, 0, nullptr, std::make_shared<const error>(error{errc::not_found, "no such file"})});
    pass(500ms);
    EXPECT_EQ(post_.loads.size(), asked) << "not at once";
    pass(2s);
    EXPECT_EQ(post_.loads.size(), asked + 1);
  }
  EXPECT_TRUE(log_.contains("no such file"));
  send(scheduler_, model_back{0, 0, std::make_shared<fake_model>(), nullptr});
  EXPECT_EQ(runs().size(), 1U) << "nothing was lost";
}

TEST_F(replicas_test, a_loader_that_fails_is_replaced) {
  start(std::make_shared<fake_model>(), 1, 1);
  allow(0);
  offer({"work 10"});
  ASSERT_EQ(post_.loads.size(), 1U);
  caf::anon_send_exit(loader_, caf::exit_reason::kill);
  deliver_all();
  pass(2s);
  EXPECT_EQ(post_.loads.size(), 2U);
}

TEST_F(replicas_test, told_to_rest_while_it_loads_it_rests_when_it_is_there) {
  weights again;
  start(std::make_shared<fake_model>(), 1, 1);
  allow(0);
  allow(1);
  allow(0);
  send(scheduler_, model_back{0, 0, again.hand_over(), nullptr});
  EXPECT_TRUE(again.watched.expired());
  EXPECT_EQ(count().allowed, 0u);
}

TEST_F(replicas_test, a_text_that_is_being_written_keeps_its_model) {
  auto writer = std::make_shared<fake_writer>();
  const std::weak_ptr<const fake_writer> watched = writer;
  start(std::exchange(writer, nullptr), 1, 1);
  settings_.models.front().places.front().compute = nullptr;
  offer({"work 4 write=8"});
  allow(0);
  auto given = runs();
  ASSERT_EQ(given.size(), 1U);
  const auto going_on = given.front().second.batch;
  const auto id = given.front().second.id;
  given.clear();
  send(scheduler_, slot_ready{0, id, 1ms, nullptr, going_on});
  pass(1s);
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(runs().size(), 1U);
}

TEST_F(replicas_test, the_loader_says_what_became_of_it) {
  std::vector<model_back> back;
  who_->scheduler = double_of<listener>(&back);
  const auto loader = spawn_state<model_loader_state>(system(), who_);
  const std::shared_ptr<const model> made = std::make_shared<fake_model>();
  send(loader, load_model{3, 1, [made] { return result<std::shared_ptr<const model>>{made}; }});
  send(loader, load_model{4, 0, [] { return result<std::shared_ptr<const model>>{errc::corrupt, "torn"}; }});
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].model, 3u);
  EXPECT_EQ(back[0].place, 1u);
  EXPECT_EQ(back[0].compute, made);
  EXPECT_EQ(back[1].failure->message, "torn");
  send(loader, stop{});
}

} // namespace chalkstream::test
