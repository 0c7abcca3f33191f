// Ridge regression with an intercept over rows that are sparse in their first columns and dense in their last: the
// weights that minimise |Xw + b - y|² + penalty |w|², by conjugate gradients on the centred normal equations
// (Hestenes and Stiefel 1952). Single thread, no randomness: the same rows give the same bits.
#pragma once

#include "models/ngrams/ngram_vector.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace chalkstream::models {

struct ridge_row {
  std::vector<weighed_run> sparse;
  std::vector<float> dense;
};

struct ridge_fit {
  /// One a sparse column, then one a dense column.
  std::vector<double> weights;
  double intercept = 0;

  double predict(const ridge_row& row) const;
};

/// `rows` are pointers so that folds need no copies; as many as `goals`, at least one. `sparse_columns` is beyond every
/// bucket.
ridge_fit fit_ridge(std::span<const ridge_row* const> rows, std::span<const double> goals, std::size_t sparse_columns,
                    double penalty);

} // namespace chalkstream::models
