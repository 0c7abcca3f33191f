// How often each class was predicted as each other, and the figures that follow from it. Classes are 0, 1, … in the
// order of the caller's labels.
//
//   accuracy   the share on the diagonal
//   precision  of what was predicted as a class, the share that is one
//   recall     of what is of a class, the share that was predicted as one
//   F1         2 · precision · recall / (precision + recall) = 2 TP / (2 TP + FP + FN)
//   macro-F1   the mean F1 of the classes that occur on either side
//
// The figures are those of scikit-learn's accuracy_score and precision_recall_fscore_support with zero_division=0:
// a share of nothing is 0. Of no rows at all, accuracy and macro-F1 are NaN.
#pragma once

#include <cstddef>
#include <vector>

namespace chalkstream::education::measures {

class confusion_matrix {
public:
  explicit confusion_matrix(std::size_t classes) : classes_(classes), counts_(classes * classes) {}

  /// Both below `classes()`.
  void add(std::size_t reference, std::size_t predicted) { ++counts_[reference * classes_ + predicted]; }

  std::size_t classes() const noexcept { return classes_; }
  std::size_t count(std::size_t reference, std::size_t predicted) const {
    return counts_[reference * classes_ + predicted];
  }

  /// Rows whose reference is of the class, rows predicted as one, and all rows.
  std::size_t referenced(std::size_t of) const;
  std::size_t predicted(std::size_t as) const;
  std::size_t total() const;

  double accuracy() const;
  double precision(std::size_t of) const;
  double recall(std::size_t of) const;
  double f1(std::size_t of) const;
  double macro_f1() const;

private:
  std::size_t classes_;
  std::vector<std::size_t> counts_; // a row for each reference
};

} // namespace chalkstream::education::measures
