// The measures against scikit-learn, SciPy, NLTK, rouge-score and sacrebleu: goldens/make_goldens.py says how
// goldens/measures.json was made.
#include "education/measures/answer_match.hpp"
#include "education/measures/bleu.hpp"
#include "education/measures/chrf.hpp"
#include "education/measures/kappa.hpp"
#include "education/measures/label_measures.hpp"
#include "education/measures/porter_stemmer.hpp"
#include "education/measures/rouge.hpp"
#include "education/measures/score_errors.hpp"
#include "education/measures/score_measures.hpp"
#include "education/measures/text_measures.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <simdjson.h>

namespace chalkstream::education::measures {
namespace {

using simdjson::dom::element;

constexpr double tolerance = 1e-9;

element golden(std::string_view section) {
  static simdjson::dom::parser parser;
  static const element all = parser.load("tests/education/goldens/measures.json");
  return all[section];
}

std::vector<std::string> strings(element array) {
  std::vector<std::string> all;
  for (const std::string_view text : array.get_array())
    all.emplace_back(text);
  return all;
}

std::vector<double> doubles(element array) {
  std::vector<double> all;
  for (const double value : array.get_array())
    all.push_back(value);
  return all;
}

std::string string_of(element text) {
  return std::string{std::string_view{text}};
}

/// null is NaN.
void expect_same(double ours, element theirs) {
  if (theirs.is_null())
    EXPECT_TRUE(std::isnan(ours)) << ours;
  else
    EXPECT_NEAR(ours, double(theirs), tolerance * std::max(1.0, std::abs(double(theirs))));
}

text_rows rows_of(element array) {
  text_rows rows;
  for (const auto row : array.get_array()) {
    rows.predicted.push_back(string_of(row["predicted"]));
    rows.references.push_back(strings(row["references"]));
  }
  return rows;
}

TEST(measures_golden_test, classes_are_counted_as_scikit_learn_counts_them) {
  for (const auto wanted : golden("classify").get_array()) {
    const auto labels = strings(wanted["labels"]);
    const auto rows = number_labels(strings(wanted["predicted"]), strings(wanted["reference"]), labels);
    ASSERT_TRUE(rows) << rows.error().message;
    const label_measures set{*rows};
    const auto matrix = set.matrix();
    expect_same(matrix.accuracy(), wanted["accuracy"]);
    expect_same(matrix.macro_f1(), wanted["macro_f1"]);
    expect_same(quadratic_weighted_kappa(matrix), wanted["qwk"]);
    for (std::size_t c = 0; c < labels.size(); ++c) {
      expect_same(matrix.precision(c), wanted["precision"].at(c));
      expect_same(matrix.recall(c), wanted["recall"].at(c));
      expect_same(matrix.f1(c), wanted["f1"].at(c));
      EXPECT_EQ(matrix.referenced(c), std::uint64_t{wanted["support"].at(c)});
      for (std::size_t p = 0; p < labels.size(); ++p)
        EXPECT_EQ(matrix.count(c, p), std::uint64_t{wanted["counts"].at(c).at(p)});
    }
  }
}

TEST(measures_golden_test, score_errors_are_those_of_scikit_learn_and_scipy) {
  for (const auto wanted : golden("scores").get_array()) {
    const auto predicted = doubles(wanted["predicted"]);
    const auto reference = doubles(wanted["reference"]);
    expect_same(root_mean_squared_error(predicted, reference), wanted["rmse"]);
    expect_same(mean_absolute_error(predicted, reference), wanted["mae"]);
    expect_same(pearson_correlation(predicted, reference), wanted["pearson"]);
  }
}

TEST(measures_golden_test, scores_of_several_traits_are_rounded_to_their_scales_for_kappa) {
  const auto wanted = golden("rounded");
  scored_rows rows;
  for (const auto* name : {"content", "wording"}) {
    const auto trait = wanted["traits"][name];
    rows.traits.push_back({name, doubles(trait["predicted"]), doubles(trait["reference"])});
  }
  const score_measures set{rows};
  const auto found = measure(set, {}, {});
  ASSERT_EQ(found.all.figures.size(), 9u);
  EXPECT_EQ(found.all.figures[0].name, "mcrmse");
  expect_same(found.all.figures[0].value, wanted["mcrmse"]);
  for (std::size_t t = 0; t < 2; ++t) {
    const auto trait = wanted["traits"][rows.traits[t].name];
    EXPECT_EQ(found.all.figures[4 * t + 1].name, "rmse:" + rows.traits[t].name);
    expect_same(found.all.figures[4 * t + 1].value, trait["rmse"]);
    EXPECT_EQ(found.all.figures[4 * t + 4].name, "qwk:" + rows.traits[t].name);
    expect_same(found.all.figures[4 * t + 4].value, trait["qwk"]);
  }
}

TEST(measures_golden_test, reliability_bins_are_those_of_scikit_learns_calibration_curve) {
  for (const auto wanted : golden("calibration").get_array()) {
    std::vector<confident_verdict> verdicts;
    for (const auto confidence : doubles(wanted["confidence"]))
      verdicts.push_back({confidence, bool(wanted["right"].at(verdicts.size()))});
    const auto bins = reliability_bins(verdicts, std::uint64_t{wanted["bins"]});
    expect_same(expected_calibration_error(bins), wanted["ece"]);
    std::size_t filled = 0;
    for (std::size_t b = 0; b < bins.size(); ++b) {
      ASSERT_EQ(bins[b].count, std::uint64_t{wanted["counts"].at(b)});
      if (bins[b].count == 0)
        continue;
      expect_same(bins[b].accuracy, wanted["accuracies"].at(filled));
      expect_same(bins[b].confidence, wanted["confidences"].at(filled++));
    }
  }
}

TEST(measures_golden_test, the_bootstrap_draws_and_cuts_as_numpy_does) {
  for (const auto wanted : golden("bootstrap").get_array()) {
    const auto values = doubles(wanted["values"]);
    std::vector<std::uint32_t> rows(values.size());
    std::iota(rows.begin(), rows.end(), 0u);
    const auto mean = [&](row_list drawn) {
      double sum = 0;
      for (const auto row : drawn)
        sum += values[row];
      return std::vector{sum / static_cast<double>(drawn.size())};
    };
    const auto ranges = bootstrap_intervals(
        rows, {std::uint64_t{wanted["resamples"]}, std::stoull(string_of(wanted["seed"])), double(wanted["level"])},
        mean);
    ASSERT_EQ(ranges.size(), 1u);
    expect_same(ranges[0].low, wanted["low"]);
    expect_same(ranges[0].high, wanted["high"]);
  }
}

TEST(measures_golden_test, answers_are_compared_as_squads_script_compares_them) {
  for (const auto wanted : golden("answers").get_array()) {
    const auto predicted = string_of(wanted["predicted"]);
    SCOPED_TRACE(predicted);
    EXPECT_EQ(normalised_answer(predicted), string_of(wanted["normalised"]));
    const auto found = compare_answer(predicted, strings(wanted["references"]));
    expect_same(found.exact, wanted["exact"]);
    expect_same(found.f1, wanted["f1"]);
  }
}

TEST(measures_golden_test, stems_are_those_of_nltk) {
  for (const auto wanted : golden("stems").get_array())
    EXPECT_EQ(porter_stem(string_of(wanted.at(0))), string_of(wanted.at(1))) << string_of(wanted.at(0));
}

TEST(measures_golden_test, rouge_is_that_of_rouge_score) {
  for (const auto wanted : golden("rouge").get_array()) {
    const auto predicted = string_of(wanted["predicted"]);
    SCOPED_TRACE(predicted);
    EXPECT_EQ(rouge_words(predicted, {words_of::latin, true}), strings(wanted["words"]));
    for (const bool stem : {false, true}) {
      const auto found = rouge(predicted, strings(wanted["references"]), {words_of::latin, stem});
      const auto theirs = wanted[stem ? "stemmed" : "plain"];
      expect_same(found.rouge1, theirs.at(0));
      expect_same(found.rouge2, theirs.at(1));
      expect_same(found.rouge_l, theirs.at(2));
    }
  }
}

TEST(measures_golden_test, bleu_and_chrf_are_those_of_sacrebleu) {
  for (const auto wanted : golden("corpora").get_array()) {
    const auto rows = rows_of(wanted["rows"]);
    for (const auto* name : {"13a", "zh", "char", "none"}) {
      const auto kind = *bleu_tokenizer_from(name);
      std::size_t row = 0;
      for (const auto tokens : wanted["tokens"][name].get_array())
        EXPECT_EQ(bleu_tokens(rows.predicted[row++], kind), strings(tokens)) << name;
      const auto found = measure(*translation_measures(rows, kind), {}, {}).all.figures;
      ASSERT_EQ(found.size(), 3u);
      SCOPED_TRACE(name + (": " + rows.predicted.front()));
      expect_same(found[0].value, wanted["bleu"][name]);
      expect_same(found[1].value, wanted["chrf"]);
      expect_same(found[2].value, wanted["chrf++"]);
    }
    std::size_t row = 0;
    for (const auto score : wanted["sentences"]["chrf"].get_array()) {
      expect_same(
          chrf(count_chrf(rows.predicted[row], rows.references[row], chrf_kind::characters), chrf_kind::characters),
          score);
      ++row;
    }
    row = 0;
    for (const auto score : wanted["sentences"]["chrf++"].get_array()) {
      expect_same(
          chrf(count_chrf(rows.predicted[row], rows.references[row], chrf_kind::with_words), chrf_kind::with_words),
          score);
      ++row;
    }
  }
}

} // namespace
} // namespace chalkstream::education::measures
