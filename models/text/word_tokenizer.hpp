// The tokenizer of a model directory with word vectors, as the same plain description of parts that
// read_tokenizer_json makes: words as words_of cuts them, numbered as the vectors are, and one number more for words
// without a vector.
#pragma once

#include <filesystem>

#include "core/error.hpp"
#include "models/text/tokenizer_json.hpp"

namespace chalkstream::text {

/// What config.json says about word vectors.
struct word_settings {
  bool lowercase = true; // texts are made lower case before their words are looked up
  bool normalize = true; // a text's vector has length 1
};

/// Whether config.json's model_type is "word2vec"; false without a config.json.
result<bool> has_word_vectors(const std::filesystem::path& directory);

/// `corrupt` when a setting is of the wrong type.
result<word_settings> read_word_settings(const std::filesystem::path& directory);

/// Blocks on the file system. Errors as load_vectors'.
result<tokenizer_description> read_word_tokenizer(const std::filesystem::path& directory);

} // namespace chalkstream::text
