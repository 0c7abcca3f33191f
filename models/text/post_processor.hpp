// The post-processors of tokenizer.json as one thing: a template for a single text and one for a pair, each a list
// of pieces that are either a text's tokens or special tokens. BertProcessing and RobertaProcessing are templates
// too, ByteLevel only trims offsets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/text/offset_trim.hpp"

namespace chalkstream::text {

struct template_piece {
  enum class kind : std::uint8_t { first, second, special };
  kind what = kind::first;
  std::int32_t type = 0;
  std::vector<std::int32_t> ids; // special only
};

/// Without a post-processor: the texts' tokens, one behind the other, types 0 and 1.
struct post_processor {
  std::vector<template_piece> single{{template_piece::kind::first, 0, {}}};
  std::vector<template_piece> pair{{template_piece::kind::first, 0, {}}, {template_piece::kind::second, 1, {}}};
  std::vector<offset_trim> trims; // in order, before anything else

  /// Special tokens the template adds.
  static std::size_t added(const std::vector<template_piece>& pieces) {
    std::size_t count = 0;
    for (const template_piece& piece : pieces)
      count += piece.ids.size();
    return count;
  }
};

} // namespace chalkstream::text
