#include "models/generation/writing_model.hpp"

#include "models/generation/token_search.hpp"
#include "tests/generation/fake_decoder.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace chalkstream::models {
namespace {

using testing::fake_decoder;
using ::testing::HasSubstr;

class writing_model_test : public ::testing::Test {
protected:
  void start(fake_decoder::settings with = {}) {
    decoder_ = std::make_shared<fake_decoder>(with);
    rules_.ends = {2};
    rules_.start = 1;
    auto made = writing_model::make({nullptr, decoder_, rules_});
    ASSERT_TRUE(made) << made.error().message;
    model_ = *made;
  }

  static sequence prompt(std::vector<std::int32_t> ids, generation_settings wanted = {}) {
    return {std::move(ids), {}, std::make_shared<const generation_settings>(wanted)};
  }

  std::unique_ptr<writing> begun(const sequence& s) const {
    auto w = model_->begin(s);
    EXPECT_TRUE(w) << w.error().message;
    return w ? std::move(*w) : nullptr;
  }

  result<void> step(const std::vector<std::unique_ptr<writing>>& all) const {
    std::vector<writing*> open;
    for (const auto& w : all)
      if (!w->finished())
        open.push_back(w.get());
    return model_->step(open);
  }

  written_text alone(const sequence& s) const {
    std::vector<std::unique_ptr<writing>> one;
    one.push_back(begun(s));
    while (!one.front()->finished())
      EXPECT_TRUE(step(one));
    return one.front()->take();
  }

  /// Of every kind, lengths mixed.
  static std::vector<sequence> many() {
    std::vector<sequence> all;
    for (std::int32_t i = 0; i < 40; ++i) {
      generation_settings wanted;
      wanted.max_new_tokens = 1 + i % 17;
      wanted.beams = i % 3 == 0 ? 4 : 1;
      wanted.sample = i % 3 == 1;
      wanted.seed = static_cast<std::uint64_t>(i);
      std::vector<std::int32_t> ids;
      for (std::int32_t k = 0; k <= i % 7; ++k)
        ids.push_back((i * 5 + k) % 24);
      all.push_back(prompt(ids, wanted));
    }
    return all;
  }

  generation_config rules_;
  std::shared_ptr<fake_decoder> decoder_;
  std::shared_ptr<const writing_model> model_;
};

TEST_F(writing_model_test, a_text_does_not_depend_on_what_it_is_written_with) {
  for (const std::size_t source_positions : {0, 32}) {
    start({.source_positions = source_positions, .blocks = 10000});
    const auto prompts = many();
    std::vector<std::unique_ptr<writing>> together;
    // They join one after the other, so that every step has texts at every stage.
    for (std::size_t next = 0; next < prompts.size() || !together.back()->finished();) {
      if (next < prompts.size())
        together.push_back(begun(prompts[next++]));
      ASSERT_TRUE(step(together));
    }
    for (auto& w : together)
      while (!w->finished())
        ASSERT_TRUE(step(together));
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const auto expected = alone(prompts[i]);
      const auto text = together[i]->take();
      EXPECT_EQ(text.ids, expected.ids) << i;
      EXPECT_EQ(text.score, expected.score) << i;
    }
    EXPECT_EQ(decoder_->encoded(), 2 * prompts.size());
    EXPECT_EQ(decoder_->lines(), 0U) << "what is finished holds no lines";
    together.clear();
    EXPECT_EQ(decoder_->taken(), 0U);
  }
}

TEST_F(writing_model_test, a_source_decides_what_is_written_from_it) {
  start({.source_positions = 32});
  EXPECT_NE(alone(prompt({4, 5})).ids, alone(prompt({5, 4})).ids);
}

TEST_F(writing_model_test, says_how_many_tokens_the_next_step_computes) {
  start({.source_positions = 32});
  generation_settings wanted;
  wanted.beams = 3;
  wanted.min_new_tokens = 5;
  std::vector<std::unique_ptr<writing>> one;
  one.push_back(begun(prompt({4, 5, 6, 7}, wanted)));
  EXPECT_EQ(one.front()->next_tokens(), 5U) << "the source, and what the line begins with";
  ASSERT_TRUE(step(one));
  EXPECT_EQ(one.front()->next_tokens(), 3U);
}

