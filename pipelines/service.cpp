#include "pipelines/service.hpp"

#include "actors/supervisor.hpp"
#include "education/pseudonym.hpp"
#include "kafka/embedded_broker.hpp"
#include "kafka/topics.hpp"
#include "monitoring/exposition.hpp"
#include "monitoring/observer.hpp"
#include "monitoring/trace_exporter.hpp"
#include "pipelines/exported_directory.hpp"
#include "pipelines/instance_lock.hpp"
#include "pipelines/model_shelf.hpp"
#include "pipelines/pipeline_tasks.hpp"
#include "pipelines/runtime.hpp"
#include "pipelines/scaling/slot_scaling.hpp"
#include "pipelines/summary_head_directory.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

namespace chalkstream::pipelines {

namespace {

constexpr auto topics_timeout = std::chrono::seconds(15);

template <class To>
std::chrono::milliseconds as_ms(To d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d);
}

// What one pipeline's session is made of; brokers and client are the embedded broker's where it runs.
kafka::session_settings session_of(const configuration& all, const pipeline_configuration& p,
                                   const std::string& brokers, const kafka::client_properties& extra,
                                   const std::string& instance, const std::string& engine) {
  kafka::session_settings s;
  s.brokers = brokers;
  s.group = all.kafka.group + "." + p.name;
  s.instance = instance;
  s.topic = p.from;
  s.results_topic = p.to;
  s.dead_letters_topic = p.dead_letters;
  s.guarantee = all.kafka.delivery;
  s.client = extra;
  s.client.insert(s.client.end(), all.kafka.client.begin(), all.kafka.client.end());
  s.session_timeout = as_ms(all.kafka.session_timeout);
  s.transaction_timeout = as_ms(all.kafka.transaction_timeout);
  s.max_message_bytes = all.kafka.max_message_bytes;
  s.engine = engine;
  return s;
}

result<void> check_client(const configuration& all, const std::vector<kafka::session_settings>& sessions) {
  for (const auto& s : sessions)
    if (auto fine = kafka::check_settings(s); !fine)
      return {errc::invalid_configuration,
              (all.kafka.client_where.empty() ? all.file : all.kafka.client_where) + ": " + fine.error().message};
  return {};
}

// Input topics that another pipeline writes are made like any output.
result<void> look_up_topics(const configuration& all, const std::vector<kafka::session_settings>& sessions,
                            bool create, log& journal) {
  std::set<std::string> written;
  for (const auto& p : all.pipelines)
    written.insert({p.to, p.dead_letters});
  for (std::size_t i = 0; i < all.pipelines.size(); ++i) {
    const auto& p = all.pipelines[i];
    std::vector<kafka::topic_wish> wishes;
    for (const auto& topic : {p.from, p.grades}) {
      const bool made_here = written.contains(topic) || all.kafka.embedded;
      if (!topic.empty() && (create || !made_here)) // else it will be made when the pipelines start
        wishes.push_back({topic, all.kafka.partitions, create && made_here});
    }
    if (create) {
      wishes.push_back({p.to, 0, true});
      wishes.push_back({p.dead_letters, 0, true});
    }
    if (wishes.empty())
      continue;
    if (auto there = kafka::ensure_topics(sessions[i], wishes, topics_timeout, journal); !there)
      return {there.error().code, p.where + ": " + there.error().message};
  }
  return {};
}

result<std::shared_ptr<const education::pseudonymiser>> read_key(const configuration& all) {
  return education::pseudonymiser::from_file(all.key_file.value_or(all.state_dir / "pseudonym.key"));
}

result<void> inspect(const model_configuration& m) {
  models::load_request request;
  request.directory = m.path;
  request.allow_code = m.allow_code;
  CHALK_TRY(request.program, read_exported_program(m.path));
  for (const auto& device : m.devices) {
    request.device = device;
    CHALK_CHECK(models::inspect(request));
  }
  return {};
}

// A page that waits for its reader is megabytes where its record was kilobytes; a reader is busy for seconds, so that few
// need to wait.
constexpr std::size_t waiting_pages_a_slot = 8;

std::size_t most_in_flight(const configuration& all, const pipeline_configuration& p, const model_shelf& shelf) {
  const auto reader = p.kind == pipeline_kind::grading ? p.reader : p.model;
  const bool holds_pages = reader && shelf.at(*reader).loaded.reads_pages;
  return holds_pages ? std::min(all.engine.in_flight_records, waiting_pages_a_slot * all.engine.slots)
                     : all.engine.in_flight_records;
}

/// Everything that can be known of a model's directory without its weights.
result<void> check_directory(const model_configuration& m) {
  CHALK_TRY(const bool images, models::sees_images(m.path));
  if (images)
    return inspect(m);
  CHALK_CHECK(text::tokenizer::load(m.path));
  CHALK_CHECK(inspect(m));
  CHALK_CHECK(read_summary_head(m.path));
  return {};
}

} // namespace

