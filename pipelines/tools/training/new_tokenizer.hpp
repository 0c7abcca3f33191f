// A tokenizer for a model that begins with nothing: the words of its rows, as white space separates them, for texts
// that are tokenised already or are to be learnt word by word. One vocabulary for texts and targets.
#pragma once

#include "core/error.hpp"
#include "models/text/tokenizer.hpp"
#include "models/training/trainable_writer.hpp"
#include "pipelines/tools/training/examples.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace chalkstream::pipelines::tools {

struct vocabulary_settings {
  /// Rarer words are the unknown one.
  std::size_t min_count = 3;
  /// The most frequent ones are kept, special tokens among them.
  std::size_t most_words = 32'000;
};

struct new_tokenizer {
  /// tokenizer.json (WordLevel) and tokenizer_config.json, as Hugging Face's PreTrainedTokenizerFast opens them.
  std::vector<models::training::model_file> files;
  std::shared_ptr<const text::tokenizer> reads;
  models::training::new_vocabulary words;
};

/// `max_tokens` becomes model_max_length. invalid_argument if no word is frequent enough.
result<new_tokenizer> learn_words(const example_set& set, const vocabulary_settings& settings,
                                  std::size_t max_tokens);

} // namespace chalkstream::pipelines::tools
