// The page in OpenMetrics 1.0's text form (https://prometheus.io/docs/specs/om/open_metrics_spec): what the classic
// text format says, and the exemplars of traced records beside the buckets.
//
// Three things differ by the standard: bounds are written as floating-point numbers ("1.0" for "1"),
// chalkstream_build is an info, and a histogram with negative bounds has neither sum nor count (its bucket +Inf is
// the count).
#pragma once

#include "monitoring/page.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chalkstream::monitoring {

class openmetrics_page final : public page {
public:
  using page::add;

  void add(const family& metric, labels of, double value) override;
  void add(const family& metric, labels of, const histogram& values, const exemplars* latest) override;

  /// All that was added, and the end.
  std::string text() const;

private:
  std::string& lines_of(const family& metric);

  std::vector<std::string> families_; // each with its head
  std::unordered_map<std::string_view, std::size_t> places_;
};

/// As OpenMetrics writes bounds: the shortest digits that are read as the same number, with a point or an exponent.
std::string canonical(double value);

} // namespace chalkstream::monitoring
