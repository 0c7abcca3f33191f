// Words and a vector for each: what word2vec makes, and what it is asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.hpp"

namespace chalkstream::text {

/// Immutable; reading is thread-safe.
class word_vectors {
public:
  struct neighbour {
    std::int32_t word;
    float similarity; // cosine, -1 to 1
  };

  /// `values`: a row of `width` floats for each word. `corrupt` when a word is empty, has white space or is there
  /// twice, a number is not finite, or the sizes disagree.
  static result<word_vectors> make(std::vector<std::string> words, std::size_t width, std::vector<float> values);

  std::size_t size() const noexcept { return words_.size(); }
  std::size_t width() const noexcept { return width_; }
  const std::vector<std::string>& words() const noexcept { return words_; }
  std::span<const float> vector(std::size_t word) const { return {values_.data() + word * width_, width_}; }
  /// -1: is not there.
  std::int32_t find(std::string_view word) const;

  /// Adds up the words' vectors and divides by how many there are; ids outside the vocabulary do not count. All zero
  /// when none is in it. `out` has `width` floats.
  void mean(std::span<const std::int32_t> of, std::span<float> out) const;

  /// The words nearest to the mean of the unit vectors of these, without themselves, the nearest first; of equals,
  /// the one with the smaller number. Linear in the vocabulary.
  std::vector<neighbour> nearest(std::span<const std::int32_t> to, std::size_t count) const;

private:
  word_vectors() = default;

  std::vector<std::string> words_;
  std::vector<float> values_;
  std::vector<float> lengths_; // of the vectors
  std::unordered_map<std::string_view, std::int32_t> numbers_;
  std::size_t width_ = 0;
};

/// The words of a text: runs of letters, marks, digits, connectors and joiners (\w), in lower case when asked. Valid
/// UTF-8 is expected. What a tokenizer of word vectors does, too.
std::vector<std::string> words_of(std::string_view text, bool lowercase);

} // namespace chalkstream::text
