#include "pipelines/tools/scaling/comparison_page.hpp"

#include "pipelines/tools/evaluation/markup.hpp"
#include "pipelines/tools/scaling/scaling_picture.hpp"

namespace chalkstream::pipelines::tools {

namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ways of scaling, simulated</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2733; background: #fff; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #dde3ea; white-space: nowrap; }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left; }
svg { max-width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; }
.ink { fill: #1c2733; } .faint { stroke: #dde3ea; }
polyline { stroke-width: 1.4; }
.came { stroke: #5b6b7b; } .ours { stroke: #1f5fa8; stroke-width: 2; } .fixed { stroke: #8a949e; }
.processor { stroke: #c2571a; } .lag { stroke: #2d8a4e; }
.key { font-weight: 700; } .key.ours { color: #1f5fa8; } .key.fixed { color: #8a949e; }
.key.processor { color: #c2571a; } .key.lag { color: #2d8a4e; }
</style>
</head>
<body>
)";

std::string cells(std::initializer_list<std::string> texts, std::string_view element) {
  std::string row = "<tr>";
  for (const auto& text : texts)
    row.append("<").append(element).append(">").append(escaped(text)).append("</").append(element).append(">");
  return row + "</tr>\n";
}

void add(std::string& out, const scaling_comparison& of) {
  out += "<h2>" + escaped(of.trace.name) + ": " + escaped(of.trace.about) + "</h2>\n<p>"
         + std::to_string(of.ours.records) + " records, each due within " + fixed(of.trace.work.deadline, 0)
         + " s. The rule of this engine takes " + fixed(100 * of.saved(), 1)
         + " % fewer replica-hours than the fewest replicas that never change and miss no more.</p>\n"
         + "<div class=\"scroll\"><table>\n"
         + cells({"policy", "setting", "replica-hours", "misses", "p99 drain, s", "turns a burst", "most replicas"},
                 "th");
  for (const auto& [what, run] : shown_runs(of))
    out += cells({std::string(what), run->policy, fixed(run->replica_hours, 1), std::to_string(run->misses),
                  fixed(run->p99_drain, 1), fixed(run->turns_per_burst(of.trace), 2),
                  std::to_string(run->most_replicas)},
                 "td");
  out +=
      "</table></div>\n<p><span class=\"key ours\">ours</span> · <span class=\"key fixed\">fixed</span> · <span "
      "class=\"key processor\">processor</span> · <span class=\"key lag\">lag</span> (the last two at our cost)</p>\n"
      + scaling_picture(of) + "\n";
}

} // namespace

std::vector<std::pair<std::string_view, const simulation_run*>> shown_runs(const scaling_comparison& of) {
  std::vector<std::pair<std::string_view, const simulation_run*>> runs{{"ours", &of.ours}};
  if (of.fixed)
    runs.emplace_back("fewest fixed that miss no more", &*of.fixed);
  runs.emplace_back("processor, at our cost", &of.processor);
  if (of.processor_as_good)
    runs.emplace_back("processor, missing no more", &*of.processor_as_good);
  runs.emplace_back("lag, at our cost", &of.lag);
  if (of.lag_as_good)
    runs.emplace_back("lag, missing no more", &*of.lag_as_good);
  return runs;
}

std::string to_page(std::span<const scaling_comparison> all) {
  std::string out{head};
  out += "<h1>Ways of scaling, simulated</h1>\n<p>Every trace is scaled by the rule of this engine, by Kubernetes' "
         "autoscaler on the processor's use, by KEDA on Kafka's lag, and by a number that never changes. The others' "
         "settings are chosen in hindsight for each trace: once the one that misses least at our cost, once the "
         "cheapest that misses no more than ours.</p>\n";
  for (const auto& c : all)
    add(out, c);
  return out + "</body>\n</html>\n";
}

} // namespace chalkstream::pipelines::tools
