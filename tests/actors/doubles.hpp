// Stand-ins for the actors around the one under test. They note what they are sent and do nothing; the test answers
// in their place. For deterministic tests: everything runs on the test's thread.
#pragma once

#include "actors/scheduler.hpp"
#include "monitoring/pipeline_probe.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_task.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/records.hpp"

#include <utility>
#include <vector>

namespace chalkstream::test {

using namespace std::chrono_literals;
using namespace chalkstream::actors;

/// Everything that was sent to the doubles, in order.
struct post {
  std::vector<std::shared_ptr<const flights>> prepare;
  std::vector<std::shared_ptr<const flights>> complete;
  std::vector<std::shared_ptr<const flights>> enqueued;
  std::vector<slot_ready> asks;
  std::vector<std::pair<std::size_t, run_batch>> runs; // by slot
  std::vector<std::pair<std::size_t, help_batch>> helps;
  std::vector<std::pair<std::size_t, measure_batch>> measurements;
  std::vector<std::shared_ptr<const flights>> landed;
  std::vector<consumer_closed> closed;
  std::vector<allow_replicas> allowed;
  std::vector<keep_on_device> kept;
  std::vector<load_model> loads;
  std::size_t purges = 0;
};

/// On one device, the first.
inline scheduled_model model_on_first(std::string name, std::shared_ptr<const model> compute,
                                      std::size_t max_replicas, std::size_t token_budget,
                                      std::shared_ptr<monitoring::model_probe> probe) {
  scheduled_model made{.name = std::move(name), .places = {}, .max_replicas = max_replicas};
  made.places.push_back({.compute = std::move(compute), .token_budget = token_budget, .probe = std::move(probe)});
  return made;
}

/// All flights of some messages, which are forgotten.
inline flights take(std::vector<std::shared_ptr<const flights>>& messages) {
  flights all;
  for (const auto& m : std::exchange(messages, {}))
    all.insert(all.end(), m->begin(), m->end());
  return all;
}

struct pool_double {
  using handle_type = step_pool_actor;
  static constexpr const char* name = "pool_double";
  pool_double(step_pool_actor::pointer, std::vector<std::shared_ptr<const flights>>* got) : got_(got) {}
  step_pool_actor::behavior_type make_behavior() {
    return {[this](const run_steps& m) { got_->push_back(m.batch); }, [](const job_done&) {}, [](stop) {}};
  }
  std::vector<std::shared_ptr<const flights>>* got_;
};

struct scheduler_double {
  using handle_type = scheduler_actor;
  static constexpr const char* name = "scheduler_double";
  scheduler_double(scheduler_actor::pointer, post* got) : got_(got) {}
  scheduler_actor::behavior_type make_behavior() {
    return {[this](const enqueue& m) { got_->enqueued.push_back(m.batch); },
            [this](const slot_ready& m) { got_->asks.push_back(m); },
            [this](const allow_replicas& m) { got_->allowed.push_back(m); },
            [this](const keep_on_device& m) { got_->kept.push_back(m); },
            [](const model_back&) {},
            [this](purge) { ++got_->purges; },
            [](tick) {},
            [](stop) {}};
  }
  post* got_;
};

struct slot_double {
  using handle_type = slot_actor;
  static constexpr const char* name = "slot_double";
  slot_double(slot_actor::pointer, std::size_t index, post* got) : index_(index), got_(got) {}
  slot_actor::behavior_type make_behavior() {
    return {[this](const run_batch& m) { got_->runs.emplace_back(index_, m); },
            [this](const help_batch& m) { got_->helps.emplace_back(index_, m); },
            [this](const measure_batch& m) { got_->measurements.emplace_back(index_, m); }, [](stop) {}};
  }
  std::size_t index_;
  post* got_;
};

struct loader_double {
  using handle_type = loader_actor;
  static constexpr const char* name = "loader_double";
  loader_double(loader_actor::pointer, post* got) : got_(got) {}
  loader_actor::behavior_type make_behavior() {
    return {[this](const load_model& m) { got_->loads.push_back(m); }, [](stop) {}};
  }
  post* got_;
};

struct consumer_double {
  using handle_type = consumer_actor;
  static constexpr const char* name = "consumer_double";
  consumer_double(consumer_actor::pointer, post* got) : got_(got) {}
  consumer_actor::behavior_type make_behavior() {
    return {[](poll_source) {}, [this](const flights_landed& m) { got_->landed.push_back(m.batch); }, [](tick) {},
            [](const close_window&) {}, [](const drain&) {}};
  }
  post* got_;
};

struct supervisor_double {
  using handle_type = supervisor_actor;
  static constexpr const char* name = "supervisor_double";
  supervisor_double(supervisor_actor::pointer, post* got) : got_(got) {}
  supervisor_actor::behavior_type make_behavior() {
    return {[](const drain&) {}, [this](const consumer_closed& m) { got_->closed.push_back(m); }};
  }
  post* got_;
};

/// A directory of doubles, a route through them, and a clock that moves with the actors'.
class doubles_fixture : public actor_fixture {
protected:
  doubles_fixture() {
    route_->name = "test";
    route_->topic = "in";
    route_->engine = "chalkstream test";
    route_->steps = task_;
    route_->models = {0, 1};
    route_->probe = std::make_shared<monitoring::pipeline_probe>("test");
  }

