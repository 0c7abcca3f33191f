#include "pipelines/runtime.hpp"

#include "actors/supervisor.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace chalkstream::pipelines {

namespace {

// Messages one actor may handle before the next gets its turn (caf.md, measured).
constexpr std::size_t messages_per_turn = 32;
// How long the destructor waits for an engine that was not drained.
constexpr auto farewell = std::chrono::seconds(10);

struct system_config : caf::actor_system_config {
  explicit system_config(std::size_t threads) { configure_scheduler(*this, threads, messages_per_turn); }
};

void register_messages_once() {
  static const bool done = [] {
    register_message_types<caf::id_block::chalkstream_actors>();
    return true;
  }();
  (void)done;
}

} // namespace

// What the supervisor's thread tells the waiting one. Shared, so that a late report finds it alive.
struct ending {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<result<void>> outcome;
};

struct runtime::state {
  explicit state(std::size_t threads) : config(threads), system(config) {}

  std::shared_ptr<ending> end = std::make_shared<ending>();
  system_config config;
  caf::actor_system system;
  actors::supervisor_actor supervisor;
};

runtime::runtime(actors::engine_plan plan) {
  register_messages_once();
  state_ = std::make_unique<state>(std::max<std::size_t>(2, plan.prepare_workers));
  plan.ended = [end = state_->end, then = std::move(plan.ended)](const std::shared_ptr<const error>& failure) {
    if (then)
      then(failure);
    const std::lock_guard lock(end->mutex);
    end->outcome = failure ? result<void>{*failure} : result<void>{};
    end->changed.notify_all();
  };
  state_->supervisor = spawn_state<actors::supervisor_state>(state_->system,
                                                             std::make_shared<actors::engine_plan>(std::move(plan)));
}

runtime::~runtime() {
  if (!wait_for(std::chrono::nanoseconds{0})) {
    drain(std::chrono::nanoseconds{0});
    (void)wait_for(farewell);
  }
  state_->supervisor = nullptr;
}

void runtime::drain(std::chrono::nanoseconds grace) {
  tell_from_outside(state_->supervisor, actors::drain{grace});
}

std::optional<result<void>> runtime::wait_for(std::chrono::nanoseconds timeout) {
  std::unique_lock lock(state_->end->mutex);
  state_->end->changed.wait_for(lock, timeout, [this] { return state_->end->outcome.has_value(); });
  return state_->end->outcome;
}

} // namespace chalkstream::pipelines
