// Where probes write their series when somebody looks: a form of /metrics. One is the registry's, of prometheus-cpp,
// the other openmetrics_page.
#pragma once

#include "monitoring/exemplars.hpp"
#include "monitoring/instruments.hpp"

#include <initializer_list>
#include <string_view>

namespace chalkstream::monitoring {

enum class metric_type : std::uint8_t {
  counter,
  gauge,
  histogram,
  info, // always 1, and named _info; a gauge where there is no such type
};

/// One metric: a constant beside the probe that writes it.
struct family {
  std::string_view name; // complete, with prefix and unit
  std::string_view help;
  metric_type type = metric_type::counter;
};

struct label {
  std::string_view name;
  std::string_view value;
};
using labels = std::initializer_list<label>;

class page {
public:
  virtual ~page() = default;
  virtual void add(const family& metric, labels of, double value) = 0;
  /// `latest` may be null, and has the bounds of `values`.
  virtual void add(const family& metric, labels of, const histogram& values, const exemplars* latest) = 0;

  void add(const family& metric, labels of, const counter& value) {
    add(metric, of, static_cast<double>(value.value()));
  }
  void add(const family& metric, labels of, const gauge& value) { add(metric, of, value.value()); }
  void add(const family& metric, labels of, const histogram& values) { add(metric, of, values, nullptr); }
  void add(const family& metric, labels of, const traced_histogram& values) {
    add(metric, of, values.values(), &values.latest());
  }
};

} // namespace chalkstream::monitoring
