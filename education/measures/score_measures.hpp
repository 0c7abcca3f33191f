// Rows with a score, or one for each of several traits ("content", "wording"), that was predicted, and one that is
// right: root mean squared error, mean absolute error and Pearson's r of each trait, the mean of the traits' errors
// (score_errors.hpp), and where the right scores are whole numbers the quadratic weighted kappa (kappa.hpp).
#pragma once

#include "education/measures/row_measures.hpp"

namespace chalkstream::education::measures {

struct scored_rows {
  struct trait {
    std::string name; // empty where rows have one score
    std::vector<double> predicted;
    std::vector<double> reference;
  };
  /// At least one; all of the same length.
  std::vector<trait> traits;
};

class score_measures final : public row_measures {
public:
  explicit score_measures(scored_rows rows);

  std::size_t rows() const override { return rows_.traits.front().reference.size(); }

  /// rmse, mae, pearson, qwk; of several traits mcrmse first and then these with the trait's name, "rmse:content".
  ///
  /// For qwk a trait's scale are the whole numbers from its smallest to its largest right score, at most 100 apart;
  /// predictions are rounded to the nearest (halves away from zero), those beyond the ends to the end. Absent where a
  /// right score is not whole.
  const std::vector<std::string>& names() const override { return names_; }
  std::vector<double> of(row_list rows) const override;

  const scored_rows& scores() const noexcept { return rows_; }

private:
  /// Of a trait whose right scores are whole: steps above the smallest.
  struct scale {
    std::size_t steps = 0; // 0: there is none
    std::vector<std::uint32_t> predicted;
    std::vector<std::uint32_t> reference;
  };
  static scale scale_of(const scored_rows::trait& of);

  scored_rows rows_;
  std::vector<scale> scales_;
  std::vector<std::string> names_;
};

} // namespace chalkstream::education::measures
