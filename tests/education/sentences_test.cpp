#include "education/sentences.hpp"

#include "education/abbreviations.hpp"
#include "education/characters.hpp"

#include <gmock/gmock.h>
#include <string>

namespace chalkstream::education {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> sentences_of(std::string_view text, std::string_view lang = "") {
  std::vector<std::string> found;
  for (const auto& s : split_sentences(text, lang).sentences)
    found.emplace_back(text.substr(s.begin, s.end - s.begin));
  return found;
}

TEST(sentences_test, end_at_full_stops_question_marks_and_exclamation_marks) {
  EXPECT_THAT(sentences_of("Plants grow. Do they? They do!  \n"),
              ElementsAre("Plants grow.", "Do they?", "They do!"));
  EXPECT_THAT(sentences_of("He said \"Stop.\" She did (at once). 3.5 metres are enough."),
              ElementsAre("He said \"Stop.\"", "She did (at once).", "3.5 metres are enough."));
  EXPECT_THAT(sentences_of("no stop at all"), ElementsAre("no stop at all"));
}

TEST(sentences_test, do_not_end_at_abbreviations_and_initials_of_english) {
  for (const auto* one :
       {"Dr. Smith met Mrs. Jones.", "Plants, e.g. Mosses, need water.", "As Fig. 3 Part A shows, it falls.",
        "The U.S. Army moved on Jan. 5 Monday.", "John F. Kennedy spoke.", "It was by J. K. Rowling.",
        "Miller et al. Found otherwise, see p. 12 Note.", "St. Petersburg is cold.", "At 5 p.m. Monday it rained.",
        "No. 10 Downing Street is a house."})
    EXPECT_THAT(sentences_of(one), ElementsAre(one));
}

TEST(sentences_test, end_where_what_looks_like_an_abbreviation_is_none) {
  EXPECT_THAT(sentences_of("They moved to the U.S. The war was over."),
              ElementsAre("They moved to the U.S.", "The war was over."));
  EXPECT_THAT(sentences_of("It has vitamin C. Plants make it."), ElementsAre("It has vitamin C.", "Plants make it."));
  EXPECT_THAT(sentences_of("Is it so? No. Plants differ."), ElementsAre("Is it so?", "No.", "Plants differ."));
  EXPECT_THAT(sentences_of("Iron, copper etc. They conduct."), ElementsAre("Iron, copper etc.", "They conduct."));
}

TEST(sentences_test, follow_paragraphs_headings_and_wrapped_lines) {
  EXPECT_THAT(sentences_of("The War\n\nit began\nin spring. It ended"),
              ElementsAre("The War", "it began\nin spring.", "It ended"));
  EXPECT_THAT(sentences_of("First line\r\ngoes on.\r\n\r\nnext paragraph"),
              ElementsAre("First line\r\ngoes on.", "next paragraph"));
  EXPECT_THAT(sentences_of("Causes\nHunger was one. Dr.\nMiller agrees."),
              ElementsAre("Causes", "Hunger was one.", "Dr.\nMiller agrees."));
  EXPECT_THAT(sentences_of("1. Iron rusts. 2. Gold does not."), ElementsAre("1. Iron rusts.", "2. Gold does not."));
}

TEST(sentences_test, are_found_in_other_languages) {
  EXPECT_THAT(sentences_of("植物利用光能。它们需要水吗？需要！", "zh-Hans"),
              ElementsAre("植物利用光能。", "它们需要水吗？", "需要！"));
  EXPECT_THAT(sentences_of("光合成は大切です。水も必要です。", "ja"),
              ElementsAre("光合成は大切です。", "水も必要です。"));
  EXPECT_THAT(sentences_of("Pflanzen brauchen z.B. Licht und Wasser. Dr. Meier sagt das.", "de"),
              ElementsAre("Pflanzen brauchen z.B. Licht und Wasser.", "Dr. Meier sagt das."));
  EXPECT_THAT(sentences_of("¿Crecen las plantas? Sí, el Sr. García lo sabe.", "es"),
              ElementsAre("¿Crecen las plantas?", "Sí, el Sr. García lo sabe."));
  EXPECT_THAT(sentences_of("Растения растут. Им нужна вода.", "ru"),
              ElementsAre("Растения растут.", "Им нужна вода."));
  EXPECT_THAT(sentences_of("النباتات تنمو. هل تحتاج ماء؟ نعم.", "ar"),
              ElementsAre("النباتات تنمو.", "هل تحتاج ماء؟", "نعم."));
  EXPECT_THAT(sentences_of("पौधे बढ़ते हैं। उन्हें पानी चाहिए।", "hi"), ElementsAre("पौधे बढ़ते हैं।", "उन्हें पानी चाहिए।"));
  EXPECT_THAT(sentences_of("Plants grow. They do.", "xx-nonsense-1"), ElementsAre("Plants grow.", "They do."));
}

TEST(sentences_test, say_where_they_stand_in_bytes_and_code_points) {
  const std::string text = " \u200bÉté. 植物！ 😀 Oui";
  const auto found = split_sentences(text, "fr").sentences;
  ASSERT_EQ(found.size(), 3u);
  std::size_t points = 0, next = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto at = i;
    for (const auto& s : found) {
      EXPECT_EQ(s.begin == at, s.start == points);
      EXPECT_EQ(s.end == at, s.stop == points);
    }
    next_code_point(text, i);
    ++points;
    next = i;
  }
  EXPECT_EQ(found.back().end, next);
  EXPECT_EQ(found.back().stop, points);
  EXPECT_EQ(found[0].start, 2u);
  EXPECT_EQ(found[1].start, 7u);
}

