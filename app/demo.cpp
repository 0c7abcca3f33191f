// The main job on the sample submissions: embedded broker, grades, recommendations, on screen.
#include "app/commands.hpp"
#include "app/console_log.hpp"
#include "app/failure.hpp"
#include "app/live_view.hpp"
#include "app/progress.hpp"
#include "app/signals.hpp"
#include "app/text_table.hpp"
#include "pipelines/service.hpp"
#include "pipelines/tools/samples.hpp"
#include "pipelines/tools/topic_io.hpp"
#include "pipelines/versions.hpp"

#include <algorithm>
#include <cstdio>
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
        folder(options.examples.empty() ? CHALKSTREAM_EXAMPLES : options.examples.string()) {}

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
  std::uint64_t sent = 0;
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

result<void> feed(demo_run& run, const stop_signals& signals) {
  CHALK_TRY(const auto samples, tools::read_samples(run.folder));
  const auto& first = run.wanted.pipelines.front();
  CHALK_TRY(auto sender, tools::event_sender::make(run.running->brokers(), first.from, run.journal));
  run.began = std::chrono::steady_clock::now();
  for (const auto& s : samples) {
    while (run.sent > settled(run.running->snapshots().front()) + send_ahead && !signals.asked()) {
      run.view.show(run.running->snapshots());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (signals.asked())
      break;
    CHALK_CHECK(sender->send(s.key ? std::optional<std::string_view>{*s.key} : std::nullopt, s.value));
    ++run.sent;
  }
  return sender->flush(std::chrono::seconds(10));
}

// Until every pipeline has settled what its input brought it: the first what was sent, each later one what the one
// before it answered.
result<void> watch_until_settled(demo_run& run, const stop_signals& signals) {
  std::uint64_t last = 0;
  auto moved = std::chrono::steady_clock::now();
  while (!signals.asked()) {
    const auto now = run.running->snapshots();
    run.view.show(now);
    bool all = true;
    std::uint64_t expected = run.sent;
    std::uint64_t total = 0;
    for (const auto& p : now) {
      all = all && settled(p) >= expected;
      expected = p.answered;
      total += settled(p);
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

result<std::uint64_t> count_topic(demo_run& run, const std::string& topic, std::uint64_t at_least) {
  CHALK_TRY(auto watcher, tools::result_watcher::make(run.running->brokers(), topic, run.journal));
  std::uint64_t seen = 0;
  while (true) {
    CHALK_TRY(const auto more, watcher->read(std::chrono::milliseconds(seen < at_least ? 1000 : 100)));
    if (more.empty())
      return seen;
    seen += more.size();
  }
}

// Counts what is really in the topics rather than what the engine says of itself.
result<std::uint64_t> summarize(demo_run& run) {
  const auto& first = run.wanted.pipelines.front();
  const auto now = run.running->snapshots();
  CHALK_TRY(const auto graded, count_topic(run, first.to, now.front().answered));
  CHALK_TRY(const auto dead, count_topic(run, first.dead_letters, now.front().dead()));
  const auto found = graded + dead;
  run_summary summary;
  summary.pipelines = now;
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - run.began).count();
  const std::uint64_t lost = run.sent > found ? run.sent - found : 0;
  summary.lost = {lost};
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
