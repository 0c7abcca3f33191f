// What makes a grade repeatable: one SHA-256 over a model's weights, tokenizer and configuration.
//
// The digest of a model is SHA-256 over a text: the line "chalkstream model 1", then for each file, in the order of
// their relative names (bytewise), the line "<sha256 of the content in hex> <size> <relative name>", each ended by a
// newline. `sha256sum` and `sort` can repeat it. A file outside the directory counts by its own name.
#pragma once

#include "core/error.hpp"
#include "models/safetensors.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models {

struct model_digest {
  /// 64 hex digits.
  std::string hex;
  /// The files as they were when they were read, in the order they count.
  std::vector<file_stamp> files;
};

/// SHA-256 in hex.
std::string sha256(std::string_view bytes);

/// Digests `directory`'s files that decide what a model answers: the given weight files and whichever exist of
/// config.json, model.yaml, generation_config.json, tokenizer.json, tokenizer_config.json, special_tokens_map.json,
/// added_tokens.json, vocab.txt, SentencePiece's files and the vocabularies beside them, modules.json,
/// sentence_bert_config.json, preprocessor_config.json, processor_config.json, a summary head's two files, and the
/// config.json and model.safetensors of sentence-transformers modules.
///
/// Reads every byte (about 1.5 GB/s a core with SHA instructions) unless `cache_directory` has the file's digest
/// under the same path, device, inode, size and times. The cache is best effort: what cannot be read or written there
/// is computed. A file that changes while it is read is an io error.
result<model_digest> digest_model(const std::filesystem::path& directory,
                                  const std::vector<std::filesystem::path>& weights,
                                  const std::filesystem::path& cache_directory);

} // namespace chalkstream::models
