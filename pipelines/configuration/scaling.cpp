#include "pipelines/configuration/scaling.hpp"

#include "pipelines/configuration/rules.hpp"
#include "pipelines/configuration/units.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_replicas = 1024;

// Slots are there within milliseconds and cost no rebalance; a process must start, load and join.
scaling_settings usual_for(scaling_actuator actuator) {
  scaling_settings usual;
  const bool slots = actuator == scaling_actuator::slots;
  usual.startup = slots ? duration{0s} : duration{30s};
  usual.down_window = slots ? duration{1min} : duration{5min};
  return usual;
}

void read_bounds(config_section& s, scaling_settings& into, bool required) {
  auto replicas = s.section("replicas");
  if (required)
    replicas.require("max", "the most processes there may be");
  into.least = replicas.count("min", 0, most_replicas).value_or(into.least);
  into.most = replicas.count("max", 1, most_replicas).value_or(std::max(into.most, into.least));
  if (into.least > into.most)
    replicas.complain("min", "there are more than max, " + std::to_string(into.most));
  replicas.close();
}

void read_steps(config_section& s, scaling_settings& into) {
  auto step = s.section("step");
  into.step_up = step.count("up", 1, most_replicas).value_or(into.step_up);
  into.step_down = step.count("down", 1, most_replicas).value_or(into.step_down);
  step.close();
  auto windows = s.section("windows");
  into.up_window = windows.time("up", 0s, 1h).value_or(into.up_window);
  into.down_window = windows.time("down", 0s, 24h).value_or(into.down_window);
  windows.close();
}

void read_cost(config_section& s, scaling_settings& into) {
  auto cost = s.section("cost");
  into.replica_cost = cost.number("replica", 0, 1e6).value_or(into.replica_cost);
  into.budget = cost.number("budget", 0, 1e9).value_or(into.budget);
  if (into.budget > 0 && into.replica_cost <= 0)
    cost.complain("budget", "it bounds nothing while `replica`, what one costs an hour, is not known");
  else if (into.budget > 0
           && into.budget < into.replica_cost * static_cast<double>(std::max<std::size_t>(into.least, 1)))
    cost.complain("budget", "it does not pay for " + std::to_string(std::max<std::size_t>(into.least, 1))
                                + ", the fewest replicas there are while there is work");
  cost.close();
}

// What a model may have for itself; the rest is for all.
void read_policy(config_section& s, scaling_settings& into, bool bounds_required = false) {
  into.drain = s.time("drain", 100ms, 24h).value_or(into.drain);
  if (const auto slack = s.time("slack", 0s, 24h))
    into.slack = slack;
  read_bounds(s, into, bounds_required);
  into.idle_after = s.time("idle_after", 1s, 24h).value_or(into.idle_after);
  read_steps(s, into);
  into.startup = s.time("startup", 0s, 1h).value_or(into.startup);
  into.utilisation = s.number("utilisation", 0.1, 1).value_or(into.utilisation);
  into.hysteresis = s.number("hysteresis", 0, 0.9).value_or(into.hysteresis);
  read_cost(s, into);
}

scaling_settings usual_for(const model_configuration& model, scaling_settings usual) {
  usual.least = model.min_replicas;
  usual.most = model.max_replicas;
  return usual;
}

void read_models(config_section& s, const scaling_settings& usual, const std::vector<model_configuration>& models,
                 scaling_configuration& into) {
  auto listed = s.section("models");
  for (std::size_t i = 0; i < models.size(); ++i) {
    scaled_model m{i, usual_for(models[i], usual)};
    auto own = listed.section(models[i].name);
    read_policy(own, m.policy);
    own.close();
    into.models.push_back(m);
  }
  listed.close();
}

bool is_server(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme))
    return false;
  const auto rest = url.substr(scheme.size());
  const auto host = rest.substr(0, rest.find('/'));
  return !host.starts_with(':') && is_address(host)
         && std::ranges::all_of(rest, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '?' && c != '#'; });
}

