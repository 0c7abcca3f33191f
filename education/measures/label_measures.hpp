// Rows with a label each that was predicted, and one that is right: accuracy and macro-F1 (confusion_matrix.hpp);
// where the labels are steps of a scale the quadratic weighted kappa (kappa.hpp); where the predictions say how sure
// they are the expected calibration error (calibration_error.hpp).
#pragma once

#include "core/error.hpp"
#include "education/measures/calibration_error.hpp"
#include "education/measures/confusion_matrix.hpp"
#include "education/measures/row_measures.hpp"

namespace chalkstream::education::measures {

struct labelled_rows {
  /// Ascending: of a scale from its lowest step.
  std::vector<std::string> labels;
  /// The labels are steps of a scale, one apart.
  bool ordinal = false;
  /// Places in `labels`, one a row.
  std::vector<std::uint32_t> predicted;
  std::vector<std::uint32_t> reference;
  /// Of what was predicted, 0 … 1; empty if the predictions do not say.
  std::vector<double> confidence;
};

/// A set of integers wider than this is not taken for a scale.
inline constexpr long widest_scale = 100;

/// More different labels than this are texts, not classes; the matrix has a cell for each pair.
inline constexpr std::size_t most_labels = 1000;

/// Finds the labels and their order. `scale` names them all, lowest first; a label outside it is an error, as are
/// more than `most_labels`. Without one, labels that are all integers at most `widest_scale` apart are a scale that
/// has every step between the smallest and the largest; others stand in the order of their code points and are no
/// scale.
result<labelled_rows> number_labels(std::span<const std::string> predicted, std::span<const std::string> reference,
                                    std::span<const std::string> scale = {});

class label_measures final : public row_measures {
public:
  explicit label_measures(labelled_rows rows, std::size_t bins = default_bins);

  std::size_t rows() const override { return rows_.reference.size(); }
  /// accuracy, macro_f1, then qwk of a scale, then ece of confident predictions.
  const std::vector<std::string>& names() const override { return names_; }
  std::vector<double> of(row_list rows) const override;

  const std::vector<std::string>& labels() const noexcept { return rows_.labels; }

  /// Of all rows; no bins where the predictions have no confidence.
  confusion_matrix matrix() const;
  std::vector<reliability_bin> reliability() const;

private:
  confusion_matrix matrix_of(row_list rows) const;
  std::vector<reliability_bin> reliability_of(row_list rows) const;

  labelled_rows rows_;
  std::size_t bins_;
  std::vector<std::string> names_;
  std::vector<std::uint32_t> all_;
};

} // namespace chalkstream::education::measures
