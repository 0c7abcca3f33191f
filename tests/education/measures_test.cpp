// What the goldens do not reach: where a measure is not defined, and what this project adds to the usual libraries.
#include "education/measures/label_measures.hpp"
#include "education/measures/rouge.hpp"
#include "education/measures/score_measures.hpp"
#include "education/measures/text_measures.hpp"
#include "education/measures/unicode_text.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace chalkstream::education::measures {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<double> values(const group_figures& of) {
  std::vector<double> all;
  for (const auto& figure : of.figures)
    all.push_back(figure.value);
  return all;
}

labelled_rows labelled(std::vector<std::string> predicted, std::vector<std::string> reference,
                       std::vector<std::string> scale = {}) {
  auto rows = number_labels(predicted, reference, scale);
  EXPECT_TRUE(rows) << rows.error().message;
  return *rows;
}

TEST(measures_test, integers_are_a_scale_that_keeps_the_steps_nobody_used) {
  const auto rows = labelled({"3", "-1"}, {"10", "3"});
  EXPECT_TRUE(rows.ordinal);
  EXPECT_EQ(rows.labels.size(), 12u);
  EXPECT_EQ(rows.labels.front(), "-1");
  EXPECT_EQ(rows.labels.back(), "10");
  EXPECT_THAT(rows.reference, ElementsAre(11, 4));
}

TEST(measures_test, other_labels_are_no_scale_unless_one_is_given) {
  for (const auto& odd : {"07", "1.5", "B", "", "99999999999999999999", "200"})
    EXPECT_FALSE(labelled({"1", odd}, {"2", "1"}).ordinal) << odd;
  EXPECT_FALSE(labelled({"-9223372036854775808"}, {"9223372036854775807"}).ordinal);
  const auto rows = labelled({"low", "high"}, {"high", "high"}, {"low", "middle", "high"});
  EXPECT_TRUE(rows.ordinal);
  EXPECT_THAT(rows.labels, ElementsAre("low", "middle", "high"));
  EXPECT_THAT(label_measures{rows}.names(), ElementsAre("accuracy", "macro_f1", "qwk"));
}

TEST(measures_test, a_label_off_the_scale_a_step_twice_and_too_many_labels_are_refused) {
  const std::vector<std::string> some{"a", "b"};
  EXPECT_FALSE(number_labels(some, some, std::vector<std::string>{"a"}));
  EXPECT_FALSE(number_labels(some, some, std::vector<std::string>{"a", "b", "a"}));
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= most_labels; ++i)
    many.push_back("text " + std::to_string(i));
  EXPECT_FALSE(number_labels(many, many));
}

TEST(measures_test, what_rows_do_not_define_is_not_a_number) {
  const label_measures one_class{labelled({"1", "1"}, {"1", "1"})};
  const auto found = values(measure(one_class, {}, {}).all);
  EXPECT_EQ(found[0], 1);
  EXPECT_TRUE(std::isnan(found[2])) << "kappa of one step";
  for (const auto value : one_class.of({}))
    EXPECT_TRUE(std::isnan(value));
  const score_measures constant{{{{"", {1.5, 1.5}, {1, 2.5}}}}};
  EXPECT_THAT(constant.names(), ElementsAre("rmse", "mae", "pearson")) << "2.5 is no step of a scale";
  EXPECT_TRUE(std::isnan(constant.of(std::vector<std::uint32_t>{0, 1})[2]));
}

TEST(measures_test, subgroups_have_the_figures_of_their_rows_in_order_of_their_names) {
  auto rows = labelled({"a", "b", "b", "a"}, {"a", "a", "b", "a"});
  rows.confidence = {1, 1, 1, 1};
  const std::vector<std::string> groups{"y", "x", "y", "y"};
  const auto found = measure(label_measures{rows}, groups, {});
  EXPECT_THAT(values(found.all), ElementsAre(0.75, testing::DoubleNear(11.0 / 15, 1e-12), 0.25));
  ASSERT_EQ(found.groups.size(), 2u);
  EXPECT_EQ(found.groups[0].group, "x");
  EXPECT_EQ(found.groups[0].rows, 1u);
  EXPECT_THAT(values(found.groups[0]), ElementsAre(0, 0, 1));
  EXPECT_THAT(values(found.groups[1]), ElementsAre(1, 1, 0));
  EXPECT_TRUE(std::isnan(found.all.figures[0].range.low)) << "no bootstrap was asked for";
}

