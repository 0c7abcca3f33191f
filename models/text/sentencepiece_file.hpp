// A SentencePiece model file (sentencepiece.bpe.model, spiece.model, source.spm, tokenizer.model) as it stands: its
// pieces and how a text is prepared for them. What such a file can say and this build does not do is an error that
// names it. Source of the format: https://github.com/google/sentencepiece, sentencepiece_model.proto
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "models/text/charsmap.hpp"

namespace chalkstream::text {

struct sentencepiece_file {
  enum class piece_kind : std::uint8_t {
    normal = 1,
    unknown = 2,      // stands for what no piece fits
    control = 3,      // never in a text
    user_defined = 4, // always a token of its own
    unused = 5,       // never the outcome
    byte = 6,         // <0x00> to <0xFF>
  };
  struct piece {
    std::string text;
    float score = 0;
    piece_kind kind = piece_kind::normal;
  };
  enum class algorithm : std::uint8_t { unigram = 1, bpe = 2 };

  std::vector<piece> pieces; // by id
  std::size_t unknown = 0;   // the one piece that is `unknown`
  algorithm model = algorithm::unigram;
  bool byte_fallback = false; // all 256 bytes are pieces, then
  // How a text is prepared.
  std::shared_ptr<const charsmap> map; // null: characters stay as they are
  bool dummy_prefix = true;            // a space comes first (`whitespace_as_suffix`: last)
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true; // spaces become U+2581
  bool whitespace_as_suffix = false;
};

/// `corrupt` when the bytes are no such file or contradict themselves: a piece that is there twice, none or several
/// for the unknown, a score that is no number. `unsupported`: models of whole words or single characters, and rules
/// for turning tokens back into text.
result<sentencepiece_file> read_sentencepiece_file(std::string_view bytes);

} // namespace chalkstream::text
