// One record's way through the engine, stage by stage, for tracing. Made only of records that are traced; whoever
// owns the record writes into it, so it needs no lock. It holds no text and no learner.
#pragma once

#include "core/clock.hpp"
#include "core/record.hpp"
#include "core/rejection.hpp"
#include "core/trace_context.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream {

enum class journey_stage : std::uint8_t {
  intake,   // read, until a worker began to prepare it
  prepare,  // decoding and tokenising
  queue,    // ready, until a slot took it
  compute,  // inside the model, with the batch it was part of
  complete, // outputs to a result
  publish,  // finished, until its transaction was committed
};
std::string_view to_string(journey_stage stage) noexcept;

struct journey {
  /// The trace, and our span in it: what goes into the headers of results.
  trace_context own;
  /// The span that the record came with.
  std::optional<span_id> parent;

  std::string pipeline;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;

  struct stage_time {
    journey_stage stage = journey_stage::intake;
    time_point from{};
    time_point to = {};              // of publish: when its transaction is through
    std::uint32_t batch_records = 0; // of compute
  };
  time_point begun{};
  time_point ended{};
  std::vector<stage_time> stages = {};
  bool review = false;
  std::optional<reject_reason> rejected = {};

  /// Steps of the same computation that follow each other become one: a text is written in hundreds of them.
  void add(stage_time spent);
};

/// Takes journeys in. Called from any thread; never blocks, never throws.
class journey_recorder {
public:
  virtual ~journey_recorder() = default;

  /// Null where this record is not traced. `parent` is what its header said, if that could be read.
  virtual std::shared_ptr<journey> begin(const std::optional<trace_context>& parent) = 0;

  /// Its result or dead letter is committed; nobody writes into it any more.
  virtual void end(std::shared_ptr<const journey> done) = 0;
};

/// The context in a record's headers, if there is a well-formed one.
std::optional<trace_context> context_of(const record& input);

/// Headers by which a result goes on with the trace of its record: of our own span where there is one, else what the
/// record came with. What is malformed is left out.
std::vector<header> trace_headers(const record& input, const journey* own);

/// Of a dead letter, which has the record's own headers already: a traceparent among them becomes our span's.
void continue_trace(std::vector<header>& headers, const journey* own);

} // namespace chalkstream
