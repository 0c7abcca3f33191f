// How a tokenizer arranges its ids around the pieces of a SentencePiece file: which tokens come before and behind
// them, and what is put around a text. One plain function for each kind of tokenizer `transformers` has for such
// files. Source of the arrangements: https://github.com/huggingface/transformers, tokenization_*.py and
// convert_slow_tokenizer.py
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.hpp"
#include "models/text/sentencepiece_file.hpp"
#include "models/text/tokenizer_json.hpp"
#include "models/text/tokenizer_settings.hpp"

namespace chalkstream::text {

/// What all arrangements are made with, and what they make: the vocabulary, the pieces' ids in it, the special tokens
/// and the template.
class piece_layout {
public:
  piece_layout(sentencepiece_file file, const tokenizer_settings& settings)
      : file(std::move(file)), settings(settings) {}

  sentencepiece_file file;
  const tokenizer_settings& settings;
  std::vector<std::string> vocabulary;
  std::vector<std::int32_t> ids; // by piece
  std::vector<added_token> added;
  post_processor post;
  std::vector<normalizer_step> before; // of the file's own rules
  bool prefix_first_only = false;      // unless `legacy` says otherwise
  bool strips_ends = false;            // a text made of tokens has no spaces at its ends

  /// The content of a role's token; `otherwise` when the files do not name it.
  std::string named(const char* role, const char* otherwise) const;

  /// Ids in order: `head`, the pieces without the first `skipped`, `tail`. A skipped piece has the id of the token in
  /// `head` that reads like it; the unknown piece that of the unknown token. `corrupt` when a token is there twice,
  /// or a skipped piece is one that texts have.
  result<void> place(const std::vector<std::string>& head, std::size_t skipped, const std::vector<std::string>& tail);

  /// Ids of a vocabulary that is not the file's: a piece that it does not have is unknown. `corrupt` when the unknown
  /// token is not in it.
  result<void> place_in(std::vector<std::string> tokens);

  /// A token that is cut out of texts before they become pieces: at the end of the vocabulary when it is not in it.
  std::int32_t add(const std::string& content, bool lstrip = false);
  /// All that the settings and the file say about such tokens; roles the files do not name are `named_otherwise`'s.
  result<void> add_special(const std::vector<std::pair<const char*, const char*>>& named_otherwise);

  /// The token's id, or an error that says what it is `what_for`.
  result<std::int32_t> id_of(const std::string& content, const char* what_for) const;

private:
  std::unordered_map<std::string, std::int32_t> known_;
};

/// A way to arrange, by the name of the tokenizer's class.
struct piece_arrangement {
  std::string_view tokenizer_class;
  std::string_view file; // what the SentencePiece file is called
  result<void> (*apply)(piece_layout&);
};

/// The one that the settings ask for. `unsupported` when this build has none.
result<piece_arrangement> arrangement_for(const tokenizer_settings& settings);

} // namespace chalkstream::text
