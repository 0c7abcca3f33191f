#include "core/journey.hpp"

#include <algorithm>

namespace chalkstream {

namespace {

// The standard leaves open what two of them mean: they are as good as none.
std::optional<std::string_view> only_one(const record& input, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& h : input.headers) {
    if (h.name != name)
      continue;
    if (found || !h.value)
      return {};
    found = h.value;
  }
  return found;
}

} // namespace

std::string_view to_string(journey_stage stage) noexcept {
  switch (stage) {
  case journey_stage::intake:
    return "intake";
  case journey_stage::prepare:
    return "prepare";
  case journey_stage::queue:
    return "queue";
  case journey_stage::compute:
    return "compute";
  case journey_stage::complete:
    return "complete";
  case journey_stage::publish:
    return "publish";
  }
  return "unknown";
}

void journey::add(stage_time spent) {
  if (!stages.empty() && stages.back().stage == journey_stage::compute && spent.stage == journey_stage::compute) {
    stages.back().to = spent.to;
    stages.back().batch_records = std::max(stages.back().batch_records, spent.batch_records);
  } else {
    stages.push_back(spent);
  }
}

std::optional<trace_context> context_of(const record& input) {
  const auto parent = only_one(input, traceparent_header);
  return parent ? read_traceparent(*parent) : std::nullopt;
}

std::vector<header> trace_headers(const record& input, const journey* own) {
  std::vector<header> headers;
  const auto parent = context_of(input);
  if (own != nullptr)
    headers.push_back({std::string(traceparent_header), write_traceparent(own->own)});
  else if (parent)
    headers.push_back({std::string(traceparent_header), std::string(*only_one(input, traceparent_header))});
  const auto state = only_one(input, tracestate_header);
  if (parent && state && is_tracestate(*state))
    headers.push_back({std::string(tracestate_header), std::string(*state)});
  return headers;
}

void continue_trace(std::vector<header>& headers, const journey* own) {
  if (own == nullptr)
    return;
  const auto parent = std::ranges::find(headers, traceparent_header, &header::name);
  auto ours = write_traceparent(own->own);
  if (parent != headers.end())
    parent->value = std::move(ours);
  else
    headers.push_back({std::string(traceparent_header), std::move(ours)});
}

} // namespace chalkstream
