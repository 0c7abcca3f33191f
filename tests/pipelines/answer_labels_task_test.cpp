#include "pipelines/answer_labels.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <limits>

namespace chalkstream::pipelines {
namespace {

using education::answer_class;
using testing::ElementsAre;
using testing::HasSubstr;

result<std::vector<answer_class>> classes(std::vector<std::string> labels) {
  return answer_classes_of(labels);
}

TEST(answer_labels_test, knows_the_names_of_the_task) {
  const auto five = classes({"contradictory", "correct", "irrelevant", "non_domain", "partially_correct_incomplete"});
  ASSERT_TRUE(five.ok());
  EXPECT_THAT(*five, ElementsAre(answer_class::contradictory, answer_class::correct, answer_class::incorrect,
                                 answer_class::incorrect, answer_class::partially_correct));
}

TEST(answer_labels_test, refuses_labels_that_say_nothing_of_an_answer) {
  EXPECT_THAT(classes({"correct", "LABEL_1"}).error().message,
              HasSubstr("'LABEL_1' is not one that answers may have: correct, incorrect"));
  EXPECT_FALSE(classes({"incorrect", "contradictory"}).ok());
  EXPECT_FALSE(classes({"correct"}).ok());
  EXPECT_FALSE(classes({}).ok());
}

TEST(answer_labels_test, adds_up_the_labels_of_a_class) {
  const std::vector<answer_class> of{answer_class::correct, answer_class::incorrect, answer_class::incorrect};
  const std::vector<float> logits{0.f, std::log(2.f), std::log(5.f)};
  const auto p = answer_probabilities_of(logits, of);
  ASSERT_TRUE(p);
  EXPECT_NEAR((*p)[static_cast<std::size_t>(answer_class::correct)], 1.0 / 8, 1e-6);
  EXPECT_NEAR((*p)[static_cast<std::size_t>(answer_class::incorrect)], 7.0 / 8, 1e-6);
  EXPECT_EQ((*p)[static_cast<std::size_t>(answer_class::partially_correct)], 0);
}

TEST(answer_labels_test, means_of_several_looks_leave_unknown_classes_at_nothing) {
  const std::vector<answer_class> of{answer_class::correct, answer_class::incorrect};
  const auto even = mean_answer_probabilities({2, {2.f, 0.f, 0.f, 2.f}}, of);
  ASSERT_TRUE(even);
  EXPECT_NEAR((*even)[0], 0.5, 1e-6);
  EXPECT_EQ((*even)[static_cast<std::size_t>(answer_class::contradictory)], 0);
  const auto once = mean_answer_probabilities({2, {2.f, 0.f}}, of);
  EXPECT_NEAR((*once)[0], (*answer_probabilities_of(std::vector<float>{2.f, 0.f}, of))[0], 1e-9);
  EXPECT_FALSE(mean_answer_probabilities({2, {}}, of));
  EXPECT_FALSE(mean_answer_probabilities({2, {0.f, 0.f, std::numeric_limits<float>::quiet_NaN(), 0.f}}, of));
}

TEST(answer_labels_test, gives_nothing_for_logits_that_are_none) {
  const std::vector<answer_class> of{answer_class::correct, answer_class::incorrect};
  EXPECT_FALSE(answer_probabilities_of(std::vector<float>{1.f}, of));
  EXPECT_FALSE(answer_probabilities_of(std::vector<float>{1.f, std::numeric_limits<float>::infinity()}, of));
  const auto far = answer_probabilities_of(std::vector<float>{3e38f, -3e38f}, of);
  ASSERT_TRUE(far);
  EXPECT_EQ(far->front(), 1);
}

} // namespace
} // namespace chalkstream::pipelines
