// The words BLEU counts, as sacrebleu's tokenizers of the same names make them:
//   v13a        mteval-v13a of NIST, the default for languages with spaces: entities resolved, punctuation set apart,
//               full stops and commas within numbers kept, all by ASCII rules
//   zh          every Chinese character and full-width form a word, the rest as in v13a. sacrebleu's ranges also take
//               in U+2001-U+2A6D (dashes, curly quotes, arrows, mathematics), and so do these
//   characters  every code point but white space (sacrebleu's "char"): Japanese, Thai, and other text without spaces
//   none        what white space separates, for text that is tokenised already
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::education::measures {

enum class bleu_tokenizer : std::uint8_t { v13a, zh, characters, none };

/// By sacrebleu's name: 13a, zh, char, none.
std::optional<bleu_tokenizer> bleu_tokenizer_from(std::string_view name);
std::string_view to_string(bleu_tokenizer kind);

std::vector<std::string> bleu_tokens(std::string_view text, bleu_tokenizer kind);

} // namespace chalkstream::education::measures