std::string describe(const scaling_settings& p, const std::string& indent) {
  std::string text = indent + "drain: " + format_duration(p.drain) + "\n";
  if (p.slack)
    text += indent + "slack: " + format_duration(*p.slack) + "\n";
  text += indent + "replicas: {min: " + std::to_string(p.least) + ", max: " + std::to_string(p.most) + "}\n" + indent
          + "idle_after: " + format_duration(p.idle_after) + "\n" + indent + "step: {up: " + std::to_string(p.step_up)
          + ", down: " + std::to_string(p.step_down) + "}\n" + indent + "windows: {up: "
          + format_duration(p.up_window) + ", down: " + format_duration(p.down_window) + "}\n" + indent
          + "startup: " + format_duration(p.startup) + "\n" + indent + "utilisation: " + format_number(p.utilisation)
          + "\n" + indent + "hysteresis: " + format_number(p.hysteresis) + "\n";
  if (p.replica_cost > 0)
    text +=
        indent + "cost: {replica: " + format_number(p.replica_cost) + ", budget: " + format_number(p.budget) + "}\n";
  return text;
}

} // namespace

std::optional<scaling_configuration> read_scaling(config_section& top,
                                                  const std::vector<model_configuration>& models) {
  auto s = top.section("autoscaling");
  if (!top.has("autoscaling"))
    return {};
  scaling_configuration c;
  s.require("mode", "slots, within the process, or processes, for an actuator outside");
  c.actuator = static_cast<scaling_actuator>(s.choice("mode", {"slots", "processes"}).value_or(0));
  s.require("prometheus", "the address of the server that is asked, http://host:port");
  if (const auto url = s.text("prometheus")) {
    c.prometheus = *url;
    if (!is_server(*url))
      s.complain("prometheus", "expected http://host:port, found '" + *url + "'");
  }
  c.policy = usual_for(c.actuator);
  auto& p = c.policy;
  c.timeout = s.time("timeout", 10ms, 1min).value_or(c.timeout);
  p.interval = s.time("interval", 100ms, 10min).value_or(p.interval);
  p.stale_after = s.time("stale_after", 1s, 1h).value_or(std::max(p.stale_after, 3 * p.interval));
  if (p.stale_after < 2 * p.interval)
    s.complain(s.has("stale_after") ? "stale_after" : "interval",
               "values must be believed for two intervals at least");
  p.slack_quantile = s.number("slack_quantile", 0, 0.5).value_or(p.slack_quantile);
  const bool slots = c.actuator == scaling_actuator::slots;
  if (slots && s.has("replicas"))
    s.foreign("replicas", "'replicas' belongs to the mode processes; slots have each model's own replicas");
  if (!slots && s.has("models"))
    s.foreign("models", "'models' belongs to the mode slots");
  read_policy(s, p, !slots);
  if (slots)
    read_models(s, p, models, c);
  s.close();
  return c;
}

std::string describe_scaling(const std::optional<scaling_configuration>& scaling,
                             const std::vector<model_configuration>& models) {
  if (!scaling)
    return {};
  const auto& p = scaling->policy;
  const bool slots = scaling->actuator == scaling_actuator::slots;
  auto text = std::string("autoscaling:\n  mode: ") + (slots ? "slots" : "processes") + "\n  prometheus: "
              + yaml_text(scaling->prometheus) + "\n  timeout: " + format_duration(scaling->timeout)
              + "\n  interval: " + format_duration(p.interval) + "\n  stale_after: " + format_duration(p.stale_after)
              + "\n  slack_quantile: " + format_number(p.slack_quantile) + "\n";
  if (!slots)
    return text + describe(p, "  ");
  if (!scaling->models.empty())
    text += "  models:\n";
  for (const auto& m : scaling->models)
    text += "    " + yaml_text(models[m.model].name) + ":\n" + describe(m.policy, "      ");
  return text;
}

} // namespace chalkstream::pipelines