TEST_F(writing_model_test, reads_a_long_prompt_in_parts_and_writes_the_same) {
  start({.positions = 512, .blocks = 1000});
  std::vector<std::int32_t> ids;
  for (std::int32_t i = 0; i < 300; ++i)
    ids.push_back(i * 7 % 24);
  generation_settings wanted;
  wanted.max_new_tokens = 3;
  wanted.beams = 1;
  std::vector<std::unique_ptr<writing>> both;
  both.push_back(begun(prompt(ids, wanted)));
  both.push_back(begun(prompt({4, 5}, wanted)));
  for (const std::size_t tokens : {128, 128, 44, 1}) {
    EXPECT_EQ(both.front()->next_tokens(), tokens);
    ASSERT_TRUE(step(both));
  }
  EXPECT_TRUE(both.back()->finished()) << "the short one did not wait";
  while (!both.front()->finished())
    ASSERT_TRUE(step(both));

  auto expected = ids;
  for (int i = 0; i < 3 && (i == 0 || expected.back() != 2); ++i) {
    const auto row = testing::hash_logits(expected);
    expected.push_back(static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  const auto text = both.front()->take().ids;
  EXPECT_TRUE(std::equal(text.begin(), text.end(), expected.begin() + 300)) << text.size();
  EXPECT_GE(text.size(), 1U);
}

TEST_F(writing_model_test, takes_room_when_it_begins_and_gives_it_back) {
  start({.blocks = 10});
  generation_settings wanted;
  wanted.max_new_tokens = 21; // with the prompt 24 tokens, 6 blocks
  const auto s = prompt({4, 5, 6}, wanted);
  auto first = begun(s);
  ASSERT_TRUE(first);
  EXPECT_EQ(decoder_->taken(), 6U);
  EXPECT_FALSE(begun(s)) << "no room at present";
  first.reset();
  EXPECT_EQ(decoder_->taken(), 0U);
  EXPECT_TRUE(begun(s));
}

TEST_F(writing_model_test, refuses_what_it_can_never_serve) {
  start({.positions = 64, .blocks = 10});
  const auto refused = [this](const sequence& s) {
    const auto w = model_->begin(s);
    EXPECT_FALSE(w);
    EXPECT_EQ(decoder_->taken(), 0U);
    return w ? std::string() : to_string(w.error());
  };
  generation_settings wanted;
  wanted.max_new_tokens = 50;
  EXPECT_THAT(refused(prompt({4}, wanted)), HasSubstr("needs 13 blocks of a cache of 10"));
  EXPECT_THAT(refused(prompt({})), HasSubstr("invalid_argument: a prompt has no tokens"));
  EXPECT_THAT(refused(prompt({24})), HasSubstr("outside the model's vocabulary of 24"));
  EXPECT_THAT(refused(prompt({-1})), HasSubstr("outside the model's vocabulary"));
  EXPECT_THAT(refused(prompt(std::vector<std::int32_t>(65, 4))), HasSubstr("has 65 tokens; the model takes 64"));
  EXPECT_THAT(refused(prompt(std::vector<std::int32_t>(64, 4))), HasSubstr("together may have 64"));
  wanted.beams = 0;
  EXPECT_THAT(refused(prompt({4}, wanted)), HasSubstr("beams"));
}

TEST_F(writing_model_test, says_what_went_wrong_and_keeps_nothing) {
  start();
  const auto failed = [this](const sequence& s) {
    std::vector<std::unique_ptr<writing>> two;
    two.push_back(begun(prompt({9})));
    two.push_back(begun(s));
    result<void> done;
    while ((done = step(two)) && !(two[0]->finished() && two[1]->finished())) {
    }
    two.clear();
    EXPECT_EQ(decoder_->lines(), 0U);
    EXPECT_EQ(decoder_->taken(), 0U);
    return done ? std::string() : to_string(done.error());
  };
  decoder_->spoils = [](auto ids) { return ids.front() == 7; };
  EXPECT_THAT(failed(prompt({7})), HasSubstr("corrupt: the model's logits are not finite"));
  EXPECT_EQ(failed(prompt({8})), "");
  decoder_->on_pass = [] { throw std::bad_alloc(); };
  EXPECT_THAT(failed(prompt({8})), HasSubstr("out_of_memory"));
  decoder_->on_pass = [] { throw std::runtime_error("a kernel failed"); };
  EXPECT_THAT(failed(prompt({8})), HasSubstr("internal: computing failed: a kernel failed"));
}

TEST_F(writing_model_test, steps_only_texts_of_its_own_that_are_not_finished) {
  start();
  struct stranger final : writing {
    bool finished() const noexcept override { return false; }
    std::size_t next_tokens() const noexcept override { return 1; }
    written_text take() override { return {}; }
  } other;
  writing* const strange[]{&other};
  EXPECT_EQ(model_->step(strange).error().code, errc::invalid_argument);
  generation_settings wanted;
  wanted.max_new_tokens = 1;
  const auto done = begun(prompt({4}, wanted));
  writing* const one[]{done.get()};
  ASSERT_TRUE(model_->step(one));
  EXPECT_TRUE(done->finished());
  EXPECT_EQ(model_->step(one).error().code, errc::invalid_argument);
  EXPECT_TRUE(model_->step({}));
}

TEST_F(writing_model_test, is_not_made_of_parts_that_do_not_fit) {
  decoder_ = std::make_shared<fake_decoder>(fake_decoder::settings{.source_positions = 8});
  generation_config rules;
  EXPECT_THAT(writing_model::make({nullptr, decoder_, rules}).error().message, HasSubstr("decoder_start_token_id"));
  rules.start = 24;
  EXPECT_THAT(writing_model::make({nullptr, decoder_, rules}).error().message, HasSubstr("names token 24"));
}

} // namespace
} // namespace chalkstream::models
