// A text's n-grams weighed: (1 + ln times) * rarity, each half of the buckets made unit length (Salton and Buckley
// 1988, "Term-weighting approaches in automatic text retrieval").
#pragma once

#include "models/ngrams/ngram_counts.hpp"

#include <span>
#include <vector>

namespace chalkstream::models {

struct weighed_run {
  std::uint32_t bucket = 0;
  float weight = 0;
};

/// Ascending by bucket; runs whose rarity is 0 are left out. `rarity` has one value a bucket.
std::vector<weighed_run> weigh(const ngram_counts& counts, std::span<const float> rarity);

/// ln((1 + texts) / (1 + texts with it)) + 1 for each bucket; 0 for what fewer than `least` texts have.
std::vector<float> rarity_of(std::span<const ngram_counts* const> texts, std::size_t buckets, std::size_t least);

} // namespace chalkstream::models
