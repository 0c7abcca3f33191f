// `chalkstream bench`: sends events at a rate, waits for their results, and reports throughput and latency.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace chalkstream::pipelines::tools {

struct load_settings {
  std::string brokers;
  std::string topic;
  std::string results;
  /// JSON lines with a `text` each, used over and over; empty: made-up texts of `text_bytes`.
  std::filesystem::path documents;
  std::string type = "essay";
  std::size_t count = 1000;
  /// Events per second, Poisson arrivals; 0: as fast as the broker takes them.
  double rate = 0;
  std::size_t text_bytes = 700;
  std::chrono::seconds timeout{600};
};

struct load_report {
  std::size_t sent = 0;
  std::size_t answered = 0;
  std::size_t repeated = 0;
  double seconds = 0; // from the first event sent to the last result seen
  double p50 = 0;     // seconds from sending to seeing, like the next two
  double p90 = 0;
  double p99 = 0;
};

/// Blocks. `over` ends it early.
result<load_report> run_load(const load_settings& settings, log& journal, const std::function<bool()>& over);

} // namespace chalkstream::pipelines::tools
