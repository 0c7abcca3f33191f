#include "education/measures/kappa.hpp"

#include <limits>

namespace chalkstream::education::measures {

double quadratic_weighted_kappa(const confusion_matrix& matrix) {
  const auto steps = matrix.classes();
  std::vector<double> referenced(steps);
  std::vector<double> predicted(steps);
  double total = 0;
  for (std::size_t i = 0; i < steps; ++i)
    for (std::size_t j = 0; j < steps; ++j) {
      const auto n = static_cast<double>(matrix.count(i, j));
      referenced[i] += n;
      predicted[j] += n;
      total += n;
    }
  double observed = 0;
  double expected = 0;
  for (std::size_t i = 0; i < steps; ++i)
    for (std::size_t j = 0; j < steps; ++j) {
      const auto apart = static_cast<double>(i) - static_cast<double>(j);
      observed += apart * apart * static_cast<double>(matrix.count(i, j));
      expected += apart * apart * referenced[i] * predicted[j];
    }
  return expected == 0 ? std::numeric_limits<double>::quiet_NaN() : 1 - observed * total / expected;
}

} // namespace chalkstream::education::measures