  void SetUp() override {
    who_->prepare = double_of<pool_double>(&post_.prepare);
    who_->complete = double_of<pool_double>(&post_.complete);
    who_->scheduler = double_of<scheduler_double>(&post_);
    who_->consumers = {double_of<consumer_double>(&post_)};
    supervisor_ = double_of<supervisor_double>(&post_);
  }

  void TearDown() override {
    for (auto& end : ends_)
      end();
    ends_.clear();
    *who_ = {};
    supervisor_ = nullptr;
    deliver_all();
  }

  template <class State, class... Args>
  typename State::handle_type double_of(Args... args) {
    auto made = spawn_state<State>(system(), args...);
    ends_with_the_test(made);
    return made;
  }

  template <class Handle>
  void ends_with_the_test(const Handle& made) {
    ends_.push_back([made] { caf::anon_send_exit(made, caf::exit_reason::kill); });
  }

  template <class Handle, class Message>
  void send(const Handle& to, Message message) {
    tell_from_outside(to, std::move(message));
    deliver_all();
  }

  /// Both clocks move together, in steps small enough that every timer fires in its turn.
  void pass(duration by) {
    for (const auto step = duration{10ms}; by > duration::zero(); by -= step) {
      time_.advance(std::min(by, step));
      advance(std::chrono::duration_cast<caf::timespan>(std::min(by, step)));
    }
  }

  flight_ptr make_flight(std::string value, std::optional<std::string> key = std::nullopt) {
    auto f = std::make_shared<flight>();
    f->route = route_;
    f->lease = lease_;
    f->received = f->ready = time_.now();
    f->input = make_record(0, next_offset_++, std::move(key), std::move(value), {}, time_.wall_now());
    f->bytes = f->input.bytes();
    return f;
  }

  /// As the prepare stage would have left it.
  flight_ptr prepared_flight(std::string value, duration deadline = 60s) {
    auto f = make_flight(std::move(value));
    f->step = task_->prepare(f->input);
    const auto& w = std::get<work>(f->step);
    f->urgency = w.urgency.value_or(priority::normal);
    f->deadline = time_.now() + deadline;
    return f;
  }

  static std::shared_ptr<const flights> batch_of(flights all) {
    return std::make_shared<const flights>(std::move(all));
  }

  post post_;
  manual_clock time_;
  std::shared_ptr<fake_task> task_ = std::make_shared<fake_task>();
  std::shared_ptr<pipeline_route> route_ = std::make_shared<pipeline_route>();
  std::shared_ptr<partition_lease> lease_ = std::make_shared<partition_lease>();
  directory_ptr who_ = std::make_shared<directory>();
  supervisor_actor supervisor_;

private:
  std::vector<std::function<void()>> ends_;
  std::int64_t next_offset_ = 0;
};

} // namespace chalkstream::test
