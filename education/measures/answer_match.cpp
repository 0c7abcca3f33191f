#include "education/measures/answer_match.hpp"

#include "education/measures/ngrams.hpp"
#include "education/measures/unicode_text.hpp"

#include <algorithm>

namespace chalkstream::education::measures {

namespace {

constexpr std::string_view punctuation = R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";

bool is_punctuation(char32_t c) {
  return c < 0x80 && punctuation.find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_article(std::u32string_view word) {
  return word == U"a" || word == U"an" || word == U"the";
}

double word_f1(std::string_view predicted, std::string_view answer) {
  vocabulary words;
  const auto ours = words.numbers(split_words(predicted));
  const auto theirs = words.numbers(split_words(answer));
  if (ours.empty() || theirs.empty())
    return ours.size() == theirs.size() ? 1 : 0;
  const auto shared = static_cast<double>(ngram_counts{ours, 1}.matches(ngram_counts{theirs, 1}));
  if (shared == 0)
    return 0;
  const auto precision = shared / static_cast<double>(ours.size());
  const auto recall = shared / static_cast<double>(theirs.size());
  return 2 * precision * recall / (precision + recall);
}

} // namespace

std::string normalised_answer(std::string_view text) {
  auto points = code_points(lower_case(text));
  std::erase_if(points, is_punctuation);
  std::u32string kept;
  for (std::size_t i = 0; i < points.size();) {
    const auto began = i;
    while (i < points.size() && is_python_word(points[i]))
      ++i;
    const auto word = std::u32string_view{points}.substr(began, i - began);
    if (is_article(word))
      kept += U' ';
    else
      kept += word;
    if (i < points.size())
      kept += points[i++];
  }
  std::string normal;
  const auto text_without_articles = utf8(kept);
  for (const auto word : split_words(text_without_articles)) {
    if (!normal.empty())
      normal += ' ';
    normal += word;
  }
  return normal;
}

answer_agreement compare_answer(std::string_view predicted, std::span<const std::string> answers) {
  const auto ours = normalised_answer(predicted);
  answer_agreement best;
  bool answerable = false;
  for (const auto& answer : answers) {
    const auto theirs = normalised_answer(answer);
    if (theirs.empty())
      continue;
    answerable = true;
    best.exact = std::max(best.exact, ours == theirs ? 1.0 : 0.0);
    best.f1 = std::max(best.f1, word_f1(ours, theirs));
  }
  if (!answerable)
    best.exact = best.f1 = ours.empty() ? 1 : 0;
  return best;
}

} // namespace chalkstream::education::measures
