// Every family that writes against transformers' own logits, by the kernels and by LibTorch's operations.
#include "models/generation/decoder_directory.hpp"
#include "models/generation/make_decoder.hpp"
#include "tests/models/generating_golden.hpp"
#include "tests/models/model_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace chalkstream::models {
namespace {

using testing::written_golden;

struct golden_run {
  std::string model;
  testing::backend by = testing::backend::kernels;
};

// So that a failure names the directory.
void PrintTo(const golden_run& r, std::ostream* out) {
  *out << testing::name_of(r.by) << " of " << r.model;
}

std::vector<golden_run> golden_runs() {
  std::vector<golden_run> all;
  for (const auto& model : testing::generating_goldens())
    for (const auto by : testing::backends_of(model))
      all.push_back({model, by});
  return all;
}

class generating_families_test : public ::testing::TestWithParam<golden_run> {
protected:
  void SetUp() override {
    decoder_ = testing::make_golden_decoder(GetParam().model, GetParam().by);
    ASSERT_NE(decoder_, nullptr);
    cases_ = testing::written_goldens(GetParam().model);
    ASSERT_FALSE(cases_.empty());
  }

  std::unique_ptr<decoder_line> begin(const written_golden& c) const { return testing::begin_line(*decoder_, c); }

  // By the kernels a line's logits are the same bits whatever way its tokens came in; by LibTorch's operations they
  // differ in the last ones, of the largest logit.
  void expect_same(const std::vector<float>& a, const std::vector<float>& b) const {
    const auto [low, high] = std::minmax_element(a.begin(), a.end());
    const double large = std::max({1.0, std::abs(double{*low}), std::abs(double{*high})});
    EXPECT_LE(testing::largest_difference(a, b.data()),
              GetParam().by == testing::backend::kernels ? 0 : 1e-5 * large);
  }

  std::unique_ptr<const decoder> decoder_;
  std::vector<written_golden> cases_;
};

TEST_P(generating_families_test, predicts_as_transformers_does_token_by_token) {
  for (const auto& c : cases_) {
    const auto line = begin(c);
    for (std::size_t i = 0; i < c.ids.size(); ++i) {
      const auto logits = testing::advance_one(*decoder_, *line, {&c.ids[i], 1});
      EXPECT_LT(testing::largest_difference(logits, c.logits.data() + i * logits.size()), 1e-4)
          << "position " << i << " of " << c.ids.size();
    }
    EXPECT_EQ(line->length(), c.ids.size());
  }
}

TEST_P(generating_families_test, predicts_the_same_behind_a_prompt) {
  for (const auto& c : cases_)
    for (std::size_t cut = 1; cut <= c.ids.size(); cut += cut < 4 ? 1 : 7) {
      const auto whole = begin(c);
      const auto prompt = testing::advance_one(*decoder_, *whole, {c.ids.data(), cut});
      EXPECT_LT(testing::largest_difference(prompt, c.logits.data() + (cut - 1) * prompt.size()), 1e-4) << cut;
      const auto stepped = begin(c);
      std::vector<float> last;
      for (std::size_t i = 0; i < cut; ++i)
        last = testing::advance_one(*decoder_, *stepped, {&c.ids[i], 1});
      expect_same(prompt, last);
      if (cut == c.ids.size())
        break;
      // Prompts may come in pieces.
      const auto rest = testing::advance_one(*decoder_, *whole, {c.ids.data() + cut, c.ids.size() - cut});
      EXPECT_LT(testing::largest_difference(rest, c.logits.data() + (c.ids.size() - 1) * rest.size()), 1e-4) << cut;
    }
}

TEST_P(generating_families_test, a_line_predicts_the_same_alone_and_with_neighbours) {
  std::vector<std::unique_ptr<decoder_line>> lines;
  std::vector<const sequence*> sources;
  std::vector<sequence> owned(cases_.size());
  for (std::size_t i = 0; i < cases_.size(); ++i) {
    owned[i] = cases_[i].as_source();
    sources.push_back(decoder_->source_positions() == 0 ? nullptr : &owned[i]);
  }
  lines = decoder_->begin(sources);
  std::vector<std::size_t> fed(cases_.size(), 0);
  const auto width = decoder_->vocabulary();
  // At every step each line takes another number of tokens, and some have none left.
  for (std::size_t step = 0;; ++step) {
    std::vector<decoder::input> inputs;
    std::vector<std::size_t> of;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const auto left = cases_[i].ids.size() - fed[i];
      const auto take = std::min(left, (step + i) % 3 == 0 ? std::size_t{5} : std::size_t{1});
      if (take == 0)
        continue;
      inputs.push_back({lines[i].get(), {cases_[i].ids.data() + fed[i], take}});
      fed[i] += take;
      of.push_back(i);
    }
    if (inputs.empty())
      break;
    std::vector<float> logits(inputs.size() * width);
    decoder_->advance(inputs, logits);
    for (std::size_t k = 0; k < of.size(); ++k) {
      const auto& c = cases_[of[k]];
      const std::vector<float> row(logits.begin() + static_cast<std::ptrdiff_t>(k * width),
                                   logits.begin() + static_cast<std::ptrdiff_t>((k + 1) * width));
      EXPECT_LT(testing::largest_difference(row, c.logits.data() + (fed[of[k]] - 1) * width), 1e-4);
      const auto alone = begin(c);
      const auto expected = testing::advance_one(*decoder_, *alone, {c.ids.data(), fed[of[k]]});
      expect_same(row, expected);
    }
  }
}

TEST_P(generating_families_test, forks_go_their_own_ways) {
  for (const auto& c : cases_) {
    if (c.ids.size() < 3)
      continue;
    const auto shared = c.ids.size() - 2;
    const auto first = begin(c);
    testing::advance_one(*decoder_, *first, {c.ids.data(), shared});
    auto other = first->fork();
    auto third = other->fork();
    EXPECT_EQ(other->length(), shared);
    // Another token in the fork, before and after the first goes on.
    const auto wrong = static_cast<std::int32_t>((c.ids[shared] + 1) % static_cast<int>(decoder_->vocabulary()));
    testing::advance_one(*decoder_, *other, {&wrong, 1});
    testing::advance_one(*decoder_, *first, {&c.ids[shared], 1});
    const auto astray = testing::advance_one(*decoder_, *other, {&c.ids[shared + 1], 1});
    const auto went_on = testing::advance_one(*decoder_, *first, {&c.ids[shared + 1], 1});
    const auto row = c.logits.data() + (shared + 1) * went_on.size();
    EXPECT_LT(testing::largest_difference(went_on, row), 1e-4);
    EXPECT_GT(testing::largest_difference(astray, row), 1e-3);
    other.reset();
    // The one that waited sees neither.
    const auto late = testing::advance_one(*decoder_, *third, {c.ids.data() + shared, 2});
    expect_same(late, went_on);
  }
}

INSTANTIATE_TEST_SUITE_P(every_family, generating_families_test, ::testing::ValuesIn(golden_runs()),
                         [](const auto& info) {
                           return info.param.model + "_by_" + testing::name_of(info.param.by);
                         });

} // namespace
} // namespace chalkstream::models
