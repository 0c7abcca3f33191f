// A tokenizer's model, whichever it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.hpp"
#include "models/text/bpe.hpp"
#include "models/text/token_piece.hpp"
#include "models/text/unigram.hpp"
#include "models/text/wordpiece.hpp"

namespace chalkstream::text {

using model_description = std::variant<wordpiece_description, bpe_description, unigram_description>;

/// The description's tokens, by id.
const std::vector<std::string>& vocabulary_of(const model_description& description);

/// Immutable; thread-safe.
class token_model {
public:
  /// Working memory of split(), kept by the caller between calls.
  struct scratch {
    bpe::scratch merging;
    unigram::scratch searching;
  };

  /// Errors as the model's own build().
  static result<token_model> build(const model_description& description);

  std::size_t vocabulary_size() const noexcept;
  std::int32_t unknown_id() const noexcept; // -1: none
  const wordpiece* as_wordpiece() const noexcept { return std::get_if<wordpiece>(&model_); }
  /// Unknown text keeps its own spelling, rather than the unknown token's.
  bool spells_unknown() const noexcept { return std::holds_alternative<unigram>(model_); }

  /// Cuts a non-empty word of valid UTF-8 into `out` (cleared first): its pieces in order.
  void split(std::string_view word, std::vector<token_piece>& out, scratch& work) const;

private:
  using kinds = std::variant<wordpiece, bpe, unigram>;
  explicit token_model(kinds model) : model_(std::move(model)) {}
  kinds model_;
};

} // namespace chalkstream::text
