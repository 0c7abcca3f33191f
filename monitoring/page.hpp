// Where probes write their series when somebody looks. Only the registry implements it, with prometheus-cpp.
#pragma once

#include "monitoring/instruments.hpp"

#include <initializer_list>
#include <string_view>

namespace chalkstream::monitoring {

enum class metric_type : std::uint8_t { counter, gauge, histogram };

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
  virtual void add(const family& metric, labels of, const histogram& values) = 0;

  void add(const family& metric, labels of, const counter& value) {
    add(metric, of, static_cast<double>(value.value()));
  }
  void add(const family& metric, labels of, const gauge& value) { add(metric, of, value.value()); }
};

} // namespace chalkstream::monitoring
