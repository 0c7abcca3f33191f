// What `top` shows: two readings of some processes' metrics become rows, and rows become tables. Pure.
#pragma once

#include "monitoring/scraped_page.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chalkstream::app {

/// One process, as far as it could be read.
struct process_reading {
  std::string address;
  std::optional<monitoring::scraped_page> page;
  /// Why there is no page.
  std::string problem = {};
};

/// Of all processes together; rates are of the time between two readings.
struct top_pipeline {
  std::string name;
  double read_per_second = 0;
  double results_per_second = 0;
  std::optional<double> review_share; // of these results
  double dead = 0;                    // since the processes began
  double late = 0;                    // shed or late, likewise
  std::optional<double> p50, p99;     // seconds, from intake to the committed result
  double lag = 0;
  double in_flight = 0;
};

struct top_model {
  std::string name;
  std::string device;
  std::optional<double> resident; // processes that have it loaded there
  double replicas = 0;
  double busy = 0; // of its replicas' time, 0 to 1; more where a wider one has just become narrower
  std::optional<double> batch_records;
  std::optional<double> fill;
  double tokens_per_second = 0;
  double pending = 0;
  double drain = 0; // seconds, of the process that is worst off
};

struct top_rows {
  std::size_t processes = 0; // that answered
  double slots = 0;
  double slots_busy = 0;
  std::vector<top_pipeline> pipelines;
  std::vector<top_model> models;
};

/// Processes that `before` lacks, or could not read, have no rates yet. Rows beyond `most_rows` are left out: whoever
/// sends thousands is no chalkstream.
inline constexpr std::size_t most_rows = 200;
top_rows rows_between(const std::vector<process_reading>& before, const std::vector<process_reading>& now,
                      double seconds);

/// The share `q` of a histogram's values lies below it, as Prometheus reckons; nothing if there are none. Cumulative
/// counts by upper bound, in ascending order.
std::optional<double> histogram_quantile(double q, const std::vector<std::pair<double, double>>& buckets);

/// One text a line, none longer than `width`. Names are from elsewhere: control characters are not passed on.
std::vector<std::string> format_top(const top_rows& rows, const std::vector<process_reading>& now, std::size_t width);

} // namespace chalkstream::app
