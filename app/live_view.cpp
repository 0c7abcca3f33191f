#include "app/live_view.hpp"

#include "app/text_table.hpp"

#include <algorithm>

namespace chalkstream::app {

namespace {

using namespace std::chrono_literals;

constexpr duration window = 5s; // of rates and latencies
constexpr duration redraw_every = 100ms;
constexpr duration say_every = 5s;
constexpr std::size_t max_readings = 64;

std::uint64_t finished(const pipeline_snapshot& p) {
  return p.answered + p.dead();
}

const pipeline_snapshot* named(std::span<const pipeline_snapshot> all, const std::string& name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.name == name; });
  return at == all.end() ? nullptr : &*at;
}

std::vector<std::string> lost_row(const run_summary& run) {
  std::vector<std::string> cells{"lost"};
  for (std::size_t i = 0; i < run.pipelines.size(); ++i) {
    const auto& p = run.pipelines[i];
    cells.push_back(format_count(i < run.lost.size() ? run.lost[i] : p.received - std::min(p.received, finished(p))));
  }
  return cells;
}

} // namespace

std::vector<live_row> live_rows(std::span<const pipeline_snapshot> before, std::span<const pipeline_snapshot> now,
                                double seconds) {
  std::vector<live_row> rows;
  for (const auto& p : now) {
    const auto* earlier = named(before, p.name);
    live_row row{p.name, p.received, p.answered - std::min(p.answered, p.review), p.review, p.dead(), p.in_flight, 0,
                 0,      0};
    const auto done = finished(p) - (earlier == nullptr ? 0 : std::min(finished(*earlier), finished(p)));
    row.per_second = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    auto recent = earlier == nullptr ? p.latency : p.latency.since(earlier->latency);
    if (recent.size() == 0)
      recent = p.latency;
    row.p50 = recent.quantile(0.5);
    row.p99 = recent.quantile(0.99);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> format_live(std::span<const live_row> rows, std::size_t width) {
  text_table table({"pipeline", "received", "graded", "review", "dead", "in flight", "docs/s", "p50", "p99"});
  for (const auto& r : rows)
    table.add({r.name, format_count(r.received), format_count(r.graded), format_count(r.review), format_count(r.dead),
               format_count(r.in_flight), format_rate(r.per_second), format_seconds(r.p50), format_seconds(r.p99)});
  return table.lines(width);
}

std::string format_plain(const live_row& row) {
  return row.name + ": " + format_count(row.received) + " received, " + format_count(row.graded) + " graded, "
         + format_count(row.review) + " to review, " + format_count(row.dead) + " dead, "
         + format_count(row.in_flight) + " in flight, " + format_rate(row.per_second) + "/s, p50 "
         + format_seconds(row.p50) + ", p99 " + format_seconds(row.p99);
}

namespace {

text_table summary_of(const run_summary& run) {
  std::vector<std::string> heads{""};
  for (const auto& p : run.pipelines)
    heads.push_back(p.name);
  text_table table(std::move(heads));
  const auto row = [&](const std::string& name, auto&& value) {
    std::vector<std::string> cells{name};
    for (const auto& p : run.pipelines)
      cells.push_back(value(p));
    table.add(std::move(cells));
  };
  const auto counted = [&](const std::string& name, auto&& value) {
    row(name, [&](const pipeline_snapshot& p) { return format_count(value(p)); });
  };
  using snapshot = const pipeline_snapshot&;
  counted("received", [](snapshot p) { return p.received; });
  counted("graded", [](snapshot p) { return p.answered - std::min(p.answered, p.review); });
  counted("sent to review", [](snapshot p) { return p.review; });
  counted("dead-lettered", [](snapshot p) { return p.dead(); });
  for (std::size_t i = 0; i < reject_reason_count; ++i)
    if (std::any_of(run.pipelines.begin(), run.pipelines.end(), [i](snapshot p) { return p.dead_by_reason[i] > 0; }))
      counted("  " + std::string(to_string(static_cast<reject_reason>(i))),
              [i](snapshot p) { return p.dead_by_reason[i]; });
  table.add(lost_row(run));
  row("latency p50", [](snapshot p) { return format_seconds(p.p50()); });
  row("latency p99", [](snapshot p) { return format_seconds(p.p99()); });
  row("per second",
      [&](snapshot p) { return format_rate(run.seconds > 0 ? static_cast<double>(finished(p)) / run.seconds : 0); });

  return table;
}

run_summary part_of(const run_summary& run, std::size_t from, std::size_t to) {
  run_summary part;
  part.seconds = run.seconds;
  part.pipelines.assign(run.pipelines.begin() + static_cast<std::ptrdiff_t>(from),
                        run.pipelines.begin() + static_cast<std::ptrdiff_t>(to));
  for (auto i = from; i < std::min(to, run.lost.size()); ++i)
    part.lost.push_back(run.lost[i]);
  return part;
}

} // namespace

std::string format_summary(const run_summary& run, std::size_t width) {
  std::string text;
  for (std::size_t from = 0, to = 0; from < run.pipelines.size(); from = to) {
    const auto fits = [&](std::size_t end) {
      return summary_of(part_of(run, from, end)).lines(std::string::npos).front().size() <= width;
    };
    for (to = from + 1; to < run.pipelines.size() && fits(to + 1);)
      ++to;
    text += text.empty() ? "" : "\n";
    for (const auto& line : summary_of(part_of(run, from, to)).lines(width))
      text += line + "\n";
  }
  if (!run.next.empty())
    text += "\n";
  for (const auto& line : run.next)
    text += line + "\n";
  return text;
}

live_view::live_view(terminal where, text_output out, const clock& time)
    : where_(where), out_(std::move(out)), time_(time) {}

void live_view::show(std::vector<pipeline_snapshot> now) {
  const std::lock_guard guard(lock_);
  const auto at = time_.now();
  if (finished_ || (drawn_ && at - *drawn_ < (where_.interactive ? redraw_every : say_every)))
    return;
  readings_.push_back({at, std::move(now)});
  // The oldest reading that is left is the window's beginning.
  while (readings_.size() > 2 && (readings_.size() > max_readings || at - readings_[1].at >= window))
    readings_.pop_front();
  if (where_.interactive)
    draw(at);
  else
    say(at);
  drawn_ = at;
}

void live_view::draw(time_point now) {
  const auto& [since, before] = readings_.front();
  auto lines = format_live(live_rows(before, readings_.back().pipelines, in_seconds(now - since)),
                           where_.width - std::min<std::size_t>(where_.width, 1));
  auto text = erase();
  for (const auto& line : lines)
    text += line + "\n";
  shown_ = std::move(lines);
  out_(text);
}

void live_view::say(time_point now) {
  const auto& [since, before] = readings_.front();
  const auto& latest = readings_.back().pipelines;
  for (const auto& row : live_rows(before, latest, in_seconds(now - since))) {
    const auto* said = named(said_, row.name);
    const auto* p = named(latest, row.name);
    if (p->received > 0 && (said == nullptr || said->received != p->received || finished(*said) != finished(*p)))
      out_(format_plain(row) + "\n");
  }
  said_ = latest;
}

std::string live_view::erase() {
  const auto up = shown_.size();
  shown_.clear();
  return erase_lines(up);
}

void live_view::print(std::string_view line) {
  const std::lock_guard guard(lock_);
  auto table = shown_;
  auto text = erase() + std::string(line) + "\n";
  for (const auto& l : table)
    text += l + "\n";
  shown_ = std::move(table);
  out_(text);
}

void live_view::finish(const run_summary& run) {
  const std::lock_guard guard(lock_);
  finished_ = true;
  out_(erase() + format_summary(run, where_.width));
}

void live_view::resume() {
  const std::lock_guard guard(lock_);
  finished_ = false;
}

} // namespace chalkstream::app
