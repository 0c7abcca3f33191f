// Asks a Prometheus server, or whatever speaks its HTTP API (Thanos, Mimir, VictoriaMetrics), over plain HTTP.
// Whoever wants TLS puts a proxy in front.
//
// One connection a question: there are a handful every few seconds, and a server that was restarted or moved is found
// again by itself. The answer is bounded in bytes and the whole exchange in time; only looking up a name may take as
// long as the system's resolver does.
#pragma once

#include "core/metric_source.hpp"
#include "monitoring/http_request.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace chalkstream::monitoring {

struct prometheus_settings {
  /// "http://prometheus:9090", or with a path before /api/v1: "http://127.0.0.1/mimir/prometheus".
  std::string url = "http://127.0.0.1:9090";
  /// For a whole question, from connecting on.
  duration timeout = std::chrono::seconds(3);
  std::size_t max_answer_bytes = 4U << 20U;
  /// A file whose first line is a bearer token, or "user:password"; read for each question, since both may be
  /// changed. At most one of them is not empty.
  std::filesystem::path bearer_file = {};
  std::filesystem::path basic_file = {};
};

class prometheus_client final : public metric_source {
public:
  /// An address that cannot be one is `invalid_argument`; nobody is asked yet.
  static result<prometheus_client> make(const prometheus_settings& settings);

  result<metric_answer> ask(std::string_view expression) override;

private:
  prometheus_client(prometheus_settings settings, http_address where)
      : settings_(std::move(settings)), where_(std::move(where)) {}

  prometheus_settings settings_;
  http_address where_;
};

} // namespace chalkstream::monitoring
