#include "core/commit_policy.hpp"

#include <algorithm>

namespace chalkstream {

bool commit_policy::due(time_point now, std::size_t staged, std::size_t others) const noexcept {
  if (staged == 0)
    return false;
  return others == 0 || staged >= limits_.max_records || now >= next_due();
}

void commit_policy::on_commit(time_point started, time_point ended) noexcept {
  last_commit_ = ended;
  gap_ = std::min(limits_.interval, (ended - started) * limits_.cost_factor);
}

} // namespace chalkstream
