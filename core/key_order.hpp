// Keeps the order of each key when work finishes in any order: what belongs to a key leaves in the order it was
// begun, and nothing waits for another key. Keys are hashes; two keys that share one only wait for each other. One
// instance serves one partition: offsets of two would collide. `release` must not call back into the instance.
#pragma once

#include "core/check.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace chalkstream {

template <class T>
class key_order {
public:
  void begin(std::uint64_t key, std::int64_t offset) { waiting_[key].push_back({offset, std::nullopt}); }

  /// `value` is finished; `release(offset, T)` is called for it and for all it was holding back, in order, or not at
  /// all if an older one of the same key is still open.
  template <class Release>
  void finish(std::uint64_t key, std::int64_t offset, T value, Release&& release) {
    auto at = waiting_.find(key);
    CHALK_PROMISE(at != waiting_.end(), "a key finished that was never begun");
    auto& line = at->second;
    auto place = line.begin();
    while (place != line.end() && place->offset != offset)
      ++place;
    CHALK_PROMISE(place != line.end() && !place->value, "a record finished twice or was never begun");
    place->value = std::move(value);
    while (!line.empty() && line.front().value) {
      release(line.front().offset, std::move(*line.front().value));
      line.pop_front();
    }
    if (line.empty())
      waiting_.erase(at);
  }

  /// Hands out, in no particular order, what is finished and still waits for an older one of its key; forgets all.
  template <class Drop>
  void drain(Drop&& drop) {
    for (auto& [key, line] : waiting_)
      for (auto& p : line)
        if (p.value)
          drop(std::move(*p.value));
    waiting_.clear();
  }

  bool empty() const noexcept { return waiting_.empty(); }

private:
  struct place {
    std::int64_t offset;
    std::optional<T> value;
  };

  std::unordered_map<std::uint64_t, std::deque<place>> waiting_;
};

/// A stable hash of a record's key (FNV-1a, 64 bit).
constexpr std::uint64_t key_hash(std::string_view key) noexcept {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : key)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

} // namespace chalkstream
