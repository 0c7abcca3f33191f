// The decoders of tokenizer.json: from the tokens' spellings to text. A sequence of them is a flat list of steps,
// each rewriting the list of spellings; in the end they are joined.
// Source of the rules: Hugging Face `tokenizers` (WordPiece, ByteLevel, Metaspace, BPEDecoder, ByteFallback, Fuse,
// Strip, Replace, CTC).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/text/text_pattern.hpp"

namespace chalkstream::text {

struct decoder_step {
  enum class kind : std::uint8_t {
    wordpiece,     // a space before every token but the first and those that begin with `from`, which goes
    byte_level,    // characters of GPT-2's alphabet are bytes
    metaspace,     // `character` becomes a space
    bpe,           // `from` becomes a space, in the last token nothing
    byte_fallback, // <0x0A> is a byte
    fuse,          // the tokens become one
    strip,         // `character` goes, at most so often at either end
    replace,       // matches of `pattern` become `to`
    ctc,           // repeated tokens and `from` go, `to` becomes a space
  };
  kind what = kind::fuse;
  std::string from = {}, to = {};
  std::optional<text_pattern> pattern = std::nullopt;
  char32_t character = 0;
  std::size_t start = 0, stop = 0; // strip
  bool drop_first = false;         // metaspace: the first token's `character` goes instead
  bool cleanup = false;            // wordpiece and ctc: no spaces before punctuation and contractions
};

/// Immutable; thread-safe.
class decoder {
public:
  explicit decoder(std::vector<decoder_step> steps) : steps_(std::move(steps)) {}

  /// Nothing when a regular expression gave up. Tokens are valid UTF-8; so is the text, U+FFFD standing for bytes
  /// that are not.
  std::optional<std::string> join(std::vector<std::string> tokens) const;

private:
  std::vector<decoder_step> steps_;
};

} // namespace chalkstream::text
