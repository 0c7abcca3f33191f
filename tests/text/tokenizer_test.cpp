#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "models/text/tokenizer.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::text {
namespace {

class tokenizer_test : public testing::Test {
protected:
  static void SetUpTestSuite() {
    auto made = tokenizer::load(minilm_directory());
    ASSERT_TRUE(made) << made.error().message;
    minilm_ = std::move(made).value();
  }
  static void TearDownTestSuite() { minilm_.reset(); }
  void SetUp() override { ASSERT_NE(minilm_, nullptr); }

  encoding encoded(std::string_view text, const encode_options& options = {}) const {
    auto made = minilm_->encode(text, options);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(made).value() : encoding{};
  }

  inline static std::shared_ptr<const tokenizer> minilm_;
};

constexpr std::int32_t cls = 101, sep = 102, unknown = 100;
using ids = std::vector<std::int32_t>;
using spans = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

TEST_F(tokenizer_test, knows_its_sizes) {
  EXPECT_EQ(minilm_->vocabulary_size(), 30522U);
  EXPECT_EQ(minilm_->configured_max_length(), 512U);
}

TEST_F(tokenizer_test, counts_offsets_in_code_points_of_the_text_as_it_came) {
  const encoding made = encoded("\u4e2d e\u0301cole \U0001F600\x01x");
  EXPECT_EQ(made.offsets, (spans{{0, 0}, {0, 1}, {2, 8}, {9, 12}, {0, 0}}));
}

TEST_F(tokenizer_test, makes_special_tokens_of_an_empty_text_and_nothing_without_them) {
  EXPECT_EQ(encoded("").ids, (ids{cls, sep}));
  encode_options options;
  options.special_tokens = false;
  EXPECT_TRUE(encoded("", options).ids.empty());
  EXPECT_TRUE(encoded(" \n\x01", options).ids.empty());
}

TEST_F(tokenizer_test, gives_the_second_text_its_own_type_and_offsets) {
  const auto made = minilm_->encode_pair("hello", "hello", {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->ids, (ids{cls, 7592, sep, 7592, sep}));
  EXPECT_EQ(made->types, (ids{0, 0, 0, 1, 1}));
  EXPECT_EQ(made->offsets, (spans{{0, 0}, {0, 5}, {0, 0}, {0, 5}, {0, 0}}));
}

TEST_F(tokenizer_test, refuses_text_that_is_not_utf_8_even_behind_the_cut) {
  encode_options options;
  options.cut = truncation::longest_first;
  options.max_tokens = 4;
  for (const char* bad :
       {"\xff", "a\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xb8", "\xf0\x9f\x98"}) {
    const std::string text = std::string("one two three four five six seven eight nine ten ") + bad;
    EXPECT_EQ(minilm_->encode(text, options).error().code, errc::invalid_argument);
    EXPECT_EQ(minilm_->encode(text, {}).error().code, errc::invalid_argument);
    EXPECT_EQ(minilm_->encode_pair("fine", text, {}).error().code, errc::invalid_argument);
  }
}

TEST_F(tokenizer_test, refuses_a_limit_below_the_special_tokens) {
  encode_options options;
  options.cut = truncation::longest_first;
  options.max_tokens = 1;
  EXPECT_EQ(minilm_->encode("a", options).error().code, errc::invalid_argument);
  options.max_tokens = 2;
  EXPECT_EQ(encoded("a", options).ids, (ids{cls, sep}));
  EXPECT_TRUE(encoded("a", options).truncated);
}

TEST_F(tokenizer_test, cuts_to_a_prefix_of_the_whole_and_says_so) {
  const std::string text =
      "Photosynthesis: unaffable e\u0301tudes, \u4e2d\u6587 [SEP] electromagnetically! \u226e x=\u0338y";
  encode_options options;
  options.special_tokens = false;
  const encoding whole = encoded(text, options);
  options.cut = truncation::longest_first;
  for (options.max_tokens = 1; options.max_tokens <= whole.ids.size() + 2; ++options.max_tokens) {
    const encoding cut = encoded(text, options);
    const std::size_t size = std::min(options.max_tokens, whole.ids.size());
    EXPECT_EQ(cut.ids, ids(whole.ids.begin(), whole.ids.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_EQ(cut.offsets, spans(whole.offsets.begin(), whole.offsets.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_EQ(cut.truncated, size < whole.ids.size());
  }
}

TEST_F(tokenizer_test, reads_a_long_second_text_in_windows_that_together_are_all_of_it) {
  const std::string question = "what is it?";
  std::string passage;
  for (int i = 0; i < 40; ++i)
    passage += "\u4e2d \u00e9tudes unaffable " + std::to_string(i) + " ";
  const auto whole = minilm_->encode_pair(question, passage, {});
  ASSERT_TRUE(whole);
  const std::size_t before = whole->second.first;
  const auto made = minilm_->encode_windows(question, passage, {.max_tokens = 40, .stride = 10});
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_GT(made->size(), 3U);
  std::size_t from = 0;
  for (const auto& [tokens, at] : *made) {
    EXPECT_EQ(at, from);
    EXPECT_LE(tokens.ids.size(), 40U);
    EXPECT_FALSE(tokens.truncated);
    EXPECT_EQ(tokens.second, (std::pair{before, tokens.ids.size() - 1}));
    for (std::size_t i = 0; i < tokens.ids.size() - 1; ++i) {
      const std::size_t there = i < before ? i : i + from;
      EXPECT_EQ(tokens.ids[i], whole->ids[there]);
      EXPECT_EQ(tokens.types[i], whole->types[there]);
      EXPECT_EQ(tokens.offsets[i], whole->offsets[there]);
    }
    EXPECT_EQ(tokens.ids.back(), sep);
    from += 40 - before - 1 - 10;
  }
  const auto& last = made->back();
  EXPECT_EQ(last.from + last.tokens.second.second - before, whole->second.second - before) << "nothing is left out";
}

TEST_F(tokenizer_test, makes_one_window_of_what_fits_and_no_more_than_asked_for) {
  const auto whole = minilm_->encode_pair("what", "it is water", {});
  const auto one = minilm_->encode_windows("what", "it is water", {.max_tokens = 7});
  ASSERT_TRUE(whole && one);
  ASSERT_EQ(one->size(), 1U);
  EXPECT_EQ(one->front().tokens.ids, whole->ids);
  EXPECT_EQ(minilm_->encode_windows("what", "", {})->front().tokens.ids, (ids{cls, 2054, sep, sep}));
  std::string huge;
  for (int i = 0; i < 100'000; ++i)
    huge += "water ";
  const auto few = minilm_->encode_windows("what", huge, {.max_tokens = 64, .stride = 32, .most = 5});
  ASSERT_TRUE(few);
  ASSERT_EQ(few->size(), 5U);
  EXPECT_TRUE(few->back().tokens.truncated);
}

TEST_F(tokenizer_test, refuses_windows_that_the_first_text_fills) {
  std::string question;
  for (int i = 0; i < 30; ++i)
    question += "why ";
  EXPECT_EQ(minilm_->encode_windows(question, "because", {.max_tokens = 32}).error().code, errc::invalid_argument);
  EXPECT_EQ(minilm_->encode_windows("a", "b", {.max_tokens = 3}).error().code, errc::invalid_argument);
  EXPECT_EQ(minilm_->encode_windows("a", "\xff", {}).error().code, errc::invalid_argument);
  const auto wide = minilm_->encode_windows("a", "b c d e f g h", {.max_tokens = 8, .stride = 100});
  ASSERT_TRUE(wide) << "a stride over half the room is half the room";
  EXPECT_EQ(wide->at(1).from, 2U);
}

TEST_F(tokenizer_test, makes_one_unknown_token_of_a_word_of_a_hundred_thousand_characters) {
  const encoding made = encoded(std::string(100000, 'x') + " hello");
  EXPECT_EQ(made.ids, (ids{cls, unknown, 7592, sep}));
  EXPECT_EQ(made.offsets[1], (std::pair<std::uint32_t, std::uint32_t>{0, 100000}));
}

TEST_F(tokenizer_test, encodes_ten_megabytes_of_anything) {
  const std::size_t size = 10'000'000;
  for (const std::string_view unit : {"hello ", "x", "!", " ", "\u4e2d", "e\u0301", "\u0301\u0323", "\u302e", "[SEP]",
                                      "[", "\u00e9\u00a0", "a\x01", "\U0001F600", "\u0e01\u0e33"}) {
    std::string text;
    while (text.size() < size)
      text += unit;
    const auto made = minilm_->encode(text, {});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->ids.size(), made->offsets.size());
  }
}

TEST_F(tokenizer_test, measures_how_much_it_could_not_read) {
  EXPECT_EQ(minilm_->unknown_share(encoded("hello world")), 0);
  EXPECT_EQ(minilm_->unknown_share(encoded("")), 0);
  EXPECT_EQ(minilm_->unknown_share(encoded("\U0001F600 \U0001F601")), 1);
  EXPECT_EQ(minilm_->unknown_share(encoded("hello \U0001F600")), 0.5);
  EXPECT_GT(minilm_->unknown_share(encoded("光合作用是植物利用阳光制造养分的过程")), 0.3);
}

TEST_F(tokenizer_test, serves_many_threads_at_once_from_the_first_text_on) {
  const auto fresh = tokenizer::load(minilm_directory());
  ASSERT_TRUE(fresh);
  const std::vector<std::string> texts = {"Hello, w\u00f6rld", "\u4e2d\u6587 \ud55c\uad6d\uc5b4",
                                          "\u0928\u092e\u0938", "=\u0338 \u302e\u0323",
                                          "\u041f\u0440\u0438\u0432\u0435\u0442 [MASK]"};
  std::vector<encoding> wanted;
  for (const std::string& text : texts)
    wanted.push_back(encoded(text));
  std::vector<std::size_t> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      for (std::size_t n = 0; n < 2000; ++n) {
        const std::size_t k = (n + t) % texts.size();
        const auto made = (*fresh)->encode(texts[k], {});
        wrong[t] += !made || made->ids != wanted[k].ids || made->offsets != wanted[k].offsets;
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(wrong, std::vector<std::size_t>(4, 0));
}

} // namespace
} // namespace chalkstream::text
