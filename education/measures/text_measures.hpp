// Rows with a text that was predicted and one or several that are right. All figures here go from 0 to 100, as papers
// print them.
#pragma once

#include "education/measures/bleu_tokens.hpp"
#include "education/measures/rouge.hpp"
#include "education/measures/row_measures.hpp"

#include <memory>

namespace chalkstream::education::measures {

struct text_rows {
  std::vector<std::string> predicted;
  std::vector<std::vector<std::string>> references;
};

/// exact_match and f1: the rows' means (answer_match.hpp).
std::unique_ptr<row_measures> answer_measures(const text_rows& rows);

/// rouge1, rouge2 and rougeL: the rows' means (rouge.hpp).
std::unique_ptr<row_measures> summary_measures(const text_rows& rows, const rouge_settings& settings);

/// bleu, chrf and chrf++ of the rows as one corpus (bleu.hpp, chrf.hpp), which is not the mean of the rows' own.
std::unique_ptr<row_measures> translation_measures(const text_rows& rows, bleu_tokenizer tokenizer);

} // namespace chalkstream::education::measures
