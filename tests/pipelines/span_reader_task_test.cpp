#include "pipelines/span_reader.hpp"
#include "tests/pipelines/task_fixture.hpp"

namespace chalkstream::pipelines {
namespace {

class span_reader_test : public task_fixture {
protected:
  /// Of a model that is sure the answer is the tokens with these ids.
  static std::vector<float> sure_of(const std::vector<sequence>& sequences, std::int32_t first, std::int32_t last) {
    std::vector<float> logits;
    for (const auto& s : sequences)
      for (const auto id : s.ids) {
        logits.push_back(id == first ? 9.0F : 0.0F);
        logits.push_back(id == last ? 9.0F : 0.0F);
      }
    return logits;
  }
};

TEST_F(span_reader_test, finds_an_answer_in_any_window_and_says_where_in_code_points) {
  std::string passage = "\u6c34\u6c34 ";
  for (int i = 0; i < 30; ++i)
    passage += "plants use light. ";
  passage += "Opposite charges attract.";
  std::vector<sequence> sequences;
  const auto draft = draft_span(*encoder().tokenizer, 32, "the metal loses", passage, {.stride = 8}, sequences);
  ASSERT_TRUE(draft) << draft.error().message;
  EXPECT_GT(sequences.size(), 4u);
  EXPECT_EQ(draft->windows.size(), sequences.size());
  EXPECT_FALSE(draft->cut);
  const auto opposite = sequences.back().ids[sequences.back().ids.size() - 5]; // "opposite charges attract . [SEP]"
  const auto found = conclude_span(*draft, sure_of(sequences, opposite, opposite + 1), 30);
  ASSERT_TRUE(found);
  EXPECT_EQ(code_points(passage, found->start, found->end), "Opposite charges");
  EXPECT_GT(found->score, 0.9);
  EXPECT_FALSE(found->is_none(0.9));
  EXPECT_TRUE(found->is_none(0.9999));
}

TEST_F(span_reader_test, prefers_no_answer_where_the_model_does) {
  std::vector<sequence> sequences;
  const auto draft = draft_span(*encoder().tokenizer, 32, "the metal", "it is hot", {}, sequences);
  ASSERT_TRUE(draft);
  const auto found = conclude_span(*draft, sure_of(sequences, 2, 2), 30); // [CLS]
  ASSERT_TRUE(found);
  EXPECT_GT(found->no_answer, 0.9);
  EXPECT_TRUE(found->is_none(0));
}

TEST_F(span_reader_test, bounds_what_it_reads_and_takes_only_logits_of_its_windows) {
  std::string passage;
  for (int i = 0; i < 5000; ++i)
    passage += "hot ";
  std::vector<sequence> sequences;
  const auto draft = draft_span(*encoder().tokenizer, 32, "is it", passage, {.most_windows = 3}, sequences);
  ASSERT_TRUE(draft);
  EXPECT_TRUE(draft->cut);
  EXPECT_EQ(sequences.size(), 3u);
  EXPECT_FALSE(conclude_span(*draft, std::vector<float>(2 * draft->rows() - 1), 30));
  EXPECT_TRUE(conclude_span(*draft, std::vector<float>(2 * draft->rows()), 30));
}

TEST_F(span_reader_test, offsets_count_code_points) {
  EXPECT_EQ(code_points("a\u00f1o nuevo", 0, 3), "a\u00f1o");
  EXPECT_EQ(code_points("\u6c34\u304c\u6c37\u308b", 1, 3), "\u304c\u6c37");
  EXPECT_EQ(code_points("ab", 1, 9), "b");
  EXPECT_EQ(code_points("ab", 2, 2), "");
  EXPECT_EQ(code_points("ab", 5, 2), "");
}

} // namespace
} // namespace chalkstream::pipelines
