#include "education/sentence_features.hpp"

#include "education/measures/rouge.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace chalkstream::education {

namespace {

constexpr double short_words = 15, long_words = 30;

using words = std::vector<std::string>;

struct word_use {
  std::size_t times = 0;
  std::size_t sentences = 0;
};

std::unordered_map<std::string_view, word_use> uses_of(const std::vector<words>& sentences) {
  std::unordered_map<std::string_view, word_use> uses;
  for (const auto& sentence : sentences) {
    std::vector<std::string_view> each(sentence.begin(), sentence.end());
    for (const auto word : each)
      ++uses[word].times;
    std::sort(each.begin(), each.end());
    each.erase(std::unique(each.begin(), each.end()), each.end());
    for (const auto word : each)
      ++uses[word].sentences;
  }
  return uses;
}

std::vector<std::string> phrases_of(const words& sentence) {
  std::vector<std::string> phrases(sentence.begin(), sentence.end());
  for (std::size_t i = 0; i < sentence.size(); ++i)
    phrases.push_back((i == 0 ? "^" : sentence[i - 1]) + " " + sentence[i]);
  std::sort(phrases.begin(), phrases.end());
  phrases.erase(std::unique(phrases.begin(), phrases.end()), phrases.end());
  return phrases;
}

std::vector<double> mean_direction(const embedded_rows& rows, std::size_t width) {
  std::vector<std::size_t> every(rows.tokens.size());
  std::iota(every.begin(), every.end(), std::size_t{0});
  return direction(rows, width, every);
}

/// How near each sentence is to what a reader has around it.
struct nearness {
  std::vector<double> sentences, others, previous, windows;
  double mean_windows = 0;
};

nearness nearness_of(const embedded_document& all) {
  const auto count = all.sentences.tokens.size();
  const auto row = [&](std::size_t i) { return std::span(all.sentences.vectors).subspan(i * all.width, all.width); };
  const auto cosine = [](const auto& left, const auto& right) {
    return std::inner_product(left.begin(), left.end(), right.begin(), 0.0, std::plus<>(),
                              [](auto a, auto b) { return double{a} * double{b}; });
  };
  const auto middle = mean_direction(all.sentences, all.width);
  const auto whole = mean_direction(all.windows, all.width);
  std::vector<double> sum(all.width, 0);
  for (std::size_t i = 0; i < count; ++i)
    std::transform(sum.begin(), sum.end(), row(i).begin(), sum.begin(),
                   [](double a, float b) { return a + double{b}; });
  nearness made;
  for (std::size_t i = 0; i < count; ++i) {
    made.sentences.push_back(cosine(row(i), middle));
    const auto itself = cosine(row(i), row(i));
    made.others.push_back(count > 1 ? (cosine(row(i), sum) - itself) / static_cast<double>(count - 1) : 0);
    made.previous.push_back(i > 0 ? cosine(row(i), row(i - 1)) : 0);
    made.windows.push_back(cosine(row(i), whole));
    made.mean_windows += made.windows.back() / static_cast<double>(count);
  }
  return made;
}

/// For each value the share that is larger.
std::vector<double> shares_above(const std::vector<double>& values) {
  auto sorted = values;
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> shares;
  for (const auto value : values) {
    const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), value);
    shares.push_back(static_cast<double>(above) / static_cast<double>(values.size()));
  }
  return shares;
}

} // namespace

std::vector<sentence_features> features_of(const embedded_document& all, std::span<const std::string_view> texts) {
  std::vector<words> sentences;
  double total = 0;
  for (const auto text : texts) {
    sentences.push_back(measures::rouge_words(text, {.words = measures::words_of::any_script}));
    total += static_cast<double>(sentences.back().size());
  }
  const auto uses = uses_of(sentences);
  const auto near = nearness_of(all);
  const auto nearer = shares_above(near.windows);
  const auto count = texts.size();
  std::vector<sentence_features> features;
  for (std::size_t i = 0; i < count; ++i) {
    const auto length = static_cast<double>(sentences[i].size());
    const auto place = count > 1 ? static_cast<double>(i) / static_cast<double>(count - 1) : 0;
    double shared = 0;
    double repeated = 0;
    for (const auto& word : sentences[i]) {
      const auto& use = uses.at(word);
      shared += static_cast<double>(use.sentences) / static_cast<double>(count) / length;
      repeated += std::log(static_cast<double>(use.times)) / length;
    }
    const std::array<double, sentence_feature_names.size()> numbers = {place,
                                                                       place * place,
                                                                       i == 0 ? 1.0 : 0.0,
                                                                       i == 1 ? 1.0 : 0.0,
                                                                       i + 1 == count ? 1.0 : 0.0,
                                                                       std::log1p(length),
                                                                       std::max(0.0, 1 - length / short_words),
                                                                       std::max(0.0, length / long_words - 1),
                                                                       length / std::max(total, 1.0),
                                                                       near.sentences[i],
                                                                       near.others[i],
                                                                       near.previous[i],
                                                                       i + 1 < count ? near.previous[i + 1] : 0,
                                                                       near.windows[i],
                                                                       near.windows[i] - near.mean_windows,
                                                                       nearer[i],
                                                                       shared,
                                                                       repeated,
                                                                       all.ended[i] ? 1.0 : 0.0};
    auto& made = features.emplace_back();
    std::transform(numbers.begin(), numbers.end(), made.numbers.begin(),
                   [](double x) { return static_cast<float>(x); });
    made.phrases = phrases_of(sentences[i]);
  }
  return features;
}

} // namespace chalkstream::education
