// One text to tokens, without special tokens: added tokens are cut out, the rest is normalized, cut into words and
// given to the model. Two ways lead there and give the same: a single pass over the bytes with a table of what each
// character does, and the full rules for the stretches in which a character's fate depends on its neighbours.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "models/text/added_tokens.hpp"
#include "models/text/character_table.hpp"
#include "models/text/normalizer.hpp"
#include "models/text/offset_trim.hpp"
#include "models/text/pre_tokenizer.hpp"
#include "models/text/token_model.hpp"

namespace chalkstream::text {

/// Tokens as they are found, and where to stop.
class token_sink {
public:
  /// Why a text cannot be encoded.
  enum class failure : std::uint8_t { none, expression_gave_up, no_token };

  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  std::vector<std::int32_t> ids;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> offsets; // empty unless wanted

  /// Starts over. More than `limit` tokens are not needed, though a few more may come.
  void reset(bool want_offsets, std::size_t limit) {
    ids.clear();
    offsets.clear();
    want_offsets_ = want_offsets;
    limit_ = limit;
    failed_ = failure::none;
  }

  bool wants_offsets() const noexcept { return want_offsets_; }
  bool is_full() const noexcept { return failed_ != failure::none || ids.size() > limit_; }

  /// The text cannot be encoded: nothing that comes counts.
  void fail(failure why) noexcept { failed_ = why; }
  failure failed() const noexcept { return failed_; }

  void add(std::int32_t id, std::uint32_t begin, std::uint32_t end) {
    ids.push_back(id);
    if (want_offsets_)
      offsets.emplace_back(begin, end);
  }

  /// Forgets all but the first `size` tokens.
  void back_to(std::size_t size) {
    ids.resize(size);
    if (want_offsets_)
      offsets.resize(size);
  }

private:
  bool want_offsets_ = true;
  std::size_t limit_ = unlimited;
  failure failed_ = failure::none;
};

/// What a tokenizer is made of.
struct encoder_parts {
  normalizer normalize;
  pre_tokenizer cut;
  token_model model;
  std::vector<added_token> added;
  std::vector<offset_trim> trims;
  std::vector<token_edges> edges; // by id, of the model's tokens; empty without trims
};

/// Immutable; thread-safe. Working memory lives with each thread.
class text_encoder {
public:
  static result<std::unique_ptr<const text_encoder>> build(encoder_parts parts);

  /// `text` is valid UTF-8 of less than 2^32 bytes. Offsets count its code points. The sink has failed afterwards
  /// when a regular expression gave up on the text, or the model has no token for a word.
  void encode(std::string_view text, token_sink& sink) const;

  const token_model& model() const noexcept { return model_; }

private:
  struct scratch;
  class pass;
  struct byte_rule {
    char to;           // the byte it becomes
    std::uint8_t does; // a character_table::action; bytes outside ASCII depend
  };

  explicit text_encoder(encoder_parts parts);

  /// Each encodes a stretch without raw added tokens whose first code point has index `first`; true when the sink
  /// needs no more.
  bool encode_stretch(std::string_view text, std::uint32_t first, token_sink& sink, scratch& work) const;
  bool encode_by_rules(std::string_view text, std::uint32_t first, token_sink& sink, scratch& work) const;
  bool encode_words(std::size_t begin, std::size_t end, token_sink& sink, scratch& work) const;
  bool encode_word(std::span<const normalized_text::character> word, token_sink& sink, scratch& work) const;
  void add_piece(std::int32_t id, std::string_view spelled, std::pair<std::uint32_t, std::uint32_t> offsets,
                 token_sink& sink) const;
  void add_token(std::int32_t id, std::string_view spelled, std::pair<std::uint32_t, std::uint32_t> offsets,
                 token_sink& sink) const;

  normalizer normalize_;
  pre_tokenizer cut_;
  token_model model_;
  std::vector<offset_trim> trims_;
  std::vector<token_edges> edges_;
  std::unique_ptr<const added_tokens> added_;
  std::unique_ptr<const character_table> table_; // null: every stretch goes by the full rules
  std::array<byte_rule, 256> bytes_{};
};

} // namespace chalkstream::text
