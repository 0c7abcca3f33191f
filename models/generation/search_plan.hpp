// How one text is written: what the model's directory says with what was asked for on top, and every length counted.
#pragma once

#include "core/error.hpp"
#include "models/generation/generation_config.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chalkstream::models {

/// What the model itself allows.
struct writing_limits {
  std::size_t vocabulary = 0;
  /// The longest line, prompt included.
  std::size_t positions = 0;
};

struct search_plan {
  std::size_t vocabulary = 0;
  /// What the line begins with.
  std::vector<std::int32_t> prompt;
  /// Tokens of the line, prompt included: more than the prompt's.
  std::size_t longest = 0;
  /// The model's own bound is nearer than the length asked for.
  bool bounded_by_model = false;
  std::uint64_t seed = 0;
  /// The rest, in force; min_length and forced_first stand for what was asked for, too.
  generation_config rules;
};

/// As Hugging Face resolves them: new tokens before lengths, 20 new ones where nothing is said. invalid_argument for
/// settings that make no sense, for a prompt that leaves no room, and for more beams than there are tokens.
result<search_plan> plan_search(const generation_config& configured, const generation_settings& wanted,
                                std::vector<std::int32_t> prompt, const writing_limits& limits);

} // namespace chalkstream::models
