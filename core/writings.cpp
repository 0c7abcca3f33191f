#include "core/writings.hpp"

#include <algorithm>

namespace chalkstream {

result<void> writings::begin(const model& by, std::span<const sequence> prompts) {
  while (texts_.size() < prompts.size()) {
    CHALK_TRY(auto made, by.begin(prompts[texts_.size()]));
    if (!made)
      break;
    open_.emplace_back(texts_.size(), std::move(made));
    texts_.emplace_back();
  }
  return {};
}

std::size_t writings::next_tokens() const noexcept {
  std::size_t sum = 0;
  for (const auto& [prompt, text] : open_)
    sum += text->next_tokens();
  return sum;
}

void writings::add_to(std::vector<writing*>& batch) const {
  for (const auto& [prompt, text] : open_)
    batch.push_back(text.get());
}

std::size_t writings::collect() {
  fresh_ = false;
  const auto still_open =
      std::stable_partition(open_.begin(), open_.end(), [](const auto& each) { return !each.second->finished(); });
  const auto finished = static_cast<std::size_t>(open_.end() - still_open);
  for (auto at = still_open; at != open_.end(); ++at)
    texts_[at->first] = at->second->take();
  open_.erase(still_open, open_.end());
  return finished;
}

} // namespace chalkstream
