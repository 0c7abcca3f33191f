#include "monitoring/trace_probe.hpp"

#include "monitoring/page.hpp"

namespace chalkstream::monitoring {

namespace {

constexpr family traces{"chalkstream_traces_total", "Traced records, by what became of their spans.",
                        metric_type::counter};

} // namespace

void trace_probe::write(page& to) const {
  to.add(traces, {{"outcome", "sent"}}, sent_);
  to.add(traces, {{"outcome", "overflowed"}}, overflowed_);
  to.add(traces, {{"outcome", "failed"}}, failed_);
}

} // namespace chalkstream::monitoring
