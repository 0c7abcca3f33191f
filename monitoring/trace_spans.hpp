// Journeys as OpenTelemetry's spans, in the JSON of OTLP: a span for the record, and one below it for each stage. The
// attributes are those of OpenTelemetry's conventions for messaging, and say where a record lies, never what is in it
// or whose.
#pragma once

#include "core/journey.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::monitoring {

/// The body of a POST to /v1/traces. `epoch` is the wall time at which the journeys' clock was zero; `new_span` gives
/// the stages' ids.
std::string encode_spans(const std::vector<std::shared_ptr<const journey>>& journeys, std::string_view version,
                         std::chrono::nanoseconds epoch, const std::function<span_id()>& new_span);

} // namespace chalkstream::monitoring
