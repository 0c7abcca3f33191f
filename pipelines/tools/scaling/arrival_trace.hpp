// When records come, and what they come to: what a simulation of autoscaling is run on.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/scaling/trace_random.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines::tools {

/// What the records are worked off by, and until when.
struct simulated_work {
  /// Tokens a second that one replica works off, on average.
  double rate = 1000;
  /// Seconds from a record's arrival to its result.
  double deadline = 60;
  std::size_t least = 2;
  std::size_t most = 48;
};

struct arrival_trace {
  std::string name;
  std::string about;
  /// Seconds.
  double length = 0;
  /// Rises that replicas have to follow and to come back from.
  std::size_t bursts = 1;
  simulated_work work;
  /// When each record comes, ascending; its tokens, and how many seconds of one replica it takes. Equally long.
  std::vector<double> arrivals;
  std::vector<float> tokens;
  std::vector<float> seconds;
};

/// Kinds of records, by their mean length in tokens.
inline constexpr double short_answer_tokens = 100;
inline constexpr double essay_tokens = 1200;

/// The traces that need no file: exam, day-night, deadline, flash-crowd.
std::vector<std::string_view> made_up_traces();

/// The same for the same seed. invalid_argument, with what was meant, for another name.
result<arrival_trace> make_trace(std::string_view name, std::uint64_t seed);

/// Adds a record of that mean length; half of the records are between 0.7 and 1.4 of the middle one's.
void add_record(arrival_trace& trace, double second, double mean_tokens, trace_random& random);

} // namespace chalkstream::pipelines::tools
