// What a model can be given, whoever made the tokens.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/description.hpp"

#include <cstddef>

namespace chalkstream::models {

struct sequence_limits {
  std::size_t vocabulary = 0;
  /// 0: token types are not looked at.
  std::size_t types = 0;
  std::size_t positions = 0;

  static sequence_limits of(const encoder_description& encoder) {
    return {encoder.vocabulary, encoder.types, encoder.positions};
  }

  /// invalid_argument for an empty or too long sequence, an id outside the vocabulary, or a wrong token type.
  result<void> check(const sequence& s) const;
};

} // namespace chalkstream::models
