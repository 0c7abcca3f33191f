// Counts what people made of grades: how often they agree, and the sums that kappa and the mean difference are made
// of. Thread-safe and cheap.
#pragma once

#include "core/result_tally.hpp"
#include "monitoring/instruments.hpp"

#include <array>
#include <string>

namespace chalkstream::monitoring {

class page;

/// By agreement.
using agreement_counters = std::array<counter, agreement_count>;

class override_counts {
public:
  void add(const compared_grades& compared) noexcept;
  void write(page& to, const std::string& pipeline) const;

private:
  // Over all pairs: how many, each side's scores and their squares, and the products. Quadratic weighted kappa of
  // scores is 2 (n Σpe − Σp Σe) / (n (Σp² + Σe²) − 2 Σp Σe), whatever their scale.
  enum sum : std::size_t { pairs, person, engine, person_squared, engine_squared, product, sum_count };

  agreement_counters agreements_;
  std::array<total, sum_count> sums_;
};

} // namespace chalkstream::monitoring
