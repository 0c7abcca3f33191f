// Word vectors from a file of texts to a model directory: what `train word2vec` does.
#pragma once

#include "core/error.hpp"
#include "models/text/word2vec.hpp"
#include "models/text/word_vector_file.hpp"

#include <filesystem>
#include <iosfwd>

namespace chalkstream::pipelines::tools {

struct word2vec_recipe {
  text::word2vec_settings training;
  bool lowercase = true;
  text::vector_format format = text::vector_format::binary;
};

struct word2vec_outcome {
  std::uint64_t texts = 0;
  std::uint64_t rejected = 0; // lines that are neither a text nor a record with one
  std::size_t words = 0;      // with a vector
};

/// Lines in, each a text or a record {"text"}; a directory out, made if need be, with vectors.bin or vectors.txt and
/// config.json: a model that `infer` and the pipelines serve. Holds all texts in memory. Blocks until done. Errors as
/// train_word2vec's; `io` when the directory cannot be written.
result<word2vec_outcome> train_word2vec_model(std::istream& in, const std::filesystem::path& out,
                                              const word2vec_recipe& recipe, const text::word2vec_watch& watch);

} // namespace chalkstream::pipelines::tools
