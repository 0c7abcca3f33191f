// The metric source port: whoever keeps the metrics of every process (Prometheus) and answers questions about them.
#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream {

struct metric_sample {
  /// `__name__` among them where the expression keeps it.
  std::map<std::string, std::string, std::less<>> labels;
  /// As the source says it: NaN and infinity are answers, too.
  double value = 0;
  /// When the expression was evaluated, by the source's clock.
  wall_time at{};
};

struct metric_answer {
  std::vector<metric_sample> samples;
  /// What the source says may be wrong with them.
  std::vector<std::string> warnings;
};

class metric_source {
public:
  virtual ~metric_source() = default;

  /// The present value of a PromQL expression: one sample for each series, none if nothing matches; a scalar is one
  /// sample without labels. Blocks, within a time the source was made with. `unavailable` and `timed_out` may pass;
  /// `corrupt` is an answer that contradicts itself; `invalid_argument` a question the source does not understand.
  virtual result<metric_answer> ask(std::string_view expression) = 0;
};

} // namespace chalkstream
