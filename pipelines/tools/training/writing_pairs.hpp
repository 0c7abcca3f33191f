// Texts and what is to be written from them, as a model sees them.
#pragma once

#include "core/error.hpp"
#include "models/text/tokenizer.hpp"
#include "models/training/trainable_writer.hpp"
#include "pipelines/tools/training/examples.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct writing_pair {
  std::vector<std::int32_t> source;
  std::vector<std::int32_t> target;

  models::training::writing_example view() const { return {source, target}; }
  std::size_t tokens() const { return source.size() + target.size(); }
};

struct pair_tokenizing {
  const text::tokenizer& texts;
  const text::tokenizer& targets;
  /// Before every text, word for word.
  std::string prefix;
  /// What ends a line; a target whose tokenizer does not say so gets it.
  std::optional<std::int32_t> end;
  /// The tokenizer's special tokens are the source's alone; a target gets `first`, if there is one, and `end`.
  bool bare_targets = false;
  std::optional<std::int32_t> first;
  /// What is longer is cut.
  std::size_t max_source = 512;
  std::size_t max_target = 512;
};

/// One for each example. A text that cannot be tokenised is an error with its file and line.
result<std::vector<writing_pair>> tokenize_pairs(const example_set& set, const pair_tokenizing& how);

} // namespace chalkstream::pipelines::tools
