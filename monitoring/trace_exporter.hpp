// Decides which records are traced, and sends their spans to an OpenTelemetry collector (OTLP over HTTP, JSON) from a
// thread of its own. Whoever hands it a journey never waits: what the exporter cannot hold, or the collector does not
// take, is dropped and counted.
#pragma once

#include "core/journey.hpp"
#include "core/log.hpp"
#include "monitoring/http_request.hpp"
#include "monitoring/trace_probe.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace chalkstream::monitoring {

struct trace_settings {
  http_address collector; // "/v1/traces" is added to its path
  /// Of the records without a trace of their own. Those that have one are traced if whoever began it asks for that.
  double sample = 0.01;
  std::string version;
  std::size_t max_waiting = 4096; // records
  std::size_t max_batch = 256;    // records in one request
  duration interval = std::chrono::seconds(1);
  duration timeout = std::chrono::seconds(3);
};

class trace_exporter final : public journey_recorder {
public:
  /// `journal` outlives it.
  trace_exporter(trace_settings settings, std::shared_ptr<trace_probe> probe, log& journal = log::none());

  /// Sends what waits, until the collector fails to take it once.
  ~trace_exporter() override;
  trace_exporter(const trace_exporter&) = delete;
  trace_exporter& operator=(const trace_exporter&) = delete;

  std::shared_ptr<journey> begin(const std::optional<trace_context>& parent) override;
  void end(std::shared_ptr<const journey> done) override;

private:
  using journeys = std::vector<std::shared_ptr<const journey>>;

  void work();
  journeys next_batch();
  bool send(const journeys& batch);

  trace_settings settings_;
  std::shared_ptr<trace_probe> probe_;
  log& journal_;
  bool away_ = false; // the worker's own: the collector did not take the last batch
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<const journey>> waiting_;
  bool stopping_ = false;
  std::thread worker_;
};

} // namespace chalkstream::monitoring
