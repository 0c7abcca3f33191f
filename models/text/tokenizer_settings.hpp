// What a model directory without a tokenizer.json says about its tokenizer beside the SentencePiece files:
// tokenizer_config.json, special_tokens_map.json, added_tokens.json, and config.json's model_type. Strict: a setting
// this build does not know is `unsupported` and named; files that contradict each other are `corrupt`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "models/text/added_tokens.hpp"

namespace chalkstream::text {

struct tokenizer_settings {
  static constexpr std::int32_t no_id = -1;

  std::string tokenizer_class; // as `transformers` calls it, without "Fast"; empty: not said
  std::string model_type;      // config.json's; empty: likewise

  /// By role ("eos_token"); the ids are not set.
  std::map<std::string, added_token, std::less<>> named;
  /// Other added tokens; those without an id take the next one. Of a token that is named, too, its flags and id.
  std::vector<added_token> added;

  std::optional<bool> legacy, add_prefix_space, add_bos_token, add_eos_token, do_lower_case, keep_accents,
      split_by_punct, separate_vocabs;
  std::optional<std::size_t> extra_ids, offset;
  std::optional<std::string> source_language;

  /// Blocks on the file system. Files that are not there say nothing.
  static result<tokenizer_settings> read(const std::filesystem::path& directory);
};

} // namespace chalkstream::text
