// The tokenizer of a model directory that has SentencePiece files and no tokenizer.json, as the same plain
// description of parts that read_tokenizer_json makes.
#pragma once

#include <filesystem>

#include "core/error.hpp"
#include "models/text/tokenizer_json.hpp"

namespace chalkstream::text {

/// The directory has a SentencePiece file.
bool has_pieces(const std::filesystem::path& directory);

/// Reads the SentencePiece files and what tokenizer_settings reads. Blocks on the file system. `not_found` when the
/// file the kind of tokenizer needs is not there; otherwise errors as of its parts, which name the file.
result<tokenizer_description> read_piece_tokenizer(const std::filesystem::path& directory);

/// The same for texts that the directory's model should write: Marian has pieces of their own for them.
result<tokenizer_description> read_target_pieces(const std::filesystem::path& directory);

} // namespace chalkstream::text
