// The pre-tokenizers of tokenizer.json: they cut normalized text into words, and may drop what lies between. A
// sequence of them is a flat list of steps, each cutting the words of the one before.
// Source of the rules: Hugging Face `tokenizers` (BertPreTokenizer, Whitespace, WhitespaceSplit, Punctuation).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/text/normalizer.hpp"

namespace chalkstream::text {

struct pre_tokenizer_step {
  enum class kind : std::uint8_t {
    bert,             // drops whitespace, punctuation characters stand alone
    whitespace,       // \w+|[^\w\s]+
    whitespace_split, // drops whitespace
    punctuation,      // as `behavior` says
  };
  /// What becomes of a punctuation character.
  enum class behavior : std::uint8_t { removed, isolated, merged_with_previous, merged_with_next, contiguous };
  kind what = kind::bert;
  behavior how = behavior::isolated;
};

/// Immutable; thread-safe. Linear in the text.
class pre_tokenizer {
public:
  /// Characters [begin, end) of a normalized text; never empty.
  struct word {
    std::size_t begin, end;
  };

  explicit pre_tokenizer(std::vector<pre_tokenizer_step> steps) : steps_(std::move(steps)) {}

  /// Cuts the words in `words` further. `work` is memory kept by the caller between calls.
  void apply(const normalized_text& text, std::vector<word>& words, std::vector<word>& work) const;

  /// Every step decides by single characters and their direct neighbours, so that a text can be cut in one pass.
  bool is_local() const noexcept;
  /// Whitespace always ends a word and is never part of one.
  bool drops_whitespace() const noexcept;

  /// How a single pass treats a character, for pre-tokenizers that are local.
  struct role {
    bool dropped;     // ends a word, is in none
    bool isolated;    // a word of its own
    std::uint8_t run; // otherwise: neighbours with the same number stay together; 0 to 3
  };
  role of(char32_t cp) const noexcept;

private:
  std::vector<pre_tokenizer_step> steps_;
};

} // namespace chalkstream::text
