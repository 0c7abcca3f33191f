// Lines of a stream as records, and results as lines of another, in the order they came: the engine without Kafka.
// One partition; a line's number (from 0) is its offset, and all lines share one key, so results keep their order.
#pragma once

#include "core/record_source.hpp"
#include "core/result_sink.hpp"
#include "core/task.hpp"

#include <atomic>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string_view>

namespace chalkstream::pipelines::tools {

/// Reads `in` on a thread of its own, at most `ahead` lines before they are asked for. `in` must outlive it.
std::unique_ptr<record_source> make_line_source(std::istream& in, std::size_t ahead = 4096);

/// What went out. Written by the engine's thread, read once it has ended.
struct line_counts {
  std::atomic<std::uint64_t> results{0};
  std::atomic<std::uint64_t> rejected{0};
};

/// Writes one line per result to `out`; a rejected line becomes {"id":null,"line":N,"error":"reason: detail"}.
std::unique_ptr<result_sink> make_line_sink(std::ostream& out, std::shared_ptr<line_counts> counts);

/// {"id":…,"error":…}, counted apart. `id` is JSON.
reply failed_line(std::string_view id, std::string_view why);

} // namespace chalkstream::pipelines::tools
