// What a search does to a row of logits before it chooses: penalties, bans and forced tokens, then, for sampling,
// temperature and cuts; in Hugging Face's order. Pure arithmetic over one line's row.
#pragma once

#include "models/generation/search_plan.hpp"

#include <cstdint>
#include <span>

namespace chalkstream::models {

/// Turns logits into log-probabilities, in place. A row of nothing but -infinity stays one.
void log_softmax(std::span<float> row);

/// What log_softmax would make of one of them.
float log_probability(std::span<const float> row, std::size_t token);

/// The most probable token, the first of equals.
std::size_t most_probable(std::span<const float> row);

/// Applies a plan's rules to the row behind `ids`, the prompt and what was written, in place. A token that may not
/// come becomes -infinity.
void apply_rules(const search_plan& plan, std::span<const std::int32_t> ids, std::span<float> row);

/// The half of apply_rules that is only there when tokens are drawn: temperature, top_k and top_p.
void narrow(const generation_config& rules, std::span<float> row);

} // namespace chalkstream::models
