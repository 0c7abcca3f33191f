// The main job on the sample submissions: embedded broker, grades, recommendations, on screen.
#include "app/commands.hpp"
#include "app/console_log.hpp"
#include "app/failure.hpp"
#include "app/live_view.hpp"
#include "app/progress.hpp"
#include "app/signals.hpp"
#include "app/text_table.hpp"
#include "pipelines/service.hpp"
#include "pipelines/tools/annotated_results.hpp"
#include "pipelines/tools/samples.hpp"
#include "pipelines/tools/topic_io.hpp"
#include "pipelines/versions.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <thread>
#include <unistd.h>

namespace chalkstream::app {

namespace {

using pipelines::service;
namespace tools = pipelines::tools;

// The embedded broker forgets what overflows 5 MiB a partition: never send far ahead of what has been read.
constexpr std::uint64_t send_ahead = 256;
constexpr auto no_progress_limit = std::chrono::seconds(60);

struct demo_run {
  demo_run(const demo_options& options, terminal where)
      : screen(where), out(write_to(STDOUT_FILENO)), view(where, out), journal(log_settings(view)),
        folder(options.examples.empty() ? CHALKSTREAM_EXAMPLES : options.examples.string()),
        annotations(options.annotations) {}

  static console_log_settings log_settings(live_view& view) {
    return {.level = log_level::warning, .destination = [&view](std::string_view line) { view.print(line); }};
  }

