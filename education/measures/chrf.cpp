#include "education/measures/chrf.hpp"

#include "education/measures/ngrams.hpp"
#include "education/measures/unicode_text.hpp"

namespace chalkstream::education::measures {

namespace {

constexpr std::string_view punctuation = R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";
constexpr double beta_squared = 4;

bool is_punctuation(char c) {
  return punctuation.find(c) != std::string_view::npos;
}

std::vector<token> characters(std::string_view text) {
  std::vector<token> all;
  for (const auto c : code_points(text))
    if (!is_python_space(c))
      all.push_back(static_cast<token>(c));
  return all;
}

struct segment {
  std::vector<token> letters;
  std::vector<token> words;

  segment(std::string_view text, vocabulary& known)
      : letters(characters(text)), words(known.numbers(chrf_words(text))) {}

  ngram_counts order(std::size_t o) const {
    return o < chrf_character_orders ? ngram_counts{letters, o + 1}
                                     : ngram_counts{words, o - chrf_character_orders + 1};
  }
};

} // namespace

chrf_counts& chrf_counts::operator+=(const chrf_counts& other) {
  for (std::size_t o = 0; o < orders.size(); ++o) {
    orders[o].predicted += other.orders[o].predicted;
    orders[o].referenced += other.orders[o].referenced;
    orders[o].matches += other.orders[o].matches;
  }
  return *this;
}

std::vector<std::string> chrf_words(std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : split_words(text)) {
    if (word.size() > 1 && is_punctuation(word.back())) {
      words.emplace_back(word.substr(0, word.size() - 1));
      words.emplace_back(word.substr(word.size() - 1));
    } else if (word.size() > 1 && is_punctuation(word.front())) {
      words.emplace_back(word.substr(0, 1));
      words.emplace_back(word.substr(1));
    } else {
      words.emplace_back(word);
    }
  }
  return words;
}

chrf_counts count_chrf(std::string_view predicted, std::span<const std::string> references, chrf_kind kind) {
  vocabulary known;
  const segment ours{predicted, known};
  std::vector<ngram_counts> have;
  for (std::size_t o = 0; o < chrf_counts{}.orders.size(); ++o)
    have.push_back(ours.order(o));

  chrf_counts best;
  double best_score = -1;
  for (const auto& reference : references) {
    const segment theirs{reference, known};
    chrf_counts counts;
    for (std::size_t o = 0; o < counts.orders.size(); ++o) {
      const auto wanted = theirs.order(o);
      const auto referenced = wanted.total();
      // sacrebleu does not count n-grams of an order that the reference is too short for
      counts.orders[o] = {referenced == 0 ? 0 : have[o].total(), referenced, have[o].matches(wanted)};
    }
    if (const auto score = chrf(counts, kind); score > best_score) {
      best_score = score;
      best = counts;
    }
  }
  return best;
}

double chrf(const chrf_counts& corpus, chrf_kind kind) {
  const auto orders = kind == chrf_kind::characters ? chrf_character_orders : corpus.orders.size();
  double precision = 0;
  double recall = 0;
  std::size_t counted = 0;
  for (std::size_t o = 0; o < orders; ++o) {
    const auto& of = corpus.orders[o];
    if (of.predicted == 0 || of.referenced == 0)
      continue;
    precision += static_cast<double>(of.matches) / static_cast<double>(of.predicted);
    recall += static_cast<double>(of.matches) / static_cast<double>(of.referenced);
    ++counted;
  }
  if (precision + recall == 0)
    return 0;
  precision /= static_cast<double>(counted);
  recall /= static_cast<double>(counted);
  return 100 * (1 + beta_squared) * precision * recall / (beta_squared * precision + recall);
}

} // namespace chalkstream::education::measures
