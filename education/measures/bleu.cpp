#include "education/measures/bleu.hpp"

#include "education/measures/ngrams.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::education::measures {

namespace {

std::size_t distance(std::size_t left, std::size_t right) {
  return left < right ? right - left : left - right;
}

} // namespace

bleu_counts& bleu_counts::operator+=(const bleu_counts& other) {
  for (std::size_t n = 0; n < bleu_orders; ++n) {
    matches[n] += other.matches[n];
    predicted[n] += other.predicted[n];
  }
  length += other.length;
  reference_length += other.reference_length;
  return *this;
}

bleu_counts count_bleu(std::string_view predicted, std::span<const std::string> references,
                       bleu_tokenizer tokenizer) {
  vocabulary known;
  const auto ours = known.numbers(bleu_tokens(predicted, tokenizer));
  std::vector<std::vector<token>> theirs;
  for (const auto& reference : references)
    theirs.push_back(known.numbers(bleu_tokens(reference, tokenizer)));

  bleu_counts counts;
  counts.length = ours.size();
  for (std::size_t n = 1; n <= bleu_orders; ++n) {
    const ngram_counts have{ours, n};
    ngram_counts allowed;
    for (const auto& tokens : theirs)
      allowed = allowed.merged(ngram_counts{tokens, n});
    counts.matches[n - 1] = have.matches(allowed);
    counts.predicted[n - 1] = have.total();
  }
  const auto closer = [&](const auto& a, const auto& b) {
    const auto left = distance(a.size(), ours.size());
    const auto right = distance(b.size(), ours.size());
    return left < right || (left == right && a.size() < b.size());
  };
  if (const auto closest = std::min_element(theirs.begin(), theirs.end(), closer); closest != theirs.end())
    counts.reference_length = closest->size();
  return counts;
}

double bleu(const bleu_counts& corpus) {
  if (std::all_of(corpus.matches.begin(), corpus.matches.end(), [](auto n) { return n == 0; }))
    return 0;
  double logs = 0;
  double halvings = 1;
  for (std::size_t n = 0; n < bleu_orders; ++n) {
    if (corpus.predicted[n] == 0)
      return 0;
    const auto predicted = static_cast<double>(corpus.predicted[n]);
    if (corpus.matches[n] == 0)
      logs += std::log(1 / ((halvings *= 2) * predicted));
    else
      logs += std::log(static_cast<double>(corpus.matches[n]) / predicted);
  }
  const auto ratio = static_cast<double>(corpus.reference_length) / static_cast<double>(corpus.length);
  const auto brevity = ratio > 1 ? std::exp(1 - ratio) : 1;
  return 100 * brevity * std::exp(logs / bleu_orders);
}

} // namespace chalkstream::education::measures
