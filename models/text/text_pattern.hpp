// What Split and Replace look for: a string as it stands or a regular expression. The expressions that decide the
// speed of tokenizers are recognized and matched by hand: those of GPT-2, of Llama 3 and Qwen, and the " {2,}" of
// SentencePiece's models.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.hpp"
#include "models/text/normalized_text.hpp"
#include "models/text/regex.hpp"

namespace chalkstream::text {

/// Immutable; thread-safe.
class text_pattern {
public:
  /// `pattern` is valid UTF-8. `unsupported` when it is empty.
  static result<text_pattern> string(std::string_view pattern);
  /// Errors as regex::compile.
  static result<text_pattern> expression(std::string_view pattern);
  /// GPT-2's, which ByteLevel has built in.
  static text_pattern gpt2() { return text_pattern(by_hand{rules::gpt2, 0}); }

  /// All matches from left to right into `out` (cleared first). False when a regular expression gave up.
  bool find_all(std::span<const normalized_text::character> text, std::vector<text_span>& out) const;

private:
  enum class rules : std::uint8_t { gpt2, llama3, spaces };
  struct by_hand {
    rules which;
    std::size_t digits; // llama3: of a number at most
  };
  template <class Kind>
  explicit text_pattern(Kind kind) : kind_(std::move(kind)) {}

  std::variant<std::u32string, regex, by_hand> kind_;
};

} // namespace chalkstream::text
