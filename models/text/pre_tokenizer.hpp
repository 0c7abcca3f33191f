// The pre-tokenizers of tokenizer.json: they cut normalized text into words, and may drop what lies between. A
// sequence of them is a flat list of steps, each cutting the words of the one before; some rewrite the words too.
// Source of the rules: Hugging Face `tokenizers` (BertPreTokenizer, Whitespace, WhitespaceSplit, Punctuation, Digits,
// CharDelimiterSplit, UnicodeScripts, FixedLength, Split, ByteLevel, Metaspace).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/text/normalized_text.hpp"
#include "models/text/text_pattern.hpp"

namespace chalkstream::text {

struct pre_tokenizer_step {
  enum class kind : std::uint8_t {
    bert,             // drops whitespace, punctuation characters stand alone
    whitespace,       // \w+|[^\w\s]+
    whitespace_split, // drops whitespace
    punctuation,      // as `how` says
    digits,           // isolated or contiguous
    delimiter,        // drops `character`
    scripts,          // a word for each run of one script; what has none goes with the run before it, if there is one
    fixed_length,     // `length` characters each
    split,            // matches of `pattern`, as `how` says
    byte_level,       // cut by `pattern`, if any; then every byte is a character of GPT-2's alphabet
    metaspace,        // spaces become `character`
    words,            // \w+, drops the rest: what words_of does
  };
  /// What becomes of a punctuation character, a digit or a match.
  enum class behavior : std::uint8_t { removed, isolated, merged_with_previous, merged_with_next, contiguous };
  /// When a word that does not begin with a space (metaspace: with `character`) gets one.
  enum class prepend_scheme : std::uint8_t { never, first, always };

  kind what = kind::bert;
  behavior how = behavior::isolated;
  std::optional<text_pattern> pattern = std::nullopt;
  bool invert = false; // split: what does not match is a match
  char32_t character = 0;
  prepend_scheme prepend = prepend_scheme::never; // byte_level and metaspace
  std::size_t length = 0;                         // fixed_length
  bool cut_at_character = true;                   // metaspace: every `character` begins a word
};

/// Immutable; thread-safe. Linear in the text, as far as regular expressions are.
class pre_tokenizer {
public:
  /// Characters [begin, end) of a normalized text; never empty.
  using word = text_span;

  /// Working memory of apply(), kept by the caller between calls.
  struct scratch {
    std::vector<word> words;
    std::vector<text_span> matches;
    std::vector<normalized_text::character> characters;
    std::vector<normalized_text::character> spaced; // one word with its space
  };

  explicit pre_tokenizer(std::vector<pre_tokenizer_step> steps) : steps_(std::move(steps)) {}

  /// Cuts the words in `words` further; when rewrites(), `text` becomes another. False when a regular expression
  /// gave up.
  bool apply(normalized_text& text, std::vector<word>& words, scratch& work) const;

  bool rewrites() const noexcept;
  /// Every step decides by single characters and their direct neighbours, so that a text can be cut in one pass.
  bool is_local() const noexcept;
  /// Whitespace always ends a word and is never part of one. For pre-tokenizers that are local.
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
