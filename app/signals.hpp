// SIGINT and SIGTERM as an orderly end: the first asks, the second does not wait.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace chalkstream::app {

/// Make it before any other thread, so that they all leave the signals to it. The first signal sets `asked()` and
/// calls the handler from its own thread; the second ends the process at once with status 1 (what was not committed
/// is read again by whoever comes next).
class stop_signals {
public:
  stop_signals();
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// May be set once, at any time; called at once if a signal has come already.
  void on_first(std::function<void()> handler);
  bool asked() const noexcept { return count_.load() > 0; }

private:
  void listen();

  std::function<void()> handler_;
  std::atomic<bool> handler_set_{false};
  std::atomic<bool> handler_called_{false};
  std::atomic<int> count_{0};
  std::atomic<bool> closing_{false};
  std::thread listener_;
};

} // namespace chalkstream::app
