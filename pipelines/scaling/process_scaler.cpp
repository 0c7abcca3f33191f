#include "pipelines/scaling/process_scaler.hpp"

#include "kafka/topics.hpp"
#include "monitoring/exposition.hpp"
#include "monitoring/prometheus_client.hpp"
#include "monitoring/registry.hpp"
#include "monitoring/scaling_query.hpp"
#include "monitoring/scaling_watch.hpp"

#include <algorithm>
#include <thread>

namespace chalkstream::pipelines {

namespace {

using namespace std::chrono_literals;

constexpr auto broker_timeout = 15s;
constexpr auto partitions_asked_every = 1min;
constexpr auto pace = 50ms; // of looking after the processes
constexpr std::size_t most_addresses = 254;

std::string port_of(const std::string& listen) {
  return listen.substr(listen.rfind(':') + 1);
}

// More processes than the largest input has partitions would read nothing.
result<std::size_t> count_partitions(const configuration& all, log& journal) {
  std::size_t most = 0;
  for (const auto& p : all.pipelines) {
    kafka::session_settings session;
    session.brokers = all.kafka.brokers;
    session.client = all.kafka.client;
    session.topic = p.from;
    auto found = kafka::count_partitions(session, broker_timeout, journal);
    if (!found)
      return {found.error().code, p.where + ": " + found.error().message};
    most = std::max(most, *found);
  }
  return most;
}

monitoring::processes_scope scope_of(const configuration& all, const std::string& matchers) {
  monitoring::processes_scope scope;
  for (const auto& p : all.pipelines)
    scope.pipelines.push_back(p.name);
  scope.matchers = matchers;
  return scope;
}

} // namespace

result<void> check_process_scaling(const configuration& wanted) {
  const auto wrong = [&wanted](std::string_view what) {
    return error{errc::invalid_configuration, wanted.file + ": " + std::string{what}};
  };
  if (!wanted.scaling || wanted.scaling->actuator != scaling_actuator::processes)
    return wrong("`autoscale run` needs the section autoscaling with mode: processes");
  if (wanted.kafka.embedded)
    return wrong("the embedded broker lives in one process: several need a broker of their own");
  if (wanted.scaling->policy.least == 0)
    return wrong(
        "autoscaling.replicas.min: with no process there is nobody whose metrics could start one; expected 1 or "
        "more (Kubernetes with KEDA can do with 0)");
  if (wanted.scaling->policy.most > most_addresses)
    return wrong("autoscaling.replicas.max: processes have addresses from 127.0.0.1 to 127.0.0.254");
  if (wanted.listen.empty() || port_of(wanted.listen) == "0")
    return wrong("monitoring.listen: Prometheus must know where the processes are; expected a port");
  return {};
}

std::string listen_address(const configuration& wanted, std::size_t number) {
  return "127.0.0." + std::to_string(number) + ":" + port_of(wanted.listen);
}

result<void> run_process_scaling(const configuration& wanted, const process_scaling& how, process_fleet& fleet,
                                 log& journal, const std::function<bool()>& stop) {
  CHALK_CHECK(check_process_scaling(wanted));
  const auto& policy = wanted.scaling->policy;
  CHALK_TRY(auto prometheus, monitoring::prometheus_client::make(
                                 {.url = wanted.scaling->prometheus, .timeout = wanted.scaling->timeout}));
  CHALK_TRY(auto partitions, count_partitions(wanted, journal));
  monitoring::registry counts{how.built};
  std::unique_ptr<monitoring::exposition> shown;
  if (!how.listen.empty()) {
    monitoring::exposition_settings settings;
    settings.listen = how.listen;
    CHALK_TRY(shown, monitoring::exposition::start(settings, counts, {}));
  }
  const std::string target{monitoring::all_processes};
  monitoring::scaling_watch watch{target, policy, counts.autoscale(target), journal};
  const auto question = monitoring::scaling_query(scope_of(wanted, how.matchers), policy);
  const auto& time = clock::system();

  auto there = std::clamp(fleet.found(), policy.least, policy.most);
  CHALK_CHECK(fleet.want(there));
  auto next_look = time.now() + policy.interval, next_count = time.now() + partitions_asked_every;
  while (!stop()) {
    const auto now = time.now();
    fleet.look_after(now);
    if (now >= next_count) {
      next_count = now + partitions_asked_every;
      if (const auto counted = count_partitions(wanted, journal))
        partitions = *counted; // else as many as there were
    }
    if (now >= next_look) {
      next_look = std::max(next_look + policy.interval, now);
      const auto replicas = watch.decide(prometheus.ask(question), {there, partitions}, time);
      if (replicas != there) {
        if (const auto done = fleet.want(replicas))
          there = replicas;
        else // asked again an interval later
          journal.error("autoscaler", done.error().message);
      }
    }
    std::this_thread::sleep_for(pace);
  }
  journal.info("autoscaler", "asked to stop");
  fleet.leave();
  return {};
}

} // namespace chalkstream::pipelines
