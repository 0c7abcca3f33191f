#include "education/measures/confusion_matrix.hpp"

#include <limits>
#include <numeric>

namespace chalkstream::education::measures {

namespace {

double share(std::size_t part, std::size_t whole, double of_nothing = 0) {
  return whole == 0 ? of_nothing : static_cast<double>(part) / static_cast<double>(whole);
}

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

} // namespace

std::size_t confusion_matrix::referenced(std::size_t of) const {
  std::size_t sum = 0;
  for (std::size_t c = 0; c < classes_; ++c)
    sum += count(of, c);
  return sum;
}

std::size_t confusion_matrix::predicted(std::size_t as) const {
  std::size_t sum = 0;
  for (std::size_t c = 0; c < classes_; ++c)
    sum += count(c, as);
  return sum;
}

std::size_t confusion_matrix::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
}

double confusion_matrix::accuracy() const {
  std::size_t right = 0;
  for (std::size_t c = 0; c < classes_; ++c)
    right += count(c, c);
  return share(right, total(), undefined);
}

double confusion_matrix::precision(std::size_t of) const {
  return share(count(of, of), predicted(of));
}

double confusion_matrix::recall(std::size_t of) const {
  return share(count(of, of), referenced(of));
}

double confusion_matrix::f1(std::size_t of) const {
  return share(2 * count(of, of), referenced(of) + predicted(of));
}

double confusion_matrix::macro_f1() const {
  double sum = 0;
  std::size_t present = 0;
  for (std::size_t c = 0; c < classes_; ++c) {
    const auto both = referenced(c) + predicted(c);
    present += both > 0 ? 1 : 0;
    sum += share(2 * count(c, c), both);
  }
  return present == 0 ? undefined : sum / static_cast<double>(present);
}

} // namespace chalkstream::education::measures
