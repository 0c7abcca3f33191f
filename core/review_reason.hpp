// Why a result went to a person: what is counted, and the sentence that the person reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace chalkstream {

/// The closed set behind chalkstream_review_reasons_total{reason}. A result may have several.
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

/// One whose sentence is always the same.
struct fixed_note {
  review_reason reason;
  std::string_view sentence;
};

struct review_note {
  review_note(review_reason why, std::string told) : reason(why), sentence(std::move(told)) {}
  review_note(fixed_note always) : reason(always.reason), sentence(always.sentence) {}
  bool operator==(const review_note&) const = default;

  review_reason reason;
  std::string sentence;
};

} // namespace chalkstream