struct service::state {
  state(configuration wanted, const service_environment& with)
      : all(std::move(wanted)), environment(with), counts(with.built, all.groups), watch(counts, with.progress) {}

  configuration all;
  service_environment environment;
  monitoring::registry counts;
  monitoring::observer watch;
  std::optional<instance_lock> instance;
  std::optional<kafka::embedded_broker> broker;
  std::string brokers;
  std::vector<std::shared_ptr<actors::consumer_status>> statuses;
  std::stop_source transfers; // of files of other machines
  std::shared_ptr<monitoring::trace_exporter> traces; // null: nothing is traced
  std::unique_ptr<runtime> engine;
  std::unique_ptr<monitoring::exposition> exposition;
  std::uint64_t dropped_reported = 0;

  std::vector<kafka::session_settings> sessions() const;
  result<void> start();
  result<actors::engine_plan> plan(const model_shelf& shelf);
  result<void> start_exposition();
  result<void> start_tracing();
  monitoring::readiness readiness() const;
};

std::vector<kafka::session_settings> service::state::sessions() const {
  const auto extra = broker ? kafka::embedded_broker::client() : kafka::client_properties{};
  const auto number = instance ? std::to_string(instance->number()) : std::string{"0"};
  std::vector<kafka::session_settings> list;
  for (const auto& p : all.pipelines)
    list.push_back(session_of(all, p, brokers, extra, all.kafka.instance.value_or(number),
                              "chalkstream " + environment.built.version));
  return list;
}

result<void> service::state::start() {
  auto& journal = *environment.journal;
  CHALK_TRY(instance, instance_lock::claim(all.state_dir));
  for (const auto& m : all.models)
    for (const auto& device : m.devices)
      counts.loads(m.name, device); // its series exist at 0 before it has loaded
  brokers = all.kafka.brokers;
  if (all.kafka.embedded) {
    std::set<std::string> names;
    for (const auto& p : all.pipelines) {
      names.insert({p.from, p.to, p.dead_letters});
      if (!p.grades.empty())
        names.insert(p.grades);
    }
    std::vector<kafka::embedded_broker::topic> topics;
    topics.reserve(names.size());
    for (const auto& name : names)
      topics.push_back({name, all.kafka.partitions});
    CHALK_TRY(broker, kafka::embedded_broker::start(topics, journal));
    brokers = broker->bootstrap();
    journal.warning("kafka", "the embedded broker is for a first look: in memory, 5 MiB a partition, nothing kept after "
                             "exit, and exactly-once cannot be had from it");
  }
  const auto wanted = sessions();
  CHALK_CHECK(check_client(all, wanted));

  // The broker is asked while the models load: both take a good part of a second.
  result<void> topics;
  std::thread asking([&] { topics = look_up_topics(all, wanted, true, journal); });
  auto shelf = model_shelf::load(all, watch, journal);
  asking.join();
  CHALK_CHECK(topics);
  if (!shelf)
    return shelf.error();
  CHALK_CHECK(start_tracing());
  CHALK_TRY(auto made, plan(*shelf));
  CHALK_CHECK(start_exposition());
  engine = std::make_unique<runtime>(std::move(made));
  return {};
}

result<actors::engine_plan> service::state::plan(const model_shelf& shelf) {
  auto& journal = *environment.journal;
  CHALK_TRY(auto pseudonyms, read_key(all));
  const auto wanted = sessions();
  const task_surroundings with{.pseudonyms = std::move(pseudonyms),
                               .state_dir = all.state_dir,
                               .stop = transfers.get_token(),
                               .brokers = brokers,
                               .client = wanted.front().client,
                               .cores = all.engine.slots,
                               .groups = std::make_shared<const result_groups>(all.groups),
                               .watch = &watch,
                               .journal = &journal};
  actors::engine_plan made;
  // Not before: what is given up while a consumer listens would become a dead letter.
  made.ended = [transfers = transfers](const auto&) mutable { transfers.request_stop(); };
  made.prepare_workers = all.engine.prepare_threads;
  made.complete_workers = all.engine.prepare_threads;
  made.scheduler.devices = model_shelf::devices(all, counts);
  made.scheduler.max_attempts = all.engine.max_attempts;
  made.scheduler.models = shelf.scheduled(all, counts, watch, journal);
  made.scheduler.log = &journal;
  CHALK_TRY(made.autoscaler, slot_scaling(all, shelf, made.scheduler.models, counts, journal));
  for (std::size_t i = 0; i < all.pipelines.size(); ++i) {
    const auto& p = all.pipelines[i];
    CHALK_TRY(auto steps, make_task(p, shelf, with));
    auto route = std::make_shared<actors::pipeline_route>();
    route->index = i;
    route->name = p.name;
    route->topic = p.from;
    route->engine = wanted[i].engine;
    route->steps = std::move(steps.steps);
    route->models = std::move(steps.models);
    route->urgency = p.urgency;
    route->deadline = p.deadline;
    route->probe = counts.pipeline(p.name);
    route->traces = traces;
    CHALK_TRY(auto session, kafka::make_session(wanted[i], journal));
    actors::consumer_settings consumer;
    consumer.route = std::move(route);
    consumer.source = std::move(session.source);
    consumer.sink = std::move(session.sink);
    consumer.status = statuses.emplace_back(std::make_shared<actors::consumer_status>());
    const auto started = std::chrono::system_clock::now().time_since_epoch();
    consumer.instance = wanted[i].instance + "-" + std::to_string(as_ms(started).count());
    consumer.max_records = most_in_flight(all, p, shelf);
    consumer.max_bytes = all.engine.in_flight_bytes;
    consumer.commit.interval = all.kafka.commit_interval;
    consumer.commit.max_records = all.kafka.commit_records;
    consumer.revoke_grace = all.engine.revoke_grace;
    consumer.log = &journal;
    made.consumers.push_back(std::move(consumer));
  }
  return made;
}

