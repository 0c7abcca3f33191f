// Cohen's kappa with quadratic weights (Cohen 1968), the measure of agreement between raters of essays and levels:
//
//   kappa = 1 − Σ w(i,j) · observed(i,j) / Σ w(i,j) · expected(i,j),   w(i,j) = (i − j)²
//
// where expected(i,j) is what two raters with the same marginals would share by chance. 1 is full agreement, 0 is
// chance, less is worse than chance. The classes are steps of a scale in ascending order, one apart, so a scale keeps
// the steps nobody used; scikit-learn's cohen_kappa_score(weights="quadratic", labels=the whole scale) is the same.
#pragma once

#include "education/measures/confusion_matrix.hpp"

namespace chalkstream::education::measures {

/// NaN where chance cannot be told from agreement: no rows, or the same single step on both sides throughout.
double quadratic_weighted_kappa(const confusion_matrix& matrix);

} // namespace chalkstream::education::measures