  terminal screen;
  text_output out;
  live_view view;
  console_log journal;
  std::filesystem::path folder;
  pipelines::configuration wanted;
  std::unique_ptr<service> running;
  std::map<std::string, std::uint64_t> sent = {}; // by topic
  std::filesystem::path annotations = {};
  std::vector<tools::sample> pictured = {}; // what was sent to pipelines of images and clips, where it is to be annotated
  std::chrono::steady_clock::time_point began{};
};

result<void> start(demo_run& run) {
  CHALK_TRY(run.wanted, pipelines::load_configuration(run.folder / "chalkstream.yaml"));
  progress bar{run.screen, run.out};
  pipelines::service_environment environment;
  environment.journal = &run.journal;
  environment.built = pipelines::build_facts();
  environment.progress = [&bar](std::string_view step, double fraction) { bar.update(step, fraction); };
  auto started = service::start(run.wanted, environment);
  if (!started && started.error().code == errc::io) {
    // Somebody else has the metrics port: any other will do for a demonstration.
    run.wanted.listen = "127.0.0.1:0";
    started = service::start(run.wanted, environment);
  }
  if (!started)
    return started.error();
  run.running = std::move(*started);
  bar.update("join the groups", 0);
  auto ready = run.running->wait_ready(std::chrono::seconds(60));
  bar.update("join the groups", 1);
  if (!ready)
    return {errc::timed_out, "the pipelines did not get their partitions within a minute"};
  return *ready;
}

// What has been answered or dead-lettered by the pipeline that reads the submissions.
std::uint64_t settled(const monitoring::pipeline_snapshot& p) {
  return p.answered + p.dead();
}

result<void> send_samples(demo_run& run, std::size_t reader, const std::vector<tools::sample>& samples,
                          const stop_signals& signals) {
  const auto& topic = run.wanted.pipelines[reader].from;
  CHALK_TRY(auto sender, tools::event_sender::make(run.running->brokers(), topic, run.journal));
  auto& sent = run.sent[topic];
  for (const auto& s : samples) {
    while (sent > settled(run.running->snapshots()[reader]) + send_ahead && !signals.asked()) {
      run.view.show(run.running->snapshots());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (signals.asked())
      break;
    CHALK_CHECK(sender->send(s.key ? std::optional<std::string_view>{*s.key} : std::nullopt, s.value));
    ++sent;
  }
  return sender->flush(std::chrono::seconds(10));
}

// The first pipeline gets the submissions; another topic that a pipeline reads gets the file of its name, if there is
// one. Those are few and go first.
result<void> feed(demo_run& run, const stop_signals& signals) {
  run.began = std::chrono::steady_clock::now();
  for (std::size_t i = 1; i < run.wanted.pipelines.size(); ++i) {
    const auto& topic = run.wanted.pipelines[i].from;
    const auto file = run.folder / (topic + ".jsonl");
    if (topic == run.wanted.pipelines.front().from || run.sent.contains(topic) || !std::filesystem::exists(file)
        || run.wanted.pipelines[i].kind == pipelines::pipeline_kind::overrides)
      continue;
    CHALK_TRY(const auto samples, tools::read_samples(file));
    CHALK_CHECK(send_samples(run, i, samples, signals));
    if (!run.annotations.empty())
      run.pictured.insert(run.pictured.end(), samples.begin(), samples.end());
  }
  CHALK_TRY(const auto samples, tools::read_samples(run.folder / "submissions.jsonl", run.folder / "broken.jsonl"));
  return send_samples(run, 0, samples, signals);
}

// What people make of grades comes after them.
result<void> feed_overrides(demo_run& run, const stop_signals& signals) {
  for (std::size_t i = 0; i < run.wanted.pipelines.size(); ++i) {
    const auto& p = run.wanted.pipelines[i];
    const auto file = run.folder / (p.from + ".jsonl");
    if (p.kind != pipelines::pipeline_kind::overrides || !std::filesystem::exists(file))
      continue;
    CHALK_TRY(const auto samples, tools::read_samples(file));
    CHALK_CHECK(send_samples(run, i, samples, signals));
  }
  return {};
}

// What a pipeline's topic has been given: by us, and by the pipelines that write there.
std::uint64_t expected(const demo_run& run, const std::string& topic,
                       const std::vector<monitoring::pipeline_snapshot>& now) {
  const auto ours = run.sent.find(topic);
  std::uint64_t sum = ours == run.sent.end() ? 0 : ours->second;
  for (std::size_t i = 0; i < now.size(); ++i)
    sum += run.wanted.pipelines[i].to == topic ? now[i].answered : 0;
  return sum;
}

// Until every pipeline has settled what its input brought it.
result<void> watch_until_settled(demo_run& run, const stop_signals& signals) {
  std::uint64_t last = 0;
  auto moved = std::chrono::steady_clock::now();
  while (!signals.asked()) {
    const auto now = run.running->snapshots();
    run.view.show(now);
    bool all = true;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
      all = all && settled(now[i]) >= expected(run, run.wanted.pipelines[i].from, now);
      total += settled(now[i]);
    }
    if (all)
      return {};
    if (total != last)
      moved = std::chrono::steady_clock::now();
    last = total;
    if (std::chrono::steady_clock::now() - moved > no_progress_limit)
      return {errc::timed_out, "nothing has moved for a minute; the table shows what is missing"};
    if (auto end = run.running->wait_for(std::chrono::milliseconds(50)))
      return end->ok() ? result<void>{errc::internal, "the engine ended before the work was done"} : *end;
  }
  return {};
}

// Results that are of their record as a whole.
result<std::vector<std::string>> read_topic(demo_run& run, const std::string& topic, std::uint64_t at_least) {
  CHALK_TRY(auto watcher, tools::result_watcher::make(run.running->brokers(), topic, run.journal));
  std::vector<std::string> seen;
  while (true) {
    CHALK_TRY(auto more, watcher->read(std::chrono::milliseconds(seen.size() < at_least ? 1000 : 100)));
    if (more.empty())
      return seen;
    for (auto& r : more)
      if (!tools::is_of_a_part(r.value))
        seen.push_back(std::move(r.value));
  }
}

result<std::uint64_t> count_topic(demo_run& run, const std::string& topic, std::uint64_t at_least) {
  CHALK_TRY(const auto seen, read_topic(run, topic, at_least));
  return seen.size();
}

// "pictures  …" for the closing table.
result<std::string> annotate(demo_run& run, const std::vector<monitoring::pipeline_snapshot>& now) {
  std::size_t written = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const auto& p = run.wanted.pipelines[i];
    if (!p.sees())
      continue;
    CHALK_TRY(const auto results, read_topic(run, p.to, now[i].answered));
    CHALK_TRY(const auto here, tools::annotate_results(run.pictured, results, run.annotations));
    written += here;
  }
  return "pictures       " + std::to_string(written) + " of what was recognised in " + run.annotations.string();
}

// Counts the records that really have their answer in the topics, rather than what the engine says of itself.
result<std::uint64_t> count_lost(demo_run& run, std::size_t pipeline, const monitoring::pipeline_snapshot& now) {
  const auto& p = run.wanted.pipelines[pipeline];
  const auto sent = run.sent.find(p.from);
  if (sent == run.sent.end())
    return now.received - std::min(now.received, settled(now));
  CHALK_TRY(const auto answered, count_topic(run, p.to, now.answered));
  CHALK_TRY(const auto dead, count_topic(run, p.dead_letters, now.dead()));
  return sent->second - std::min(sent->second, answered + dead);
}

result<std::uint64_t> summarize(demo_run& run) {
  const auto& first = run.wanted.pipelines.front();
  run_summary summary;
  summary.pipelines = run.running->snapshots();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - run.began).count();
  std::uint64_t lost = 0;
  for (std::size_t i = 0; i < summary.pipelines.size(); ++i) {
    CHALK_TRY(const auto here, count_lost(run, i, summary.pipelines[i]));
    summary.lost.push_back(here);
    lost += here;
  }
  const auto& brokers = run.running->brokers();
  std::string topics;
  for (const auto& p : run.wanted.pipelines)
    for (const auto& t : {p.from, p.to, p.dead_letters})
      if (topics.find(t + " ") == std::string::npos)
        topics += t + " ";
  summary.next = {"topics         " + topics + "on " + brokers,
                  "read grades    kcat -b " + brokers + " -C -t " + first.to + " -e",
                  "send your own  kcat -b " + brokers + " -P -t " + first.from + " " + (run.folder / "submission.json").string(),
                  "metrics        http://" + run.running->metrics_address() + "/metrics",
                  "configuration  " + run.wanted.file};
  if (!run.annotations.empty()) {
    CHALK_TRY(auto pictures, annotate(run, summary.pipelines));
    summary.next.push_back(std::move(pictures));
  }
  run.view.finish(summary);
  return lost;
}

