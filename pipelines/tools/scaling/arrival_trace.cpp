#include "pipelines/tools/scaling/arrival_trace.hpp"

#include "pipelines/configuration/spelling.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace chalkstream::pipelines::tools {

namespace {

constexpr double minute = 60;
constexpr double hour = 3600;

// What comes at a moment: records a second, and the share of essays among them; the others are short answers.
struct flow {
  double rate;
  double essays;
};

struct shape {
  std::string_view name;
  std::string_view about;
  double length;
  std::size_t bursts;
  double deadline;
  double peak; // records a second, nowhere more
  flow (*at)(double second);
};

flow together(flow a, flow b) {
  const auto rate = a.rate + b.rate;
  return {rate, rate > 0 ? (a.rate * a.essays + b.rate * b.essays) / rate : 0};
}

// Up from 0 to 1 between two moments.
double ramp(double second, double from, double to) {
  return std::clamp((second - from) / (to - from), 0.0, 1.0);
}

// An hour's exam in a calm morning: everybody begins at once with short answers, and what is written of the essay is
// handed in for everybody when time is up.
flow exam(double t) {
  const auto answering = ramp(t, 120 * minute, 120.5 * minute) * (1 - ramp(t, 172 * minute, 176 * minute));
  const auto up = ramp(t, 180 * minute, 180.5 * minute) * (1 - ramp(t, 181.5 * minute, 182 * minute));
  return together(together({2, 0.1}, {100 * answering, 0}), {12 * up, 1});
}

// Two days: quiet at four in the morning, busiest at four in the afternoon.
flow day_night(double t) {
  const auto wave = (1 - std::cos(2 * std::numbers::pi * (t / hour - 4) / 24)) / 2;
  return {0.3 + 12 * wave * wave, 0.6};
}

// Essays that are due at ten hours: the closer, the more, as one by the time that is left; and then next to none.
flow deadline_spike(double t) {
  const auto left = 10 * hour - t;
  return together({2, 0}, {left > 0 ? 12 / (1 + left / (5 * minute)) : 0.1, 1});
}

// Three times a link is shared, to a quiz, an essay and a page with both: the work of fifteen replicas within twenty
// seconds, for some minutes.
flow flash_crowd(double t) {
  const auto crowd = [t](double at) {
    return t < at ? 0 : ramp(t, at, at + 20) * std::exp2(-std::max(0.0, t - at - 4 * minute) / (2 * minute));
  };
  return together(together({3, 0.1}, {150 * crowd(40 * minute), 0}),
                  together({12.5 * crowd(110 * minute), 1}, {40 * crowd(180 * minute), 0.25}));
}

constexpr std::array shapes{
    shape{"exam", "an hour's exam: 100 short answers/s at once; 1,100 essays when time is up", 5 * hour, 2, 40, 103,
          exam},
    shape{"day-night", "two days between 0.3 and 12 records/s, most of them essays", 48 * hour, 2, 60, 12.5,
          day_night},
    shape{"deadline", "essays due after ten hours: the closer the more, up to 12/s", 12 * hour, 1, 30, 14,
          deadline_spike},
    shape{"flash-crowd", "3 records/s, and three times the work of 15 replicas more within 20 s", 4 * hour, 3, 40,
          153, flash_crowd},
};

} // namespace

std::vector<std::string_view> made_up_traces() {
  std::vector<std::string_view> names;
  names.reserve(std::size(shapes));
  for (const auto& s : shapes)
    names.push_back(s.name);
  return names;
}

result<arrival_trace> make_trace(std::string_view name, std::uint64_t seed) {
  const auto* s = std::ranges::find(shapes, name, &shape::name);
  if (s == shapes.end())
    return error{errc::invalid_argument,
                 "there is no trace '" + std::string(name) + "'" + did_you_mean(name, made_up_traces())};
  arrival_trace trace;
  trace.name = s->name;
  trace.about = s->about;
  trace.length = s->length;
  trace.bursts = s->bursts;
  trace.work.deadline = s->deadline;
  // As many as come at the peak's rate, each kept as often as the rate then is of the peak.
  trace_random random(seed);
  for (double t = random.gap(s->peak); t < s->length; t += random.gap(s->peak)) {
    const auto now = s->at(t);
    if (random.share() * s->peak < now.rate)
      add_record(trace, t, random.share() < now.essays ? essay_tokens : short_answer_tokens, random);
  }
  return trace;
}

void add_record(arrival_trace& trace, double second, double mean_tokens, trace_random& random) {
  // Of logarithms: of lengths, and of the time that equally long ones take.
  constexpr double lengths = 0.5;
  constexpr double times = 0.2;
  const auto scattered = [&random](double spread) {
    return std::exp(spread * random.normal() - spread * spread / 2);
  };
  const auto tokens = std::max(1.0, mean_tokens * scattered(lengths));
  trace.arrivals.push_back(second);
  trace.tokens.push_back(static_cast<float>(tokens));
  trace.seconds.push_back(static_cast<float>(tokens / trace.work.rate * scattered(times)));
}

} // namespace chalkstream::pipelines::tools
