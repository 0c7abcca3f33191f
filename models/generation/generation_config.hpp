// What a model's directory says about how it writes: generation_config.json, or the same keys of config.json where
// there is none, as Hugging Face reads them.
#pragma once

#include "core/error.hpp"
#include "core/generation.hpp"
#include "models/document.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace chalkstream::models {

/// Lengths are in tokens and count the prompt unless they say new; for a model with an encoder the prompt is the one
/// token its line begins with.
struct generation_config {
  /// Any of them ends a text.
  std::vector<std::int32_t> ends;
  /// What the line of a model with an encoder begins with.
  std::optional<std::int32_t> start;
  /// Behind a prompt of one token the first token is this one.
  std::optional<std::int32_t> forced_first;
  /// The last token that there is room for is one of these.
  std::vector<std::int32_t> forced_last;

  std::optional<std::size_t> max_length;
  std::optional<std::size_t> max_new_tokens;
  std::size_t min_length = 0;
  std::optional<std::size_t> min_new_tokens;

  std::size_t beams = 1;
  double length_penalty = 1;
  early_stopping stop_early = early_stopping::no;

  double repetition_penalty = 1;
  std::size_t no_repeat_ngram = 0;
  /// Sequences of tokens that are never completed.
  std::vector<std::vector<std::int32_t>> bad_words;
  std::vector<std::int32_t> suppressed;
  /// Not as the first token.
  std::vector<std::int32_t> suppressed_first;
  bool renormalize = false;

  bool sample = false;
  double temperature = 1;
  /// 0: all of them.
  std::size_t top_k = 50;
  double top_p = 1;

  /// invalid_configuration or unsupported, naming file and key: for a value that cannot be, for a key nobody knows,
  /// and for one that changes what is written in a way this build does not have. Keys that change nothing are passed
  /// over. In a config.json (`whole_model`) keys that are not about generation are none of its business.
  static result<generation_config> read(const settings& file, bool whole_model);

  /// Of a model's directory.
  static result<generation_config> of_directory(const std::filesystem::path& directory);

  /// Whether every token it names is in the vocabulary; invalid_configuration names the one that is not.
  result<void> fits(std::size_t vocabulary) const;
};

} // namespace chalkstream::models
