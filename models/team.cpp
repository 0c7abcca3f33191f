#include "models/team.hpp"

#include <exception>
#include <future>
#include <thread>
#include <vector>

namespace chalkstream::models {

void team::run(std::size_t members, const std::function<void(team&, std::size_t)>& body) {
  if (members <= 1) {
    team alone(1);
    body(alone, 0);
    return;
  }
  // Helpers wait until it is known how many of them could be started.
  std::promise<team*> start;
  const auto started = start.get_future().share();
  std::vector<std::jthread> helpers;
  try {
    helpers.reserve(members - 1);
    for (std::size_t member = 1; member < members; ++member)
      helpers.emplace_back([&body, started, member] { body(*started.get(), member); });
  } catch (const std::exception&) {
    // Fewer helpers are fine; the units are claimed, not assigned.
  }
  team together(helpers.size() + 1);
  start.set_value(&together);
  body(together, 0);
  helpers.clear();
}

} // namespace chalkstream::models
