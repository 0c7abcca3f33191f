#include "education/short_answer_features.hpp"

#include "education/word_lists.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace chalkstream::education {

namespace {

using words = std::vector<analysed_word>;

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

double harmonic(double a, double b) {
  return a + b > 0 ? 2 * a * b / (a + b) : 0.0;
}

/// Elements two sorted lists have in common, repeats counted.
template <class T>
std::size_t in_common(const std::vector<T>& a, const std::vector<T>& b) {
  std::size_t count = 0;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i < *j) {
      ++i;
    } else if (*j < *i) {
      ++j;
    } else {
      ++count, ++i, ++j;
    }
  }
  return count;
}

/// Pairs of neighbouring stems of the reference that are neighbours in the answer too.
double bigram_recall(const words& answer, const words& reference) {
  using bigram = std::pair<std::string_view, std::string_view>;
  const auto bigrams = [](const words& list) {
    std::vector<bigram> pairs;
    for (std::size_t i = 1; i < list.size(); ++i)
      pairs.emplace_back(list[i - 1].stem, list[i].stem);
    std::sort(pairs.begin(), pairs.end());
    return pairs;
  };
  const auto wanted = bigrams(reference);
  return share(in_common(wanted, bigrams(answer)), wanted.size());
}

/// Longest common subsequence of stems, as a share of the reference: the same words in the same order.
double in_order(const words& answer, const words& reference) {
  constexpr std::size_t longest = 128;
  const auto rows = std::min(answer.size(), longest), columns = std::min(reference.size(), longest);
  std::array<std::uint16_t, longest + 1> row{};
  for (std::size_t i = 0; i < rows; ++i) {
    std::uint16_t diagonal = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      const auto above = row[j + 1];
      row[j + 1] = answer[i].stem == reference[j].stem ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return share(row[columns], columns);
}

bool contains(const words& list, std::string_view stem) {
  return std::any_of(list.begin(), list.end(), [&](const analysed_word& w) { return w.stem == stem; });
}

/// Words of the answer that say the reverse of a word of the reference, where neither text has both.
std::size_t reversed_words(const words& answer, const words& reference) {
  std::size_t count = 0;
  const auto limit = std::min<std::size_t>(answer.size(), 256);
  for (std::size_t i = 0; i < limit; ++i) {
    const std::string_view said = answer[i].stem;
    if (!has_opposite(said) || contains(reference, said))
      continue;
    for (const auto& expected : reference)
      if (are_opposites(said, expected.stem) && !contains(answer, expected.stem))
        ++count;
  }
  return count;
}

struct overlap {
  double similarity = 0;
  double recall = 0;
  double precision = 0;
  double f1 = 0;
};

overlap overlap_with(const embedded_text& answer, const embedded_text& reference) {
  overlap found;
  found.similarity = similarity(answer.embedding, reference.embedding);
  const auto& a = answer.analysis;
  const auto& r = reference.analysis;
  const auto numbers = in_common(a.numbers, r.numbers);
  found.recall = share(count_matches(r.content, a.content) + numbers, r.content.size() + r.numbers.size());
  found.precision = share(count_matches(a.content, r.content) + numbers, a.content.size() + a.numbers.size());
  found.f1 = harmonic(found.recall, found.precision);
  return found;
}

/// What an answer says, and what the reference wanted, beyond the words of the question.
struct beyond_question {
  std::vector<std::string> said, wanted;
  std::size_t repeated = 0; // words of the answer that the question has
  std::size_t matched = 0;

  beyond_question(const analysed_text& answer, const analysed_text& reference, const analysed_text* question) {
    const auto without = [question](const std::vector<std::string>& from) {
      std::vector<std::string> rest;
      static const std::vector<std::string> nothing;
      const auto& asked = question ? question->content : nothing;
      std::set_difference(from.begin(), from.end(), asked.begin(), asked.end(), std::back_inserter(rest));
      return rest;
    };
    said = without(answer.content);
    wanted = without(reference.content);
    repeated = answer.content.size() - said.size();
    matched = count_matches(wanted, said);
  }
};

/// Words that turn or grade what is said: that one text has such a word and the other has not tells more than others.
constexpr std::size_t telling_words = 22;
constexpr std::size_t first_telling_word = 35;
static_assert(first_telling_word + telling_words == feature_count);

const std::vector<std::string>& telling_stems() {
  static const auto stems = [] {
    std::vector<std::string> made;
    for (auto name : std::span{feature_names}.subspan(first_telling_word))
      made.push_back(analyse(name.substr(0, name.find('_'))).words.at(0).stem);
    return made;
  }();
  return stems;
}

std::size_t distinct_words(const words& list) {
  std::vector<std::string_view> all;
  for (const auto& w : list)
    all.push_back(w.word);
  std::sort(all.begin(), all.end());
  return static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin());
}

} // namespace

const std::array<std::string_view, feature_count> feature_names{"similarity",
                                                                "similarity_mean",
                                                                "recall",
                                                                "precision",
                                                                "f1",
                                                                "precision_of_any",
                                                                "bigram_recall",
                                                                "trigram_dice",
                                                                "in_order",
                                                                "log_words",
                                                                "log_length_ratio",
                                                                "no_content",
                                                                "negation_differs",
                                                                "negation_extra",
                                                                "negation_missing",
                                                                "reversed",
                                                                "numbers_missing",
                                                                "numbers_extra",
                                                                "similarity_squared",
                                                                "recall_squared",
                                                                "similarity_recall",
                                                                "similarity_negation",
                                                                "recall_negation",
                                                                "recall_reversed",
                                                                "function_share",
                                                                "repetition",
                                                                "log_references",
                                                                "similarity_length",
                                                                "asked_known",
                                                                "asked_share",
                                                                "new_recall",
                                                                "new_missing",
                                                                "new_extra",
                                                                "log_new",
                                                                "log_wanted",
                                                                "no_differs",
                                                                "not_differs",
                                                                "never_differs",
                                                                "nothing_differs",
                                                                "cannot_differs",
                                                                "without_differs",
                                                                "less_differs",
                                                                "more_differs",
                                                                "higher_differs",
                                                                "lower_differs",
                                                                "increase_differs",
                                                                "decrease_differs",
                                                                "same_differs",
                                                                "different_differs",
                                                                "faster_differs",
                                                                "slower_differs",
                                                                "before_differs",
                                                                "after_differs",
                                                                "because_differs",
                                                                "both_differs",
                                                                "only_differs",
                                                                "all_differs"};

