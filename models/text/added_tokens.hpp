// Tokens that are found in the text as they stand, before it is cut into words: "[SEP]", or whatever a model's
// authors added. Tokens with `normalized` are looked for, in their own normalized form, in the normalized text; the
// others in the text as it came. The leftmost longest match wins, and flags decide whether it counts.
// Source of the rules: Hugging Face `tokenizers`, AddedVocabulary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "models/text/byte_trie.hpp"
#include "models/text/normalizer.hpp"

namespace chalkstream::text {

struct added_token {
  std::string content;
  std::int32_t id = 0;
  bool special = false;
  bool single_word = false; // not inside a word
  bool lstrip = false;      // takes the whitespace before it
  bool rstrip = false;      // takes the whitespace behind it
  bool normalized = false;
  bool at_start = false; // only where the text begins, or right behind another token
};

/// Valid UTF-8 as the normalizer leaves it; empty when a regular expression gave up.
std::string normalized_form(const std::string& content, const normalizer& normalize);

/// Immutable; thread-safe.
class added_tokens {
public:
  /// A stretch of text: a token (id ≥ 0) or what lies between tokens (id -1). Bytes [begin, end). Stretches follow
  /// each other; those of tokens with lstrip or rstrip may overlap the stretch before.
  struct stretch {
    std::size_t begin, end;
    std::int32_t id;
  };

  /// `corrupt` when two tokens read the same or one reads as nothing (after normalization).
  static result<added_tokens> build(std::vector<added_token> tokens, const normalizer& normalize);

  bool any_raw() const noexcept { return !raw_.empty(); }
  bool any_normalized() const noexcept { return !normalized_.empty(); }

  /// Cuts valid UTF-8 at the tokens looked for in the text as it came, into `out` (cleared first).
  void cut_raw(std::string_view text, std::vector<stretch>& out) const { cut(text, raw_, raw_first_, out); }
  /// Likewise for normalized text.
  void cut_normalized(std::string_view text, std::vector<stretch>& out) const {
    cut(text, normalized_, normalized_first_, out);
  }

private:
  using first_bytes = std::vector<bool>; // by byte: some token begins so

  added_tokens() = default;
  void cut(std::string_view text, const byte_trie& trie, const first_bytes& first, std::vector<stretch>& out) const;

  std::vector<added_token> tokens_; // a trie's values are positions here
  byte_trie raw_;
  byte_trie normalized_;
  first_bytes raw_first_;
  first_bytes normalized_first_;
};

} // namespace chalkstream::text