TEST(sentences_test, need_a_letter_or_a_digit) {
  for (const auto* none : {"", " \n\t ", "... !!! ???", "\u200b\u200b", "***\n***", "。。。"})
    EXPECT_THAT(sentences_of(none), IsEmpty()) << none;
  EXPECT_THAT(sentences_of("One.\n***\nTwo."), ElementsAre("One.", "Two."));
}

TEST(sentences_test, keep_to_their_limits_and_say_so) {
  std::string many;
  for (int i = 0; i < 5000; ++i)
    many += "This is a sentence. ";
  const auto some = split_sentences(many, "en", {.sentences = 100});
  EXPECT_EQ(some.sentences.size(), 100u);
  EXPECT_FALSE(some.whole);
  const auto exactly = split_sentences("One is. Two are. ", "en", {.sentences = 2});
  EXPECT_EQ(exactly.sentences.size(), 2u);
  EXPECT_TRUE(exactly.whole);
  const auto few_bytes = split_sentences("é is. Two are.", "en", {.bytes = 1});
  EXPECT_TRUE(few_bytes.sentences.empty()) << "half a character is none";
  EXPECT_FALSE(few_bytes.whole);
}

TEST(sentences_test, are_split_where_they_are_endless) {
  std::string endless;
  while (endless.size() < 1'000'000)
    endless += "and then it goes on ";
  const auto pieces = split_sentences(endless, "en");
  EXPECT_GT(pieces.sentences.size(), 900u);
  for (const auto& s : pieces.sentences) {
    EXPECT_LE(s.stop - s.start, 1000u);
    EXPECT_NE(endless[s.begin], ' ');
    EXPECT_TRUE(s.end == endless.size() || endless[s.end] == ' ') << "in the middle of a word";
  }
  const std::string word(10'000, 'x');
  EXPECT_EQ(split_sentences(word, "en").sentences.size(), 10u);
  std::string characters;
  for (int i = 0; i < 2500; ++i)
    characters += "水";
  EXPECT_EQ(split_sentences(characters, "zh").sentences.size(), 3u);
}

TEST(sentences_test, take_linear_time_in_hostile_texts) {
  for (const std::string_view unit : {"\n", "\r\n", " ", ".", ". ", "1. ", "a. ", "A. ", "\u2028", "\u200b\n", "a\n",
                                      "Dr. ", "\"", "( ", ". 1 ", "?!"}) {
    std::string text;
    while (text.size() < 1'000'000)
      text += unit;
    const auto found = split_sentences(text, "en");
    EXPECT_LE(found.sentences.size(), 1024u);
  }
}

TEST(sentences_test, survive_bytes_that_are_no_utf8) {
  const std::string broken = "One is\xff\xfe. Two \xe6\xa4 are.\xf0\x9f";
  for (const auto& s : split_sentences(broken, "en").sentences)
    EXPECT_LE(s.end, broken.size());
}

TEST(sentences_test, differ_from_headings_by_their_end) {
  for (const auto* sentence : {"It is.", "(It is.)", "\"Is it?\"", "是。", "क्या।"})
    EXPECT_TRUE(ends_like_a_sentence(sentence)) << sentence;
  for (const auto* heading : {"", "Causes of the war", "iron", "…and so"})
    EXPECT_FALSE(ends_like_a_sentence(heading)) << heading;
}

TEST(abbreviations_test, look_at_the_nearest_words_only) {
  EXPECT_TRUE(goes_on("(see Dr.", "Smith"));
  EXPECT_TRUE(goes_on("a Ph.D.", "Student"));
  EXPECT_FALSE(goes_on("a Ph.D.", "She"));
  EXPECT_FALSE(goes_on("a longwordthatisnoabbreviationatall.", "Smith"));
  EXPECT_FALSE(goes_on("", "Smith"));
  EXPECT_FALSE(goes_on("Dr.", ""));
  EXPECT_FALSE(goes_on(".", "Smith"));
  EXPECT_FALSE(goes_on("...", "Smith"));
}

} // namespace
} // namespace chalkstream::education
