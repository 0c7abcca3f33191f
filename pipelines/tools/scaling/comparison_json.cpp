#include "pipelines/tools/scaling/comparison_json.hpp"

#include "education/json_writer.hpp"
#include "pipelines/tools/scaling/comparison_page.hpp"

namespace chalkstream::pipelines::tools {

namespace {

using education::json_writer;

json_writer& count(json_writer& json, std::size_t n) {
  return json.number(static_cast<std::uint64_t>(n));
}

void write_run(json_writer& json, std::string_view what, const simulation_run& run, const arrival_trace& trace) {
  json.begin_object().key("what").string(what).key("policy").string(run.policy);
  json.key("replica_hours").number(run.replica_hours);
  count(json.key("misses"), run.misses);
  json.key("p99_drain_seconds").number(run.p99_drain);
  count(json.key("turns"), run.turns);
  json.key("turns_per_burst").number(run.turns_per_burst(trace));
  count(json.key("most_replicas"), run.most_replicas).end_object();
}

} // namespace

std::string to_json(std::span<const scaling_comparison> all, std::uint64_t seed) {
  std::string out;
  json_writer json(out);
  json.begin_object().key("seed").number(seed).key("traces").begin_array();
  for (const auto& c : all) {
    json.begin_object().key("trace").string(c.trace.name).key("about").string(c.trace.about);
    count(json.key("records"), c.ours.records);
    json.key("seconds").number(c.trace.length);
    json.key("deadline_seconds").number(c.trace.work.deadline);
    count(json.key("bursts"), c.trace.bursts);
    json.key("saved").number(c.saved()).key("runs").begin_array();
    for (const auto& [what, run] : shown_runs(c))
      write_run(json, what, *run, c.trace);
    json.end_array().key("moments").begin_array();
    for (const auto& m : c.ours.moments) {
      json.begin_object().key("arrivals").number(m.arrivals);
      count(json.key("replicas"), m.replicas);
      json.key("drain_seconds").number(m.drain);
      count(json.key("misses"), m.misses).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return out;
}

} // namespace chalkstream::pipelines::tools
