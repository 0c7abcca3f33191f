// What the pipelines do, while they do it and at the end. On a terminal a table that is redrawn in place, elsewhere a
// line per pipeline now and then. Draws when it is told to; has no thread of its own.
#pragma once

#include "app/progress.hpp"
#include "core/clock.hpp"
#include "monitoring/pipeline_snapshot.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::app {

using monitoring::pipeline_snapshot;

/// What a person wants to know of one pipeline. Rate and latencies are of the last seconds.
struct live_row {
  std::string name;
  std::uint64_t received = 0;
  std::uint64_t graded = 0; // out by themselves
  std::uint64_t review = 0; // to a person
  std::uint64_t dead = 0;
  std::uint64_t in_flight = 0;
  double per_second = 0;
  double p50 = 0;
  double p99 = 0;
};

/// From two readings, `seconds` apart; pipelines that `before` lacks count from zero. Where nothing was answered in
/// between, the latencies are those of the whole run.
std::vector<live_row> live_rows(std::span<const pipeline_snapshot> before, std::span<const pipeline_snapshot> now,
                                double seconds);

/// The table, one text per line.
std::vector<std::string> format_live(std::span<const live_row> rows, std::size_t width);

/// "short-answers: 120 received, 100 graded, 12 to review, 3 dead, 5 in flight, 45.2/s, p50 12 ms, p99 40 ms"
std::string format_plain(const live_row& row);

struct run_summary {
  std::vector<pipeline_snapshot> pipelines = {};
  double seconds = 0;
  /// Of each pipeline, where the caller has counted them in the topics; else what was received minus what became of
  /// it.
  std::vector<std::uint64_t> lost = {};
  /// Where to look next; shown as they are, below the table.
  std::vector<std::string> next = {};
};

/// The closing table: received, graded, sent to review, dead-lettered by reason, lost, latency, where to look next. As many
/// pipelines side by side as fit into `width`, the others below.
std::string format_summary(const run_summary& run, std::size_t width);

/// Thread-safe.
class live_view {
public:
  live_view(terminal where, text_output out, const clock& time = clock::system());

  /// A new reading. On a terminal the table is redrawn, at most ten times a second; elsewhere every five seconds a
  /// line for each pipeline that has moved.
  void show(std::vector<pipeline_snapshot> now);

  /// A line (of the log, of the person's own record) above the table.
  void print(std::string_view line);

  /// Takes the table off the screen and writes `run`'s summary. show() does nothing from then on until resume().
  void finish(const run_summary& run);
  void resume();

private:
  struct reading {
    time_point at{};
    std::vector<pipeline_snapshot> pipelines = {};
  };

  void draw(time_point now);
  void say(time_point now);
  std::string erase();

  terminal where_;
  text_output out_;
  const clock& time_;
  std::mutex lock_;
  std::deque<reading> readings_;
  std::vector<std::string> shown_; // lines on the screen now
  std::optional<time_point> drawn_;
  std::vector<pipeline_snapshot> said_;
  bool finished_ = false;
};

} // namespace chalkstream::app
