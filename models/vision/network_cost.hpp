// What a network does with one image, the largest where they differ, found by walking its steps with sizes alone.
#pragma once

#include "core/error.hpp"
#include "models/vision/network.hpp"

#include <cstddef>
#include <span>

namespace chalkstream::models::vision {

struct network_cost {
  /// Floats in the row it ends in, or in each token.
  std::size_t width = 0;
  /// Tokens it ends in; 0: a row.
  std::size_t last_tokens = 0;
  double multiply_adds = 0;
  /// Tokens, if every layer attends over all of them; else 0.
  std::size_t tokens = 0;
};

/// invalid_configuration where the steps do not fit the image: a map that vanishes, or positions for another number
/// of tokens.
result<network_cost> cost_of(const image_input& input, std::span<const step> trunk, std::span<const step> ending);

/// What an image costs in the tokens of a text that would take as long (sequence::image_tokens): its own tokens,
/// where all of them pass through layers as a text's do; else its multiply-adds by those of a token of BERT-base, 85
/// million. At least 1.
std::size_t tokens_of(const network_cost& cost);

} // namespace chalkstream::models::vision
