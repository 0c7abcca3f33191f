#include "education/measures/rouge.hpp"

#include "education/measures/ngrams.hpp"
#include "education/measures/porter_stemmer.hpp"
#include "education/measures/unicode_text.hpp"

#include <algorithm>

namespace chalkstream::education::measures {

namespace {

constexpr std::size_t longest_left_unstemmed = 3;

bool is_ascii_word(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

double f_measure(std::size_t matches, std::size_t predicted, std::size_t referenced) {
  if (matches == 0)
    return 0;
  const auto precision = static_cast<double>(matches) / static_cast<double>(predicted);
  const auto recall = static_cast<double>(matches) / static_cast<double>(referenced);
  return 2 * precision * recall / (precision + recall);
}

double ngram_f(std::span<const token> predicted, std::span<const token> referenced, std::size_t n) {
  const ngram_counts ours{predicted, n};
  const ngram_counts theirs{referenced, n};
  return f_measure(ours.matches(theirs), ours.total(), theirs.total());
}

/// Hunt & Szymanski 1977: a common subsequence is an ascending run of places in `left`; `ends[k]` is the smallest
/// place at which one of length k + 1 ends. Memory stays linear, which a table of all pairs would not.
std::size_t longest_common_subsequence(std::span<const token> left, std::span<const token> right) {
  std::unordered_map<token, std::vector<std::size_t>> places;
  for (std::size_t i = left.size(); i-- > 0;)
    places[left[i]].push_back(i);
  std::vector<std::size_t> ends;
  for (const auto word : right) {
    const auto found = places.find(word);
    if (found == places.end())
      continue;
    for (const auto place : found->second) { // descending, so that one word is not used twice
      const auto end = std::lower_bound(ends.begin(), ends.end(), place);
      if (end == ends.end())
        ends.push_back(place);
      else
        *end = place;
    }
  }
  return ends.size();
}

} // namespace

std::vector<std::string> rouge_words(std::string_view text, const rouge_settings& settings) {
  std::vector<std::string> words;
  std::u32string word;
  bool ascii = true;
  const auto finish = [&] {
    if (word.empty())
      return;
    auto made = utf8(word);
    words.push_back(settings.stem && ascii && made.size() > longest_left_unstemmed ? porter_stem(made) : made);
    word.clear();
    ascii = true;
  };
  for (const auto c : code_points(lower_case(text))) {
    if (is_ascii_word(c)) {
      word += c;
    } else if (settings.words == words_of::latin || c < 0x80 || !(is_python_word(c) || is_mark(c))) {
      finish();
    } else if (is_unspaced(c)) {
      finish();
      words.push_back(utf8({&c, 1}));
    } else {
      word += c;
      ascii = false;
    }
  }
  finish();
  return words;
}

rouge_scores rouge(std::string_view predicted, std::span<const std::string> references,
                   const rouge_settings& settings) {
  vocabulary known;
  const auto ours = known.numbers(rouge_words(predicted, settings));
  rouge_scores best;
  for (const auto& reference : references) {
    const auto theirs = known.numbers(rouge_words(reference, settings));
    best.rouge1 = std::max(best.rouge1, ngram_f(ours, theirs, 1));
    best.rouge2 = std::max(best.rouge2, ngram_f(ours, theirs, 2));
    best.rouge_l =
        std::max(best.rouge_l, f_measure(longest_common_subsequence(theirs, ours), ours.size(), theirs.size()));
  }
  return best;
}

} // namespace chalkstream::education::measures
