// Examples as a model sees them: tokens, and the goal among them.
#pragma once

#include "core/error.hpp"
#include "models/text/tokenizer.hpp"
#include "models/training/trainable_encoder.hpp"
#include "pipelines/tools/training/examples.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace chalkstream::pipelines::tools {

struct tokenized_example {
  sequence tokens;
  models::training::target goal;
  /// Of span, as infer has them: what each token's offsets point into, and the passage's tokens.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> offsets;
  std::pair<std::size_t, std::size_t> passage{0, 0};
  /// Of the example it was made of.
  std::size_t example = 0;
};

struct tokenizing {
  const text::tokenizer& by;
  learnt learns = learnt::label;
  /// Ids of labels are their places here.
  std::vector<std::string> labels;
  /// What is longer is cut as infer cuts it.
  std::size_t max_tokens = 512;
};

/// One for each example, cut as infer cuts it. A text that cannot be tokenised is an error with its file and line.
result<std::vector<tokenized_example>> tokenize(const example_set& set, const tokenizing& how);

/// The same but for passages over the model's length, which come in several windows that overlap by a quarter of it;
/// a window without the answer says so by its first token.
result<std::vector<tokenized_example>> tokenize_in_windows(const example_set& set, const tokenizing& how);

} // namespace chalkstream::pipelines::tools
