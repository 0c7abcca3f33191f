#include "pipelines/label_vectors.hpp"
#include "tests/pipelines/task_fixture.hpp"

#include <cmath>
#include <limits>

namespace chalkstream::pipelines {
namespace {

class label_vectors_test : public task_fixture {
protected:
  /// A text's row counts its words.
  class counting_model final : public model {
  public:
    std::shared_ptr<const model_identity> identity() const override {
      return std::make_shared<const model_identity>(model_identity{"counting", "1", "d"});
    }
    std::size_t max_tokens() const noexcept override { return 64; }
    std::size_t output_width() const noexcept override { return embed({sequence{}}).width; }
    result<output_rows> run(std::span<const sequence* const> batch, crew*) const override {
      std::vector<sequence> all;
      for (const auto* s : batch)
        all.push_back(*s);
      return embed(all);
    }
  };

  static result<label_vectors> vectors(const std::vector<std::string>& labels, std::string_view prompt = "{}",
                                       std::size_t max_tokens = 64) {
    return label_vectors::make(labels, prompt, *encoder().tokenizer, counting_model(), 10, max_tokens);
  }
  static sequence tokens(std::string_view text) {
    return {encoder().tokenizer->encode(text, {.offsets = false}).value().ids, {}};
  }
};

TEST_F(label_vectors_test, are_logits_by_angle_times_the_models_scale) {
  const auto made = vectors({"metal", "light"});
  ASSERT_TRUE(made) << made.error().message;
  const auto logits = made->logits(embed({tokens("metal metal metal")}).values);
  ASSERT_EQ(logits.size(), 2u);
  EXPECT_NEAR(logits[0], 10, 1e-5);
  EXPECT_NEAR(logits[1], 0, 1e-5);
  const auto both = made->logits(embed({tokens("metal light")}).values);
  EXPECT_NEAR(both[0], 10 / std::sqrt(2.0), 1e-5);
  EXPECT_NEAR(both[1], 10 / std::sqrt(2.0), 1e-5);
}

TEST_F(label_vectors_test, are_of_the_prompt_with_the_label_in_it) {
  const auto made = vectors({"metal", "light"}, "plants use {}");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_NEAR(made->logits(embed({tokens("plants use light")}).values)[1], 10, 1e-5);
}

TEST_F(label_vectors_test, refuse_labels_that_are_too_long_or_mean_nothing) {
  const auto long_one = vectors({"metal", "light light light"}, "{}", 4);
  ASSERT_FALSE(long_one);
  EXPECT_TRUE(
      has(long_one.error().message, "the label 'light light light' makes a prompt of 5 tokens; the model reads 4"));
  const auto empty = vectors({"metal", " "});
  ASSERT_FALSE(empty);
  EXPECT_TRUE(has(empty.error().message, "no direction for the label ' '"));
}

TEST_F(label_vectors_test, give_nothing_for_a_row_without_direction) {
  const auto made = vectors({"metal", "light"});
  ASSERT_TRUE(made) << made.error().message;
  std::vector<float> row(made->width());
  EXPECT_TRUE(made->logits(row).empty());
  row[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(made->logits(row).empty());
  EXPECT_TRUE(made->logits(std::vector<float>{1, 2}).empty());
}

} // namespace
} // namespace chalkstream::pipelines