result<void> service::state::start_tracing() {
  if (all.traces.endpoint.empty())
    return {};
  monitoring::trace_settings settings;
  CHALK_TRY(settings.collector, monitoring::read_http_address(all.traces.endpoint));
  settings.sample = all.traces.sample;
  settings.version = environment.built.version;
  traces = std::make_shared<monitoring::trace_exporter>(std::move(settings), counts.traces(), *environment.journal);
  return {};
}

result<void> service::state::start_exposition() {
  if (all.listen.empty())
    return {};
  monitoring::exposition_settings settings;
  settings.listen = all.listen;
  CHALK_TRY(exposition, monitoring::exposition::start(settings, counts, [this] { return readiness(); }));
  return {};
}

monitoring::readiness service::state::readiness() const {
  monitoring::readiness r;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    if (!statuses[i]->joined.load())
      r.reasons.push_back("pipeline " + all.pipelines[i].name + " has not joined its group yet");
    else if (statuses[i]->stalled.load())
      r.reasons.push_back("pipeline " + all.pipelines[i].name + " cannot commit its results");
  }
  if (statuses.size() < all.pipelines.size())
    r.reasons.emplace_back("the pipelines are being started");
  r.ready = r.reasons.empty();
  return r;
}

// -- the public face --------------------------------------------------------------------

service::service(std::unique_ptr<state> s) : state_(std::move(s)) {}

service::~service() = default;

result<std::unique_ptr<service>> service::start(const configuration& wanted, const service_environment& with) {
  auto s = std::make_unique<state>(wanted, with);
  CHALK_CHECK(s->start());
  return std::unique_ptr<service>{new service{std::move(s)}};
}

result<void> service::check(const configuration& wanted, bool offline, log& journal) {
  state s{wanted, {.journal = &journal, .built = {}, .dropped_log_lines = {}, .progress = {}}};
  s.brokers = wanted.kafka.embedded ? "127.0.0.1:1" : wanted.kafka.brokers;
  const auto sessions = s.sessions();
  CHALK_CHECK(check_client(wanted, sessions));
  for (const auto& m : wanted.models) {
    if (auto fine = check_directory(m); !fine)
      return {errc::invalid_configuration, m.where + ": " + fine.error().message};
  }
  for (const auto& p : wanted.pipelines)
    CHALK_CHECK(check_task(p));
  if (!offline && !wanted.kafka.embedded)
    CHALK_CHECK(look_up_topics(wanted, sessions, false, journal));
  return {};
}

bool service::ready() const {
  return std::all_of(state_->statuses.begin(), state_->statuses.end(), [](const auto& s) { return s->joined.load(); });
}

std::optional<result<void>> service::wait_ready(std::chrono::nanoseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (!ready()) {
    if (auto end = state_->engine->wait_for(std::chrono::milliseconds(5)))
      return end->ok() ? result<void>{errc::cancelled, "the engine ended before it was ready"} : *end;
    if (std::chrono::steady_clock::now() >= until)
      return std::nullopt;
  }
  return result<void>{};
}

std::optional<result<void>> service::wait_for(std::chrono::nanoseconds timeout) {
  if (const auto& dropped = state_->environment.dropped_log_lines) {
    const auto now = dropped();
    state_->counts.process()->log_lines_dropped(now - std::exchange(state_->dropped_reported, now));
  }
  return state_->engine->wait_for(timeout);
}

void service::drain() {
  state_->engine->drain(state_->all.engine.drain_grace);
}

std::string service::brokers() const {
  return state_->brokers;
}

std::string service::metrics_address() const {
  return state_->exposition ? state_->exposition->address() : std::string{};
}

std::vector<monitoring::pipeline_snapshot> service::snapshots() const {
  return state_->counts.snapshots();
}

} // namespace chalkstream::pipelines
