// What of a result is counted once it is committed: figures and closed sets, no id and no text.
#pragma once

#include "core/review_reason.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream {

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

/// How near a grade lies to what a person made of it.
enum class agreement : std::uint8_t {
  exact,
  adjacent, // one step of the scale away
  apart,
  unknown, // the grade is not known, or has nothing that could be compared
};
inline constexpr std::size_t agreement_count = 4;
std::string_view to_string(agreement how) noexcept;

/// A person's grade beside the engine's; both scores, of the highest possible, where both have one.
struct compared_grades {
  agreement how = agreement::unknown;
  struct pair {
    float person = 0;
    float engine = 0;
  };
  std::optional<pair> scores;
};

struct result_tally {
  /// Of the highest possible, 0 to 1.
  std::optional<float> score;
  std::optional<float> confidence;
  std::uint16_t reasons = 0; // a bit for each review_reason
  /// Where graded answers counted: whether the label is the one that people gave to the most similar of them.
  std::optional<bool> agrees;
  /// Of what a person made of a grade.
  std::optional<compared_grades> compared;
  group_places groups{};

  void add(review_reason reason) noexcept {
    reasons |= static_cast<std::uint16_t>(1U << static_cast<unsigned>(reason));
  }
  bool has(review_reason reason) const noexcept { return (reasons >> static_cast<unsigned>(reason) & 1U) != 0; }
};

} // namespace chalkstream
