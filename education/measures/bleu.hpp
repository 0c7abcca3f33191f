// BLEU (Papineni et al. 2002) of a corpus, as sacrebleu computes it by default, from 0 to 100:
//
//   BLEU = brevity · exp(mean of log p1 … log p4)
//   pn       clipped matches of n-grams over n-grams predicted, both summed over the corpus
//   brevity  1, or exp(1 − reference length / predicted length) where the prediction is shorter
//
// A precision of zero matches is smoothed: the k-th such order counts 1 / (2^k · n-grams predicted) (sacrebleu's
// "exp"). Where nothing matches at all, or the corpus has no n-gram of some order up to 4, BLEU is 0. Of several
// references, an n-gram may match as often as the reference that has it most often; the reference length is the one
// closest to the prediction's, the shorter of two equally close.
#pragma once

#include "education/measures/bleu_tokens.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace chalkstream::education::measures {

inline constexpr std::size_t bleu_orders = 4;

/// What BLEU needs to know of a segment; the sum over segments is what it needs of a corpus.
struct bleu_counts {
  std::array<std::size_t, bleu_orders> matches{};
  std::array<std::size_t, bleu_orders> predicted{};
  std::size_t length = 0;
  std::size_t reference_length = 0;

  bleu_counts& operator+=(const bleu_counts& other);
};

/// No references count as one empty reference.
bleu_counts count_bleu(std::string_view predicted, std::span<const std::string> references, bleu_tokenizer tokenizer);

double bleu(const bleu_counts& corpus);

} // namespace chalkstream::education::measures
