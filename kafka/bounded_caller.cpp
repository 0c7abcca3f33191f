#include "kafka/bounded_caller.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace chalkstream::kafka {

struct bounded_caller::state {
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> call;
  bool busy = false;
  bool ending = false;
  std::thread thread;

  void serve() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return ending || call; });
      if (!call)
        return;
      auto current = std::exchange(call, nullptr);
      lock.unlock();
      current();
      current = nullptr; // what it holds may take its time to end, and must not do so under the lock
      lock.lock();
      busy = false;
      changed.notify_all();
    }
  }
};

bounded_caller::bounded_caller() : state_(std::make_shared<state>()) {
  state_->thread = std::thread([s = state_] { s->serve(); });
}

bounded_caller::~bounded_caller() {
  std::unique_lock lock(state_->mutex);
  const bool given_up = std::exchange(state_->ending, true) && state_->busy;
  lock.unlock();
  state_->changed.notify_all();
  if (given_up)
    state_->thread.detach();
  else
    state_->thread.join();
}

bool bounded_caller::run(std::function<void()> call, time_point deadline) {
  std::unique_lock lock(state_->mutex);
  if (state_->ending)
    return false;
  state_->call = std::move(call);
  state_->busy = true;
  state_->changed.notify_all();
  if (state_->changed.wait_until(lock, deadline, [this] { return !state_->busy; }))
    return true;
  state_->ending = true;
  return false;
}

} // namespace chalkstream::kafka
