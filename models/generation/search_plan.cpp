#include "models/generation/search_plan.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace chalkstream::models {
namespace {

// What Hugging Face writes at most where nobody says anything.
constexpr std::size_t default_new_tokens = 20;
constexpr std::size_t most_beams = 64;

template <class To, class From>
void replace(To& by, const std::optional<From>& with) {
  if (with)
    by = *with;
}

error wrong(std::string what) {
  return {errc::invalid_argument, std::move(what)};
}

result<void> check(const generation_config& rules, const writing_limits& limits) {
  if (rules.beams == 0 || rules.beams > most_beams)
    return wrong("a search has 1 to " + std::to_string(most_beams) + " beams, not " + std::to_string(rules.beams));
  const auto kept = std::max<std::size_t>(2, 1 + rules.ends.size()) * rules.beams;
  if (rules.beams > 1 && kept > rules.beams * limits.vocabulary)
    return wrong("the model has too few tokens for a search with so many ends");
  if (!std::isfinite(rules.length_penalty))
    return wrong("the length penalty must be a number");
  if (!(rules.repetition_penalty > 0) || !std::isfinite(rules.repetition_penalty))
    return wrong("the repetition penalty must be more than 0");
  if (!(rules.temperature > 0) || !std::isfinite(rules.temperature))
    return wrong("the temperature must be more than 0; without sampling the most probable token is taken");
  if (!(rules.top_p >= 0 && rules.top_p <= 1))
    return wrong("top_p must be from 0 to 1");
  return {};
}

// The line's length with everything in it, as asked for.
std::size_t wanted_length(const generation_config& rules, std::size_t prompt) {
  if (rules.max_new_tokens)
    return prompt + *rules.max_new_tokens;
  return rules.max_length.value_or(prompt + default_new_tokens);
}

} // namespace

result<search_plan> plan_search(const generation_config& configured, const generation_settings& wanted,
                                std::vector<std::int32_t> prompt, const writing_limits& limits) {
  search_plan plan;
  plan.vocabulary = limits.vocabulary;
  plan.rules = configured;
  auto& rules = plan.rules;
  replace(rules.max_new_tokens, wanted.max_new_tokens);
  replace(rules.min_new_tokens, wanted.min_new_tokens);
  replace(rules.beams, wanted.beams);
  replace(rules.length_penalty, wanted.length_penalty);
  replace(rules.stop_early, wanted.stop_early);
  replace(rules.no_repeat_ngram, wanted.no_repeat_ngram);
  replace(rules.repetition_penalty, wanted.repetition_penalty);
  replace(rules.sample, wanted.sample);
  replace(rules.temperature, wanted.temperature);
  replace(rules.top_k, wanted.top_k);
  replace(rules.top_p, wanted.top_p);
  replace(plan.seed, wanted.seed);
  CHALK_CHECK(check(rules, limits));
  if (wanted.first_token
      && (*wanted.first_token < 0 || static_cast<std::size_t>(*wanted.first_token) >= limits.vocabulary))
    return wrong("the first token, " + std::to_string(*wanted.first_token) + ", is outside the model's vocabulary of "
                 + std::to_string(limits.vocabulary));
  if (wanted.max_new_tokens && *wanted.max_new_tokens == 0)
    return wrong("at least one new token must be allowed");

  // Hugging Face forces the configured one behind a prompt of one token only.
  if (prompt.size() != 1)
    rules.forced_first.reset();
  replace(rules.forced_first, wanted.first_token);
  // Nobody's line is longer than this, so sums cannot overflow.
  constexpr std::size_t most = std::size_t{1} << 40U;
  if (rules.max_new_tokens)
    rules.max_new_tokens = std::min(*rules.max_new_tokens, most);
  if (rules.min_new_tokens)
    rules.min_length = prompt.size() + std::min(*rules.min_new_tokens, most);
  const auto length = wanted_length(rules, prompt.size());
  plan.longest = std::min(length, limits.positions);
  plan.bounded_by_model = limits.positions < length;
  if (plan.longest <= prompt.size())
    return wrong("the prompt has " + std::to_string(prompt.size()) + " tokens, and prompt and text together may have "
                 + std::to_string(plan.longest));
  plan.prompt = std::move(prompt);
  return plan;
}

} // namespace chalkstream::models
