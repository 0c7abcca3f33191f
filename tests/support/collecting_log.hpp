// A log that remembers what was written to it.
#pragma once

#include "core/log.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

namespace chalkstream::test {

class collecting_log final : public log {
public:
  struct line {
    log_level level;
    std::string component;
    std::string message;
  };

  void write(log_level level, std::string_view component, std::string_view message) override {
    const std::lock_guard guard(mutex_);
    lines_.push_back({level, std::string(component), std::string(message)});
  }

  std::vector<line> lines() const {
    const std::lock_guard guard(mutex_);
    return lines_;
  }

  std::size_t count(log_level level) const {
    const std::lock_guard guard(mutex_);
    return static_cast<std::size_t>(
        std::count_if(lines_.begin(), lines_.end(), [level](const line& l) { return l.level == level; }));
  }

  bool contains(std::string_view text) const {
    const std::lock_guard guard(mutex_);
    return std::any_of(lines_.begin(), lines_.end(),
                       [text](const line& l) { return l.message.find(text) != std::string::npos; });
  }

private:
  mutable std::mutex mutex_;
  std::vector<line> lines_;
};

} // namespace chalkstream::test
