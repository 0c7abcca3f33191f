#include "core/commit_policy.hpp"

#include <algorithm>

namespace chalkstream {

bool commit_policy::due(time_point now, std::size_t staged, std::size_t others) const noexcept {
  if (staged == 0)
    return false;
  return others == 0 || staged >= limits_.max_records || now >= next_due(others);
}

time_point commit_policy::next_due(std::size_t others) const noexcept {
  const auto backlog = static_cast<std::int64_t>(std::min<std::size_t>(others / limits_.records_per_factor, 1000));
  return last_commit_ + std::min(limits_.interval, cost_ * std::clamp<std::int64_t>(backlog, 1, limits_.cost_factor));
}

void commit_policy::on_commit(time_point started, time_point ended) noexcept {
  last_commit_ = ended;
  cost_ = ended - started;
}

} // namespace chalkstream
