// A crew whose helpers are threads of its own: members of them in all, the calling thread included. They stay until
// it goes out of scope.
#pragma once

#include "core/crew.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace chalkstream::test {

class lent_threads {
public:
  explicit lent_threads(std::size_t members) : crew_(members) {
    for (std::size_t i = 1; i < members; ++i)
      helpers_.emplace_back([this] { crew_.help(wanted_); });
  }
  ~lent_threads() { crew_.finish(); }

  crew& together() noexcept { return crew_; }

private:
  crew crew_;
  std::atomic<bool> wanted_{false};
  std::vector<std::jthread> helpers_;
};

} // namespace chalkstream::test
