// The part of a model that predicts the next token, on one device: a decoder, with an encoder for its source where
// the family has one. How tokens are chosen is not its business.
#pragma once

#include "core/model.hpp"
#include "models/vision/picture_form.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace chalkstream::models {

/// The keys and values of one line of tokens, in blocks of a decoder's cache. Lines that were forked share blocks
/// until one of them writes. One owner at a time; destroying it gives its blocks back.
class decoder_line {
public:
  virtual ~decoder_line() = default;

  /// Tokens seen so far.
  virtual std::size_t length() const noexcept = 0;

  /// Another line that goes on from here; the source's keys and values are shared, not copied.
  virtual std::unique_ptr<decoder_line> fork() const = 0;
};

/// Immutable but for its cache; may be called from many threads at once, with different lines.
class decoder {
public:
  virtual ~decoder() = default;

  virtual std::size_t vocabulary() const noexcept = 0;

  /// The longest line, and the longest source (0: it has no encoder, the prompt is the line's beginning).
  virtual std::size_t positions() const noexcept = 0;
  virtual std::size_t source_positions() const noexcept = 0;

  /// The pictures that its sources are, each of which takes all of source_positions(); null: they are texts.
  virtual const vision::picture_form* pictures() const noexcept { return nullptr; }

  /// Tokens of a source, as lines see it.
  std::size_t length_of(const sequence& source) const noexcept {
    return pictures() != nullptr ? source_positions() : source.ids.size();
  }

  /// Takes room in the cache for `lines` lines of up to `longest` tokens with a source of `source` tokens, and counts
  /// it against the cache until release(): 0 if there is none at present, else the blocks taken. Blocks themselves
  /// are only filled as lines grow.
  virtual std::size_t reserve(std::size_t lines, std::size_t longest, std::size_t source) const = 0;
  virtual void release(std::size_t blocks) const noexcept = 0;
  /// Blocks of the whole cache; what reserve() would need beyond it can never be served.
  virtual std::size_t blocks() const noexcept = 0;
  virtual std::size_t blocks_for(std::size_t lines, std::size_t longest, std::size_t source) const noexcept = 0;
  /// Blocks that lines and sources hold at present; never more than are reserved if all of them were reserved.
  virtual std::size_t blocks_taken() const noexcept { return 0; }

  /// An empty line for each source, which is encoded here, texts all of them packed (null for a decoder alone).
  /// Throws std::bad_alloc, or whatever LibTorch throws; likewise advance().
  virtual std::vector<std::unique_ptr<decoder_line>> begin(std::span<const sequence* const> sources) const = 0;

  struct input {
    /// Of this decoder; each at most once in a call.
    decoder_line* line = nullptr;
    /// At least one.
    std::span<const std::int32_t> ids;
  };

  /// Appends each input's tokens to its line, prompts and single tokens packed together without padding, and writes
  /// the logits behind its last token: a row of vocabulary() floats an input. Throws std::invalid_argument, with no
  /// line changed, for ids outside the vocabulary and more tokens than positions, as begin() does for its sources.
  virtual void advance(std::span<const input> inputs, std::span<float> logits) const = 0;
};

} // namespace chalkstream::models
