// Buffers of running calls, kept for the next ones: as many exist as calls have ever run at once.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace chalkstream::models {

template <class Workspace>
class workspaces {
public:
  std::unique_ptr<Workspace> borrow() {
    const std::lock_guard lock(guard_);
    if (idle_.empty())
      return std::make_unique<Workspace>();
    auto space = std::move(idle_.back());
    idle_.pop_back();
    return space;
  }

  void give_back(std::unique_ptr<Workspace> space) {
    const std::lock_guard lock(guard_);
    idle_.push_back(std::move(space));
  }

private:
  std::mutex guard_;
  std::vector<std::unique_ptr<Workspace>> idle_;
};

} // namespace chalkstream::models
