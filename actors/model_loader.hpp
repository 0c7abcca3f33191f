// Loads models that were unloaded, one after the other, on a thread of its own: whatever else runs, runs on.
#pragma once

#include "actors/directory.hpp"

namespace chalkstream::actors {

class model_loader_state {
public:
  using handle_type = loader_actor;
  static constexpr const char* name = "model_loader";

  model_loader_state(loader_actor::pointer self, directory_ptr who) : self_(self), who_(std::move(who)) {}
  loader_actor::behavior_type make_behavior();

private:
  loader_actor::pointer self_;
  directory_ptr who_;
};

} // namespace chalkstream::actors