// A person sends records of their own: a line for each result that appears.
result<void> keep_serving(demo_run& run, const stop_signals& signals) {
  const auto& first = run.wanted.pipelines.front();
  CHALK_TRY(auto watcher, tools::result_watcher::make(run.running->brokers(), first.to, run.journal));
  const auto before = run.running->snapshots().front();
  for (std::uint64_t skipped = 0; skipped < before.answered && !signals.asked();) {
    CHALK_TRY(const auto old, watcher->read(std::chrono::milliseconds(500)));
    skipped += old.size();
  }
  run.out("serving; Ctrl-C ends it\n");
  auto dead = before.dead();
  while (!signals.asked()) {
    CHALK_TRY(const auto fresh, watcher->read(std::chrono::milliseconds(100)));
    for (const auto& r : fresh)
      run.out(tools::in_a_sentence(r.value) + "\n");
    const auto now = run.running->snapshots().front();
    for (; dead < now.dead(); ++dead)
      run.out("a record became a dead letter; see " + first.dead_letters + "\n");
  }
  return {};
}

} // namespace

int demo(const demo_options& options) {
  stop_signals signals;
  const auto screen = terminal::of(STDOUT_FILENO);
  demo_run run{options, screen};
  if (auto started = start(run); !started)
    return report_failure(started.error());
  auto done = feed(run, signals);
  if (done)
    done = watch_until_settled(run, signals);
  if (done)
    done = feed_overrides(run, signals);
  if (done)
    done = watch_until_settled(run, signals);
  auto lost = summarize(run);
  if (done && lost && !signals.asked() && !options.once && (screen.interactive || options.keep))
    done = keep_serving(run, signals);
  run.running->drain();
  std::optional<result<void>> end;
  while (!end)
    end = run.running->wait_for(std::chrono::seconds(60));
  for (const auto& outcome : {done, *end})
    if (!outcome)
      return report_failure(outcome.error());
  if (!lost)
    return report_failure(lost.error());
  return *lost == 0 ? exit_ok : exit_failed;
}

} // namespace chalkstream::app
