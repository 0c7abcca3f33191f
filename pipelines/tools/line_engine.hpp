// One model and one task over the lines of a stream: the engine that serves Kafka, without it.
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/model.hpp"
#include "core/task.hpp"

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

namespace chalkstream::pipelines::tools {

struct line_engine_settings {
  std::shared_ptr<const model> compute;
  std::shared_ptr<const task> steps;
  std::size_t slots = 1;
  /// Where the model is, as metrics name it.
  std::string device = "cpu";
  /// Tokens a batch may hold.
  std::size_t token_budget = 512;
};

struct infer_counts {
  std::uint64_t answered = 0;
  /// Lines that could not be read or judged; their answer has an `error` instead.
  std::uint64_t rejected = 0;
};

/// Blocks until `in` has ended and every line has its answer; they come in the lines' order. An output that cannot be
/// written is an error.
result<infer_counts> run_lines(std::istream& in, std::ostream& out, const line_engine_settings& settings, log& log);

} // namespace chalkstream::pipelines::tools
