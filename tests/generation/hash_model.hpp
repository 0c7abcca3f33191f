// A language model that is a hash of the last two tokens and the length. goldens/search_goldens.py has the same in
// Python, so what a search writes with it can be held against Hugging Face's to the last token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chalkstream::models::testing {

inline constexpr std::size_t hash_vocabulary = 24;

/// The row of logits behind `ids`, each from -4 to 4 and exact in single precision.
inline std::vector<float> hash_logits(std::span<const std::int32_t> ids) {
  const auto last = static_cast<std::uint32_t>(ids.back());
  const auto before = ids.size() > 1 ? static_cast<std::uint32_t>(ids[ids.size() - 2]) : 0U;
  std::vector<float> row;
  for (std::uint32_t token = 0; token < hash_vocabulary; ++token) {
    auto h = static_cast<std::uint32_t>(ids.size()) * 2654435761U ^ before * 2246822519U ^ last * 3266489917U
             ^ token * 668265263U;
    h = (h ^ (h >> 15U)) * 2246822519U;
    h = (h ^ (h >> 13U)) * 3266489917U;
    h ^= h >> 16U;
    row.push_back(static_cast<float>(h >> 8U) / 2097152.0F - 4.0F);
  }
  return row;
}

} // namespace chalkstream::models::testing
