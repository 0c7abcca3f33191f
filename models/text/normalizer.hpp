// The normalizers of tokenizer.json. A sequence of them is a flat list of steps, applied in order to one piece of
// text; every character of the outcome remembers which code points of the input it stands for.
// Source of the rules: Hugging Face `tokenizers` (BertNormalizer, NFD, NFKD, NFC, NFKC, Lowercase, StripAccents).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace chalkstream::text {

struct normalizer_step {
  enum class kind : std::uint8_t { bert, lowercase, strip_accents, nfd, nfkd, nfc, nfkc };
  kind what = kind::bert;
  // bert only; strip_accents is settled (null in the file means: as lowercase)
  bool clean_text = true;
  bool handle_chinese_chars = true;
  bool strip_accents = true;
  bool lowercase = true;
};

/// Text as a normalizer leaves it: characters, and for each the code points [begin, end) it came from.
struct normalized_text {
  struct character {
    char32_t cp;
    std::uint32_t begin, end;
  };
  std::vector<character> characters;

  /// Starts over with valid UTF-8 whose first code point has index `first`.
  void assign(std::string_view text, std::uint32_t first);
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
  };

  explicit normalizer(std::vector<normalizer_step> steps) : steps_(std::move(steps)) {}

  void apply(normalized_text& text, scratch& work) const;

  /// What becomes of a character does not depend on its neighbours, as far as compositions go: no NFC or NFKC.
  bool composes() const noexcept;
  /// Some step puts combining marks into canonical order.
  bool decomposes() const noexcept;

private:
  std::vector<normalizer_step> steps_;
};

} // namespace chalkstream::text
