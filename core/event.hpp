// What a learner handed in, decoded. `education/` makes these from bytes; the learner is a pseudonym from then on.
#pragma once

#include "core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream {

enum class event_type : std::uint8_t { short_answer, essay, image, question, video };
std::string_view to_string(event_type type) noexcept;

/// Order in which work is taken when several records wait; a lower value goes first.
enum class priority : std::uint8_t { exam, interactive, normal, bulk };
inline constexpr std::size_t priority_count = 4;
std::string_view to_string(priority level) noexcept;

/// An image or a clip as it was handed in: its bytes, or where they lie.
struct submitted_image {
  /// A claim; what it is shows in the bytes.
  std::string media_type;
  std::string bytes;
  /// Where there are no bytes.
  std::string uri;
  /// Of the bytes, in hexadecimal; empty: not told.
  std::string sha256;
};

/// An answer to the same question that a person has graded already.
struct graded_answer {
  std::string text;
  /// One that answers may have; empty if it came with a score alone.
  std::string label;
  /// Out of the event's max_score.
  std::optional<double> score;
};

struct event {
  std::string id;
  std::string tenant;
  /// The learner's keyed pseudonym; the original id ends at the decoder.
  std::string learner;
  std::string course;
  std::string assignment;
  std::string item;
  std::int64_t attempt = 1;
  event_type type = event_type::short_answer;
  /// UTF-8, validated.
  std::string text;
  /// Of type image.
  std::optional<submitted_image> image;
  /// Of type video.
  std::optional<submitted_image> video;
  std::vector<std::string> references;
  /// What was asked; empty if the event does not say.
  std::string question;
  std::vector<graded_answer> graded;
  std::optional<double> max_score;
  /// Of a summary; absent: as the pipeline is configured.
  std::optional<std::size_t> max_sentences;
  /// BCP 47 tag as sent, e.g. "en" or "zh-Hans".
  std::optional<std::string> lang;
  std::optional<wall_time> deadline;
  std::optional<priority> urgency;
  std::optional<wall_time> occurred_at;
};

} // namespace chalkstream
