#include "pipelines/configuration/configuration.hpp"

#include "pipelines/configuration/config_file.hpp"
#include "pipelines/configuration/devices.hpp"
#include "pipelines/configuration/kafka.hpp"
#include "pipelines/configuration/models.hpp"
#include "pipelines/configuration/monitoring.hpp"
#include "pipelines/configuration/pipelines.hpp"
#include "pipelines/configuration/rules.hpp"
#include "pipelines/configuration/scaling.hpp"

#include <algorithm>
#include <string>
#include <thread>

namespace chalkstream::pipelines {

namespace {

using namespace std::chrono_literals;

void read_monitoring(config_section s, configuration& all) {
  if (const auto listen = s.text("listen")) {
    all.listen = *listen == "off" ? "" : *listen;
    if (!all.listen.empty() && !is_address(all.listen))
      s.complain("listen", "expected host:port or off, found '" + *listen + "'");
  }
  read_groups(s, all);
  read_traces(s, all);
  s.close();
}

void read_log(config_section s, configuration& all) {
  if (const auto level = s.choice("level", {"debug", "info", "warning", "error"}))
    all.log = static_cast<log_level>(*level);
  all.log_as_json = s.choice("format", {"text", "json"}).value_or(0) == 1;
  s.close();
}

engine_configuration read_engine(config_section s) {
  engine_configuration e;
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  e.slots = s.count("slots", 1, 1024).value_or(cores);
  e.prepare_threads = s.count("prepare_threads", 1, 1024).value_or(cores);
  auto in_flight = s.section("in_flight");
  e.in_flight_records = in_flight.count("records", 1, 1'000'000).value_or(e.in_flight_records);
  e.in_flight_bytes = in_flight.bytes("bytes", 1024, std::uint64_t{1} << 40U).value_or(e.in_flight_bytes);
  in_flight.close();
  e.drain_grace = s.time("drain_grace", 0s, 1h).value_or(e.drain_grace);
  e.revoke_grace = s.time("revoke_grace", 0s, 10min).value_or(e.revoke_grace);
  e.max_attempts = static_cast<std::uint32_t>(s.count("max_attempts", 1, 100).value_or(e.max_attempts));
  e.token_budget = read_budget(s, {});
  s.close();
  return e;
}

// What is wrong is collected; what is missing keeps its default.
configuration read(const yaml_node& root, const config_file& file) {
  configuration all;
  all.file = file.name;
  config_section top(&root, "", file.wrong);
  top.require("kafka", "where records come from");
  top.require("pipelines", "what to do with them");
  all.kafka = read_kafka(top.section("kafka"), top.has("kafka"), file);
  read_monitoring(top.section("monitoring"), all);
  all.state_dir = file.resolved(top.text("state_dir").value_or("state"));
  auto privacy = top.section("privacy");
  if (const auto key = privacy.text("key_file"))
    all.key_file = file.resolved(*key);
  privacy.close();
  read_log(top.section("log"), all);
  all.engine = read_engine(top.section("engine"));
  const device_sections devices(top, all.engine, file.wrong);
  model_sections models(file);
  for (const auto* entry : top.entries("models"))
    all.models.push_back(models.read(*entry, all.engine, devices));
  all.devices = devices.used_by(all.models, file.wrong);
  all.scaling = read_scaling(top, all.models);
  const auto entries = top.entries("pipelines");
  if (entries.empty() && top.has("pipelines"))
    file.wrong.push_back({top.where("pipelines"), "pipelines: expected at least one pipeline"});
  pipeline_sections pipelines(file, models);
  for (const auto* entry : entries)
    all.pipelines.push_back(pipelines.read(*entry, all));
  top.close();
  return all;
}

result<configuration> parse(std::string_view text, std::string_view name, const std::filesystem::path& base,
                            bool look_at_files) {
  findings wrong;
  const auto root = parse_yaml(text, wrong);
  configuration all;
  // After a syntax error half the keys would be reported as missing.
  const bool readable = root.kind != yaml_kind::null || wrong.empty();
  if (readable) {
    all = read(root, {std::string(name), base, wrong});
    check_topics(root, all, wrong);
    if (look_at_files)
      check_files(root, all, wrong);
  }
  if (wrong.empty())
    return all;
  return error_of(std::move(wrong), name);
}

} // namespace

result<configuration> parse_configuration(std::string_view text, std::string_view name,
                                          const std::filesystem::path& base) {
  return parse(text, name, base, false);
}

result<configuration> load_configuration(const std::filesystem::path& file) {
  CHALK_TRY(const auto text, read_yaml(file));
  std::error_code failed;
  const auto base = std::filesystem::absolute(file, failed).parent_path();
  return parse(text, file.string(), base, true);
}

} // namespace chalkstream::pipelines
