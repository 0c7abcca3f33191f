// A program that is given bytes and answers with bytes, within bounds: what it reads may come from anybody.
#pragma once

#include "core/error.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::image {

struct child_limits {
  /// Of its memory, as the system counts it (address space).
  std::size_t memory = std::size_t{512} << 20;
  /// By the clock; it has at most as many seconds of processor time.
  std::chrono::milliseconds time{10'000};
  /// Of its answer.
  std::size_t output = std::size_t{256} << 20;
};

struct child_answer {
  std::string output;
  /// What it complained of, up to a few kilobytes.
  std::string complaints;
  /// Its exit status; 128 and the signal's number if it was killed.
  int status = 0;
  /// It was ended because its time was over, or its answer too long.
  bool over_time = false;
  bool over_output = false;
};

/// Runs `program` (found along PATH) with `arguments`; `input` is its standard input. There is no shell; it has no
/// files but those three streams, writes none, and sees no environment but PATH and LC_ALL=C. Its bounds stand before
/// it has read a byte. not_found if there is no such program, io if it cannot be started. Blocks until it has ended;
/// safe from any thread.
result<child_answer> run_child(const std::string& program, const std::vector<std::string>& arguments,
                               std::span<const std::byte> input, const child_limits& limits);

} // namespace chalkstream::image