std::vector<std::string_view> distinct_stems(const analysed_text& text) {
  std::vector<std::string_view> stems;
  stems.reserve(text.words.size());
  for (const auto& w : text.words)
    stems.push_back(w.stem);
  std::sort(stems.begin(), stems.end());
  stems.erase(std::unique(stems.begin(), stems.end()), stems.end());
  return stems;
}

double alike_in_letters(const analysed_text& left, const analysed_text& right) {
  return share(2 * in_common(left.trigrams, right.trigrams), left.trigrams.size() + right.trigrams.size());
}

double alike_in_words(const std::vector<std::string_view>& left, const std::vector<std::string_view>& right) {
  return share(2 * in_common(left, right), left.size() + right.size());
}

double similarity(std::span<const float> left, std::span<const float> right) noexcept {
  if (left.size() != right.size())
    return 0;
  double sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i)
    sum += static_cast<double>(left[i]) * static_cast<double>(right[i]);
  return std::isfinite(sum) ? std::clamp(sum, -1.0, 1.0) : 0.0;
}

comparison compare(const embedded_text& answer, std::span<const embedded_text* const> references,
                   const analysed_text* question) {
  const auto& a = answer.analysis;
  comparison found;
  overlap best;
  double similarity_sum = 0, highest = -1, recall = 0, trigram = 0, bigram = 0, order = 0;
  std::size_t with_negation = 0;
  std::vector<std::string> any_content, any_number;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const auto& reference = *references[i];
    const auto& r = reference.analysis;
    const auto now = overlap_with(answer, reference);
    if (i == 0 || now.similarity + now.f1 > best.similarity + best.f1) {
      best = now;
      found.best = i;
    }
    similarity_sum += now.similarity;
    highest = std::max(highest, now.similarity);
    recall = std::max(recall, now.recall);
    trigram = std::max(trigram, alike_in_letters(a, r));
    bigram = std::max(bigram, bigram_recall(a.words, r.words));
    order = std::max(order, in_order(a.words, r.words));
    with_negation += r.negations > 0;
    any_content.insert(any_content.end(), r.content.begin(), r.content.end());
    any_number.insert(any_number.end(), r.numbers.begin(), r.numbers.end());
  }
  std::sort(any_content.begin(), any_content.end());
  std::sort(any_number.begin(), any_number.end());

  const auto& r = references[found.best]->analysis;
  const double words_in_answer = static_cast<double>(a.words.size());
  const double length_ratio = std::log((words_in_answer + 1) / (static_cast<double>(r.words.size()) + 1));
  const double negation_differs = a.negations % 2 != r.negations % 2;
  const double reversed = std::min<double>(2, static_cast<double>(reversed_words(a.words, r.words)));
  const auto functions = static_cast<std::size_t>(
      std::count_if(a.words.begin(), a.words.end(), [](const analysed_word& w) { return w.function_word; }));
  const auto matched_numbers = in_common(r.numbers, a.numbers);
  const auto known_numbers = in_common(a.numbers, any_number);
  const beyond_question beyond{a, r, question};
  found.features = {highest,
                    similarity_sum / static_cast<double>(references.size()),
                    recall,
                    best.precision,
                    best.f1,
                    share(count_matches(a.content, any_content), a.content.size()),
                    bigram,
                    trigram,
                    order,
                    std::log1p(words_in_answer),
                    length_ratio,
                    a.content.empty() ? 1.0 : 0.0,
                    negation_differs,
                    a.negations > 0 && with_negation == 0 ? 1.0 : 0.0,
                    a.negations == 0 && with_negation == references.size() ? 1.0 : 0.0,
                    reversed,
                    share(r.numbers.size() - matched_numbers, r.numbers.size()),
                    a.numbers.size() > known_numbers ? 1.0 : 0.0,
                    highest * highest,
                    recall * recall,
                    highest * recall,
                    highest * negation_differs,
                    recall * negation_differs,
                    recall * reversed,
                    share(functions, a.words.size()),
                    1 - share(distinct_words(a.words), a.words.size()),
                    std::log(static_cast<double>(references.size())),
                    highest * length_ratio,
                    question ? 1.0 : 0.0,
                    share(beyond.repeated, a.content.size() + 1),
                    share(beyond.matched, beyond.wanted.size() + 1),
                    share(beyond.wanted.size() - beyond.matched, beyond.wanted.size() + 1),
                    share(beyond.said.size() - std::min(beyond.said.size(), beyond.matched), beyond.said.size() + 1),
                    std::log1p(static_cast<double>(beyond.said.size())),
                    std::log1p(static_cast<double>(beyond.wanted.size()))};
  for (std::size_t i = 0; i < telling_words; ++i) {
    const auto& stem = telling_stems()[i];
    found.features[first_telling_word + i] = contains(a.words, stem) != contains(r.words, stem) ? 1.0 : 0.0;
  }
  return found;
}

} // namespace chalkstream::education