TEST(measures_test, the_same_seed_gives_the_same_ranges_and_another_one_others) {
  text_rows rows;
  for (int i = 0; i < 40; ++i) {
    rows.predicted.push_back("word" + std::to_string(i % 3) + " and more of it here");
    rows.references.push_back({"word" + std::to_string(i % 2) + " and less of it here"});
  }
  const auto set = translation_measures(rows, bleu_tokenizer::v13a);
  const auto first = measure(*set, {}, {200, 1, 0.95}).all.figures;
  const auto again = measure(*set, {}, {200, 1, 0.95}).all.figures;
  const auto other = measure(*set, {}, {200, 2, 0.95}).all.figures;
  for (std::size_t f = 0; f < first.size(); ++f) {
    EXPECT_EQ(first[f].range.low, again[f].range.low);
    EXPECT_LE(first[f].range.low, first[f].value);
    EXPECT_GE(first[f].range.high, first[f].value);
  }
  EXPECT_NE(first[0].range.low, other[0].range.low);
}

TEST(measures_test, a_range_needs_the_figure_in_most_resamples) {
  const std::vector<std::uint32_t> rows{0, 1, 2};
  std::size_t calls = 0;
  const auto sometimes = [&](row_list) {
    ++calls;
    return std::vector{calls % 4 == 0 ? std::nan("") : 2.0, calls % 4 == 0 ? 2.0 : std::nan("")};
  };
  const auto ranges = bootstrap_intervals(rows, {100, 0, 0.95}, sometimes);
  EXPECT_EQ(calls, 100u);
  EXPECT_EQ(ranges[0].low, 2);
  EXPECT_EQ(ranges[0].high, 2);
  EXPECT_TRUE(std::isnan(ranges[1].low));
  EXPECT_TRUE(std::isnan(percentile({}, 0.5)));
  EXPECT_THAT(bootstrap_intervals({}, {100, 0, 0.95}, sometimes), IsEmpty());
}

TEST(measures_test, rouge_of_any_script_has_words_where_rouge_score_has_none) {
  const rouge_settings any{words_of::any_script, false};
  const std::vector<std::string> russian{"Растения создают сахар"};
  EXPECT_EQ(rouge("растения создают", russian).rouge1, 0);
  EXPECT_NEAR(rouge("растения создают", russian, any).rouge1, 0.8, 1e-12);
  EXPECT_THAT(rouge_words("植物は3種 हिन्दी Café's x_y", any),
              ElementsAre("植", "物", "は", "3", "種", "हिन्दी", "café", "s", "x", "y"));
  EXPECT_THAT(rouge_words("The cats were running; Café", {words_of::any_script, true}),
              ElementsAre("the", "cat", "were", "run", "café"));
}

TEST(measures_test, long_texts_take_little_memory) {
  std::string text;
  for (int i = 0; i < 20000; ++i)
    text += "w" + std::to_string(i * 7919 % 5000) + " ";
  const std::vector<std::string> same{text};
  const auto found = rouge(text, same);
  EXPECT_EQ(found.rouge1, 1);
  EXPECT_EQ(found.rouge_l, 1);
}

TEST(measures_test, broken_utf8_is_measured_as_replacement_characters) {
  EXPECT_EQ(code_points("a\xFF\xE4\xBD"), U"a\uFFFD\uFFFD\uFFFD");
  text_rows rows{{"caf\xC3 \xFF"}, {{"caf\xC3 \xFE"}}};
  for (const auto kind : {bleu_tokenizer::v13a, bleu_tokenizer::zh, bleu_tokenizer::characters, bleu_tokenizer::none})
    for (const auto value : translation_measures(rows, kind)->of(std::vector<std::uint32_t>{0}))
      EXPECT_GE(value, 0);
  EXPECT_EQ(stripped(" \x1C x \xE3\x80\x80"), "x");
  EXPECT_EQ(stripped(" \n "), "");
  EXPECT_THAT(split_words("\xC2\xA0 \x85\t"), ElementsAre("\x85"));
}

} // namespace
} // namespace chalkstream::education::measures
