#include "monitoring/trace_spans.hpp"

#include <nlohmann/json.hpp>

namespace chalkstream::monitoring {

namespace {

using nlohmann::json;

// Of OTLP's enumerations, which its JSON has as numbers.
enum span_kind : int { internal = 1, consumer = 5 };
enum status_code : int { unset = 0, failed = 2 };

// 64-bit integers are texts in protobuf's JSON.
json whole(std::int64_t value) {
  return {{"intValue", std::to_string(value)}};
}

json text(std::string_view value) {
  return {{"stringValue", value}};
}

json attribute(std::string_view key, json value) {
  return {{"key", key}, {"value", std::move(value)}};
}

std::string nanoseconds(time_point at, std::chrono::nanoseconds epoch) {
  return std::to_string((at.time_since_epoch() + epoch).count());
}

json span(const journey& of, const span_id& id, const span_id* parent, std::string_view name, span_kind kind) {
  json made{{"traceId", hex(of.own.trace)}, {"spanId", hex(id)}, {"name", name}, {"kind", static_cast<int>(kind)}};
  if (parent != nullptr)
    made["parentSpanId"] = hex(*parent);
  return made;
}

json record_span(const journey& of, std::chrono::nanoseconds epoch) {
  auto made = span(of, of.own.span, of.parent ? &*of.parent : nullptr, "process " + of.topic, consumer);
  made["startTimeUnixNano"] = nanoseconds(of.begun, epoch);
  made["endTimeUnixNano"] = nanoseconds(of.ended, epoch);
  made["attributes"] = json::array(
      {attribute("messaging.system", text("kafka")), attribute("messaging.operation.type", text("process")),
       attribute("messaging.destination.name", text(of.topic)),
       attribute("messaging.destination.partition.id", text(std::to_string(of.partition))),
       attribute("messaging.kafka.offset", whole(of.offset)), attribute("chalkstream.pipeline", text(of.pipeline))});
  if (of.rejected) {
    made["attributes"].push_back(attribute("error.type", text(to_string(*of.rejected))));
    made["status"] = {{"code", static_cast<int>(failed)}};
  } else {
    made["attributes"].push_back(attribute("chalkstream.decision", text(of.review ? "review" : "auto")));
  }
  return made;
}

json stage_span(const journey& of, const journey::stage_time& stage, const span_id& id,
                std::chrono::nanoseconds epoch) {
  auto made = span(of, id, &of.own.span, to_string(stage.stage), internal);
  made["startTimeUnixNano"] = nanoseconds(stage.from, epoch);
  made["endTimeUnixNano"] = nanoseconds(stage.to, epoch);
  if (stage.batch_records > 0)
    made["attributes"] = json::array({attribute("chalkstream.batch.records", whole(stage.batch_records))});
  return made;
}

} // namespace

std::string encode_spans(const std::vector<std::shared_ptr<const journey>>& journeys, std::string_view version,
                         std::chrono::nanoseconds epoch, const std::function<span_id()>& new_span) {
  auto spans = json::array();
  for (const auto& j : journeys) {
    spans.push_back(record_span(*j, epoch));
    for (const auto& stage : j->stages)
      spans.push_back(stage_span(*j, stage, new_span(), epoch));
  }
  json all;
  auto& ours = all["resourceSpans"].emplace_back();
  ours["resource"]["attributes"] =
      json::array({attribute("service.name", text("chalkstream")), attribute("service.version", text(version))});
  auto& scoped = ours["scopeSpans"].emplace_back();
  scoped["scope"] = {{"name", "chalkstream"}, {"version", version}};
  scoped["spans"] = std::move(spans);
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace chalkstream::monitoring
