// word2vec's two file formats, which gensim and the original tool read and write, too. Both begin with a line of the
// number of words and the width. Text: a word and its numbers a line. Binary: a word, a space and its floats in
// little endian; a line end behind them may be there or not. The bytes are not trusted. Source of the formats:
// https://github.com/tmikolov/word2vec, word2vec.c and distance.c
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "models/text/word_vectors.hpp"

namespace chalkstream::text {

enum class vector_format : std::uint8_t { text, binary };

/// `corrupt` when the bytes contradict their first line or themselves.
result<word_vectors> read_vectors(std::string_view bytes, vector_format format);
/// Exact in both formats: text has as many digits as a float needs.
std::string write_vectors(const word_vectors& vectors, vector_format format);

/// The vectors of a model directory: vectors.bin, or else vectors.txt. Blocks on the file system. `not_found`, `io`,
/// or as read_vectors, naming the file.
result<word_vectors> load_vectors(const std::filesystem::path& directory);
/// The one of the two that load_vectors reads; empty when neither is there.
std::filesystem::path vectors_in(const std::filesystem::path& directory);

} // namespace chalkstream::text
