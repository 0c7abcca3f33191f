// The regular expressions of tokenizer.json, run by ICU but read as the reference's engine (Oniguruma, Ruby's syntax)
// reads them: its Unicode version, its line ends. What the two read differently is refused by name.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "models/text/normalized_text.hpp"

namespace chalkstream::text {

/// Characters [begin, end) of a text.
struct text_span {
  std::size_t begin, end;
};

/// Immutable; thread-safe. Copies share what was compiled.
class regex {
public:
  /// `pattern` is valid UTF-8. `corrupt` when it is not a pattern, `unsupported` when its meaning here would differ.
  static result<regex> compile(std::string_view pattern);

  /// All matches from left to right into `out` (cleared first). False when the text asks for more steps or memory
  /// than a match may have.
  bool find_all(std::span<const normalized_text::character> text, std::vector<text_span>& out) const;

private:
  struct compiled;
  explicit regex(std::shared_ptr<const compiled> made) : compiled_(std::move(made)) {}
  std::shared_ptr<const compiled> compiled_;
};

/// The pattern in ICU's syntax. Split from regex for tests.
result<std::string> icu_pattern(std::string_view pattern);

} // namespace chalkstream::text
