// A person's own record of arrivals as a trace.
//
// CSV, the first row names the columns, gzip or not (.gz):
//   seconds   when a stretch of time begins, from the beginning of the trace; ascending
//   records   how many came in it, until the next row's beginning; the last stretch is as long as the one before it
//   tokens    their mean length; may be absent: an essay's
// Within a stretch they come at random moments, the same for the same seed.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/scaling/arrival_trace.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace chalkstream::pipelines::tools {

inline constexpr std::size_t most_trace_records = 20'000'000;
inline constexpr double longest_trace = 400 * 86400.0; // seconds

/// Errors name the file and the line. Each record of the file comes `scale` times.
result<arrival_trace> read_trace(const std::filesystem::path& file, const simulated_work& work, std::size_t scale,
                                 std::uint64_t seed);

/// A text file's content, unpacked where its name ends in .gz. Refused beyond a gigabyte.
result<std::string> read_text(const std::filesystem::path& file);

} // namespace chalkstream::pipelines::tools
