// What Prometheus' HTTP API says to an instant query, read as something a stranger wrote: an answer of another shape,
// of another type, without a value or with one that is no number is `corrupt`, and never a guess.
#pragma once

#include "core/metric_source.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace chalkstream::monitoring {

struct answer_limits {
  std::size_t series = 10'000;
  std::size_t labels = 64; // of one series
  std::size_t warnings = 16;
};

/// The body of an answer, whatever its HTTP status: errors come as JSON too. What the server says of an error is
/// repeated, shortened and without control characters.
result<metric_answer> read_prometheus_answer(std::string_view body, const answer_limits& limits = {});

/// Prometheus' way to write a number: "1.5e-05", "NaN", "+Inf", "-Inf".
result<double> read_prometheus_number(std::string_view text);

/// Of a text somebody else wrote, what may stand in a log line.
std::string printable(std::string_view text, std::size_t most = 200);

} // namespace chalkstream::monitoring
