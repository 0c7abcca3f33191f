// The tokenizer of a model directory that has vocab.json and merges.txt, and neither tokenizer.json nor SentencePiece
// files: pairs of bytes merged as GPT-2, RoBERTa and BART do, and models made of their parts (TrOCR).
#pragma once

#include <filesystem>

#include "core/error.hpp"
#include "models/text/tokenizer_json.hpp"

namespace chalkstream::text {

/// The directory has both files.
bool has_merges(const std::filesystem::path& directory);

/// Reads them and what tokenizer_settings reads, whose tokenizer_class must be one of RobertaTokenizer, BartTokenizer
/// and GPT2Tokenizer. Blocks on the file system. Errors are those of tokenizer_settings, `corrupt` or `unsupported`,
/// and name the file.
result<tokenizer_description> read_merges_tokenizer(const std::filesystem::path& directory);

} // namespace chalkstream::text
