// Word2vec (Mikolov et al. 2013): word vectors from texts, by guessing words from their neighbours (CBOW) or
// neighbours from words (skip-gram), with negative sampling and subsampling of frequent words. Source of the method,
// with its order of steps: https://github.com/tmikolov/word2vec, word2vec.c
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "models/text/word_vectors.hpp"

namespace chalkstream::text {

struct word2vec_settings {
  bool skip_gram = true; // false: CBOW
  std::size_t width = 100;
  std::size_t window = 5; // words to either side at most; each time a random number up to it
  std::size_t negative = 5;
  std::size_t min_count = 5; // rarer words are left out, and do not part their neighbours
  double sample = 1e-3;      // words of a larger share are left out at random; 0: none is
  double learning_rate = 0.025;
  double last_learning_rate = 0.0001; // falls evenly from the first
  std::size_t epochs = 5;
  std::size_t threads =
      1; // one: the same vectors for the same seed; more change the weights without waiting (hogwild)
  std::uint64_t seed = 1;
};

struct word2vec_progress {
  std::uint64_t words_done = 0, words_total = 0; // of all epochs
  double loss = 0;                               // a pair's, of late: of a true pair and its negatives
  double words_a_second = 0;
  double seconds_left = 0;
};

/// Told now and then by one thread at a time; false ends the training early.
using word2vec_watch = std::function<bool(const word2vec_progress&)>;

/// `texts`: the words of each, in order; a window does not reach across texts. Blocks until done. Words come by how
/// frequent they are. `invalid_argument` names a setting that can never work, or says that no word is left;
/// `cancelled` when `watch` ended it.
result<word_vectors> train_word2vec(std::span<const std::vector<std::string>> texts,
                                    const word2vec_settings& settings, const word2vec_watch& watch);

} // namespace chalkstream::text
