// Bad input is data: a rejection travels to the publisher like any result and becomes a dead letter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chalkstream {

/// The closed set behind chalkstream_dead_letters_total{reason} and the header chalkstream_reason.
enum class reject_reason : std::uint8_t {
  malformed_json,   // not JSON at all, or trailing bytes after it
  invalid_utf8,     // the value is not UTF-8
  too_large,        // the value is over the pipeline's byte limit
  too_deep,         // nesting over the limit
  wrong_type,       // a known field has another JSON type than it must
  missing_field,    // a required field is absent or null
  invalid_value,    // right type, impossible value: NaN score, negative maximum, malformed time
  unknown_type,     // `type` is not one the pipeline serves
  empty_value,      // the record has no value (a tombstone)
  empty_text,       // nothing but white space
  unreadable_image, // no image, truncated, corrupt, or of a kind that is not read
  image_too_large,  // over a limit on pixels, pages, memory or time
  unreachable_image, // its URI is not one that images may come from, or nothing is there
  unreadable_video, // the same three of clips
  video_too_large,
  unreachable_video,
  source_unavailable, // where it lies was away, or failed, each time it was asked: worth another try later
  text_too_long,    // over the model's length, and the pipeline is configured to reject that
  expired,          // its deadline passed before it cost anything
  prepare_failed,   // preparing it failed twice
  model_failed,     // the model failed on it alone
  crashed_process,  // it was in flight each time the process died
  result_too_large, // the broker refuses a result of that size
};
inline constexpr std::size_t reject_reason_count = 23;

std::string_view to_string(reject_reason reason) noexcept;

/// Where in a record's journey it was rejected; the header chalkstream_stage.
enum class stage : std::uint8_t { ingest, prepare, schedule, compute, complete, publish };
inline constexpr std::size_t stage_count = 6;
std::string_view to_string(stage where) noexcept;

struct rejection {
  reject_reason reason = reject_reason::malformed_json;
  stage where = stage::prepare;
  /// For people; names fields and limits, never quotes the submission.
  std::string detail;
  std::uint32_t attempts = 1;
};

} // namespace chalkstream
