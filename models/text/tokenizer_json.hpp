// Reads Hugging Face's tokenizer.json into plain descriptions of its parts. Strict: a component or key this build
// does not know is `unsupported` and named; a file that contradicts itself is `corrupt`. The file's own wishes for
// truncation and padding are not looked at.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "models/text/added_tokens.hpp"
#include "models/text/decoder.hpp"
#include "models/text/normalizer.hpp"
#include "models/text/post_processor.hpp"
#include "models/text/pre_tokenizer.hpp"
#include "models/text/token_model.hpp"

namespace chalkstream::text {

struct tokenizer_description {
  std::vector<normalizer_step> normalizer;
  std::vector<pre_tokenizer_step> pre_tokenizer;
  model_description model;
  std::vector<added_token> added; // ids checked against the vocabulary
  post_processor post;
  std::optional<std::vector<decoder_step>> decoder; // nothing: tokens are joined by spaces
  std::vector<std::string> target_vocabulary; // by id, of a model that writes other tokens than it reads; or empty
};

/// `json` is a whole tokenizer.json.
result<tokenizer_description> read_tokenizer_json(std::string_view json);

/// model_max_length of a tokenizer_config.json; nothing when it is absent or a stand-in for "no limit".
result<std::optional<std::size_t>> read_max_length(std::string_view json);

/// A whole file of at most `limit` bytes. `not_found`, `io`, or `unsupported` when it is larger.
result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

} // namespace chalkstream::text
