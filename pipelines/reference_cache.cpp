#include "pipelines/reference_cache.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

constexpr std::size_t max_text_bytes = 8192;

} // namespace

reference_cache::reference_cache(std::size_t capacity)
    : part_capacity_(std::max<std::size_t>(1, capacity / std::tuple_size_v<decltype(parts_)>)) {}

reference_cache::part& reference_cache::part_of(std::string_view text) {
  return parts_[std::hash<std::string_view>{}(text) % parts_.size()];
}

std::shared_ptr<const education::reference_answer> reference_cache::find(std::string_view text) {
  auto& where = part_of(text);
  const std::lock_guard lock{where.mutex};
  const auto found = where.by_text.find(text);
  if (found == where.by_text.end())
    return nullptr;
  where.recent.splice(where.recent.begin(), where.recent, found->second);
  return *found->second;
}

void reference_cache::keep(std::shared_ptr<const education::reference_answer> entry) {
  const std::string_view text = entry->text; // lives as long as the entry, which the list keeps
  if (text.size() > max_text_bytes)
    return;
  auto& where = part_of(text);
  const std::lock_guard lock{where.mutex};
  if (where.by_text.contains(text))
    return;
  if (where.recent.size() >= part_capacity_) {
    where.by_text.erase(where.recent.back()->text);
    where.recent.pop_back();
  }
  where.recent.push_front(std::move(entry));
  where.by_text.emplace(text, where.recent.begin());
}

std::size_t reference_cache::size() const {
  std::size_t sum = 0;
  for (const auto& p : parts_) {
    const std::lock_guard lock{p.mutex};
    sum += p.recent.size();
  }
  return sum;
}

} // namespace chalkstream::pipelines
