// What of a result is counted once it is committed: figures and closed sets, no id and no text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream {

/// Why a result went to a person. A result may have several; the sentences for people are in outcome::reasons.
enum class review_reason : std::uint8_t {
  unsure,        // confidence below the pipeline's bound, or none to be had
  not_all_read,  // longer than the model reads, or cut off while it was written
  language,      // a language, script or vocabulary the model does not know
  suspicious,    // hidden characters, lists of key words, words for the grader
  contradiction, // what was found contradicts itself
  nothing_found, // no text, answer or passage to judge
  no_model,      // none is configured that could judge it
  upstream,      // what it rests on awaits review itself
  other,
};
inline constexpr std::size_t review_reason_count = 9;
std::string_view to_string(review_reason reason) noexcept;

/// What results may be counted by, besides their pipeline: only names a person has listed, the rest together.
enum class group_kind : std::uint8_t { assignment, language, tenant };
inline constexpr std::size_t group_kind_count = 3;
std::string_view to_string(group_kind kind) noexcept;

/// Of each kind, the place of the group's name in its list, from 1; 0 is "other".
using group_places = std::array<std::uint8_t, group_kind_count>;

struct result_groups {
  static constexpr std::size_t most = 50; // names of one kind

  /// A kind without names is not counted by.
  std::array<std::vector<std::string>, group_kind_count> names;

  std::uint8_t place(group_kind kind, std::string_view name) const noexcept;
};

struct result_tally {
  /// Of the highest possible, 0 to 1.
  std::optional<float> score;
  std::optional<float> confidence;
  std::uint16_t reasons = 0; // a bit for each review_reason
  /// Where graded answers counted: whether the label is the one that people gave to the most similar of them.
  std::optional<bool> agrees;
  group_places groups{};

  void add(review_reason reason) noexcept {
    reasons |= static_cast<std::uint16_t>(1U << static_cast<unsigned>(reason));
  }
  bool has(review_reason reason) const noexcept { return (reasons >> static_cast<unsigned>(reason) & 1U) != 0; }
};

} // namespace chalkstream
