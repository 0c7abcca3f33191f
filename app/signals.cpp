#include "app/signals.hpp"

#include "app/commands.hpp"

#include <csignal>
#include <cstdlib>

namespace chalkstream::app {

namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

} // namespace

stop_signals::stop_signals() {
  const auto set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  listener_ = std::thread([this] { listen(); });
}

stop_signals::~stop_signals() {
  closing_.store(true);
  listener_.join();
}

void stop_signals::on_first(std::function<void()> handler) {
  handler_ = std::move(handler);
  handler_set_.store(true);
  if (asked() && !handler_called_.exchange(true))
    handler_();
}

void stop_signals::listen() {
  const auto set = watched();
  const timespec patience{0, 100'000'000};
  while (!closing_.load()) {
    if (sigtimedwait(&set, nullptr, &patience) < 0)
      continue;
    if (count_.fetch_add(1) > 0)
      std::_Exit(exit_failed);
    if (handler_set_.load() && !handler_called_.exchange(true))
      handler_();
  }
}

} // namespace chalkstream::app
