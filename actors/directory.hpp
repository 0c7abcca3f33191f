// Who is who. Filled by the supervisor before the first record flows and only read from then on. Actors and directory
// hold each other until the actors have stopped.
#pragma once

#include "actors/messages.hpp"

#include <vector>

namespace chalkstream::actors {

struct directory {
  scheduler_actor scheduler;
  step_pool_actor prepare;
  /// For tasks that prepare for long; null if there are none.
  step_pool_actor prepare_long;
  /// For tasks that wait for others, by pipeline_route::index; null or absent for the rest.
  std::vector<step_pool_actor> prepare_waiting;
  step_pool_actor complete;
  /// By pipeline_route::index.
  std::vector<consumer_actor> consumers;

  const step_pool_actor& prepare_for(const pipeline_route& route) const {
    if (route.index < prepare_waiting.size() && prepare_waiting[route.index])
      return prepare_waiting[route.index];
    return route.steps->prepares_long() ? prepare_long : prepare;
  }
};

using directory_ptr = std::shared_ptr<directory>;

/// Sends each flight to the consumer it came from, one message per consumer.
template <class Self>
void send_home(Self* self, const directory& who, const flights& batch) {
  std::vector<std::shared_ptr<flights>> by_consumer(who.consumers.size());
  for (const auto& f : batch) {
    auto& group = by_consumer[f->route->index];
    if (!group)
      group = std::make_shared<flights>();
    group->push_back(f);
  }
  for (std::size_t i = 0; i < by_consumer.size(); ++i)
    if (by_consumer[i])
      tell(self, who.consumers[i], flights_landed{std::move(by_consumer[i])});
}

} // namespace chalkstream::actors
