#include "models/ngrams/ngram_vector.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::models {
namespace {

void make_unit_length(std::span<weighed_run> runs) {
  double squares = 0;
  for (const auto& r : runs)
    squares += double{r.weight} * double{r.weight};
  if (squares == 0)
    return;
  const auto by = 1 / std::sqrt(squares);
  for (auto& r : runs)
    r.weight = static_cast<float>(r.weight * by);
}

} // namespace

std::vector<weighed_run> weigh(const ngram_counts& counts, std::span<const float> rarity) {
  std::vector<weighed_run> runs;
  runs.reserve(counts.runs.size());
  for (const auto& c : counts.runs)
    if (rarity[c.bucket] > 0)
      runs.push_back({c.bucket, (1 + std::log(c.times)) * rarity[c.bucket]});
  const auto words = std::partition_point(runs.begin(), runs.end(),
                                          [&](const auto& r) { return r.bucket < rarity.size() / 2; });
  make_unit_length({runs.begin(), words});
  make_unit_length({words, runs.end()});
  return runs;
}

std::vector<float> rarity_of(std::span<const ngram_counts* const> texts, std::size_t buckets, std::size_t least) {
  std::vector<std::size_t> having(buckets, 0);
  for (const auto* t : texts)
    for (const auto& c : t->runs)
      ++having[c.bucket];
  std::vector<float> rarity(buckets, 0);
  const auto all = static_cast<double>(texts.size());
  for (std::size_t b = 0; b < buckets; ++b)
    if (having[b] >= std::max<std::size_t>(least, 1))
      rarity[b] = static_cast<float>(std::log((1 + all) / (1 + static_cast<double>(having[b]))) + 1);
  return rarity;
}

} // namespace chalkstream::models
