#include "education/measures/text_measures.hpp"

#include "education/measures/answer_match.hpp"
#include "education/measures/bleu.hpp"
#include "education/measures/chrf.hpp"

#include <limits>

namespace chalkstream::education::measures {

namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// Figures that are the mean of what each row has of them.
class mean_measures final : public row_measures {
public:
  explicit mean_measures(std::vector<std::string> names) : names_(std::move(names)) {}

  void add(std::vector<double> row) { values_.push_back(std::move(row)); }

  std::size_t rows() const override { return values_.size(); }
  const std::vector<std::string>& names() const override { return names_; }

  std::vector<double> of(row_list rows) const override {
    std::vector<double> sums(names_.size());
    for (const auto row : rows)
      for (std::size_t f = 0; f < sums.size(); ++f)
        sums[f] += values_[row][f];
    for (auto& sum : sums)
      sum = rows.empty() ? undefined : 100 * sum / static_cast<double>(rows.size());
    return sums;
  }

private:
  std::vector<std::string> names_;
  std::vector<std::vector<double>> values_;
};

class corpus_measures final : public row_measures {
public:
  corpus_measures(const text_rows& rows, bleu_tokenizer tokenizer) {
    for (std::size_t row = 0; row < rows.predicted.size(); ++row) {
      const auto& predicted = rows.predicted[row];
      const auto& references = rows.references[row];
      segments_.push_back({count_bleu(predicted, references, tokenizer),
                           count_chrf(predicted, references, chrf_kind::characters),
                           count_chrf(predicted, references, chrf_kind::with_words)});
    }
  }

  std::size_t rows() const override { return segments_.size(); }
  const std::vector<std::string>& names() const override { return names_; }

  std::vector<double> of(row_list rows) const override {
    if (rows.empty())
      return {undefined, undefined, undefined};
    segment corpus;
    for (const auto row : rows) {
      corpus.words += segments_[row].words;
      corpus.characters += segments_[row].characters;
      corpus.both += segments_[row].both;
    }
    return {bleu(corpus.words), chrf(corpus.characters, chrf_kind::characters),
            chrf(corpus.both, chrf_kind::with_words)};
  }

private:
  struct segment {
    bleu_counts words;
    chrf_counts characters;
    chrf_counts both;
  };

  std::vector<std::string> names_{"bleu", "chrf", "chrf++"};
  std::vector<segment> segments_;
};

} // namespace

std::unique_ptr<row_measures> answer_measures(const text_rows& rows) {
  auto set = std::make_unique<mean_measures>(std::vector<std::string>{"exact_match", "f1"});
  for (std::size_t row = 0; row < rows.predicted.size(); ++row) {
    const auto found = compare_answer(rows.predicted[row], rows.references[row]);
    set->add({found.exact, found.f1});
  }
  return set;
}

std::unique_ptr<row_measures> summary_measures(const text_rows& rows, const rouge_settings& settings) {
  auto set = std::make_unique<mean_measures>(std::vector<std::string>{"rouge1", "rouge2", "rougeL"});
  for (std::size_t row = 0; row < rows.predicted.size(); ++row) {
    const auto found = rouge(rows.predicted[row], rows.references[row], settings);
    set->add({found.rouge1, found.rouge2, found.rouge_l});
  }
  return set;
}

std::unique_ptr<row_measures> translation_measures(const text_rows& rows, bleu_tokenizer tokenizer) {
  return std::make_unique<corpus_measures>(rows, tokenizer);
}

} // namespace chalkstream::education::measures
