#include "education/review_reason.hpp"

#include <array>
#include <utility>

namespace chalkstream::education {

// The first that fits counts.
review_reason review_reason_of(std::string_view sentence) noexcept {
  using enum review_reason;
  static constexpr std::array<std::pair<std::string_view, review_reason>, 29> phrases{{
      {"confidence ", unsure}, // "… 0.31 is below 0.50", "the essay model gives no …"
      {"no confidence", unsure},
      {"only its beginning", not_all_read},
      {"longer than the model reads", not_all_read},
      {"cut off", not_all_read},
      {"was cut", not_all_read},
      {"to its end", not_all_read},
      {"was not read", not_all_read},
      {"has no room", not_all_read},
      {"cannot take the question", not_all_read},
      {"does not know", language}, // a language, a script
      {"unknown to the model", language},
      {"address the grader", suspicious},
      {"hidden characters", suspicious},
      {"list of key words", suspicious},
      {"repeats itself", suspicious},
      {"say the reverse", contradiction},
      {"sure of another verdict", contradiction},
      {"not what the passages say", contradiction},
      {"no passage", nothing_found},
      {"no text was", nothing_found},
      {"nothing was found", nothing_found},
      {"wrote nothing", nothing_found},
      {"no sentence", nothing_found},
      {"no more sentences", nothing_found},
      {"no trained essay model", no_model},
      {"no model", no_model},
      {"no reference", nothing_found},
      {"awaits review", upstream},
  }};
  for (const auto& [phrase, reason] : phrases)
    if (sentence.find(phrase) != std::string_view::npos)
      return reason;
  return other;
}

} // namespace chalkstream::education
