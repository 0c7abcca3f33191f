// Texts of a batch sorted by length and laid out step by step, as LibTorch's packed sequences are: the first tokens
// of all texts, longest first, then the second ones of those that have one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chalkstream::models::training {

class length_order {
public:
  /// None of them is 0.
  explicit length_order(const std::vector<std::size_t>& lengths);

  /// Places of the texts in the batch, longest first.
  const std::vector<std::size_t>& texts() const noexcept { return texts_; }
  /// Where each text of the batch stands among them.
  const std::vector<std::int64_t>& ranks() const noexcept { return ranks_; }
  /// How many texts have a token at each step.
  const std::vector<std::int64_t>& counts() const noexcept { return counts_; }
  /// Of a step's first token.
  const std::vector<std::int64_t>& first_rows() const noexcept { return first_rows_; }

  std::int64_t rows() const noexcept { return rows_; }

  /// Values of all tokens in this order; `at(text, step)` gives one.
  template <class At>
  std::vector<std::int64_t> laid_out(At at) const {
    std::vector<std::int64_t> values;
    values.reserve(static_cast<std::size_t>(rows_));
    for (std::size_t step = 0; step < counts_.size(); ++step)
      for (std::int64_t i = 0; i < counts_[step]; ++i)
        values.push_back(at(texts_[static_cast<std::size_t>(i)], step));
    return values;
  }

private:
  std::vector<std::size_t> texts_;
  std::vector<std::int64_t> ranks_;
  std::vector<std::int64_t> counts_;
  std::vector<std::int64_t> first_rows_;
  std::int64_t rows_ = 0;
};

} // namespace chalkstream::models::training
