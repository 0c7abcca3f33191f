// The normalizers of tokenizer.json. A sequence of them is a flat list of steps, applied in order to one piece of
// text; every character of the outcome remembers which code points of the input it stands for.
// Source of the rules: Hugging Face `tokenizers` (BertNormalizer, NFD, NFKD, NFC, NFKC, Lowercase, StripAccents, Nmt,
// Precompiled, Replace, Prepend, Strip, ByteLevel).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/text/charsmap.hpp"
#include "models/text/normalized_text.hpp"
#include "models/text/piece_normalizer.hpp"
#include "models/text/text_pattern.hpp"

namespace chalkstream::text {

struct normalizer_step {
  enum class kind : std::uint8_t {
    bert,
    lowercase,
    strip_accents,
    nfd,
    nfkd,
    nfc,
    nfkc,
    nmt,         // drops control characters, other odd ones become spaces
    precompiled, // by `map`
    replace,     // matches of `pattern` become `content`
    prepend,     // `content` comes first, unless the text is empty
    strip,       // whitespace at the ends
    byte_level,  // every byte becomes a character of GPT-2's alphabet
    pieces,      // as a SentencePiece model file says
  };
  kind what = kind::bert;
  // bert only; strip_accents is settled (null in the file means: as lowercase)
  bool clean_text = true;
  bool handle_chinese_chars = true;
  bool strip_accents = true;
  bool lowercase = true;
  // of one kind each
  std::shared_ptr<const charsmap> map = nullptr;
  std::shared_ptr<const piece_normalizer> pieces = nullptr;
  std::optional<text_pattern> pattern = std::nullopt;
  std::u32string content = {};
  bool strip_left = false, strip_right = false;
};

/// Immutable; thread-safe. Linear in the text.
class normalizer {
public:
  /// Working memory of apply(), kept by the caller between calls.
  struct scratch {
    /// A character on its way into a new text. `change` says how it relates to the old one, in the reference's
    /// terms: 1, inserted behind the previous character; 0, in place of the next; -n, in place of the next and the
    /// n behind it. What it stands for follows from that, not from where the character truly came from.
    struct change {
      char32_t cp;
      std::int32_t by;
      std::uint8_t combining_class;
    };
    std::vector<change> changes;
    std::vector<change> composed;
    std::vector<normalized_text::character> rewritten;
    std::vector<text_span> matches;
  };

  explicit normalizer(std::vector<normalizer_step> steps) : steps_(std::move(steps)) {}

  /// False when a regular expression gave up.
  bool apply(normalized_text& text, scratch& work) const;

  /// What becomes of a character depends on combining marks around it at most.
  bool is_local() const noexcept;

  /// What becomes of a character does not depend on its neighbours, as far as compositions go: no NFC or NFKC.
  bool composes() const noexcept;
  /// Some step puts combining marks into canonical order.
  bool decomposes() const noexcept;

private:
  std::vector<normalizer_step> steps_;
};

} // namespace chalkstream::text
