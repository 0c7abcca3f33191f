#include "core/writings.hpp"

#include "tests/support/fake_writer.hpp"

#include <gtest/gtest.h>

namespace chalkstream {
namespace {

using test::fake_writer;

std::vector<sequence> prompts(std::initializer_list<std::size_t> lengths) {
  std::vector<sequence> all;
  for (const auto length : lengths) {
    generation_settings wanted;
    wanted.max_new_tokens = length;
    all.push_back(
        {{100, 101, static_cast<std::int32_t>(all.size())}, {}, std::make_shared<const generation_settings>(wanted)});
  }
  return all;
}

void step(const fake_writer& by, const writings& texts) {
  std::vector<writing*> batch;
  texts.add_to(batch);
  ASSERT_TRUE(by.step(batch));
}

TEST(writings_test, texts_of_any_length_come_in_the_order_of_their_prompts) {
  const fake_writer model;
  const auto all = prompts({3, 1, 2});
  writings texts;
  ASSERT_TRUE(texts.begin(model, all));
  EXPECT_EQ(texts.next_tokens(), 9U);
  EXPECT_TRUE(texts.fresh());
  std::vector<std::size_t> finished;
  while (texts.under_way()) {
    step(model, texts);
    finished.push_back(texts.collect());
  }
  EXPECT_EQ(finished, (std::vector<std::size_t>{1, 1, 1}));
  EXPECT_FALSE(texts.fresh());
  const auto written = texts.take();
  ASSERT_EQ(written.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(written[i].ids, fake_writer::text_for(all[i]));
}

TEST(writings_test, begins_what_there_is_room_for_and_the_rest_later) {
  const fake_writer model(2);
  const auto all = prompts({1, 2, 1});
  writings texts;
  ASSERT_TRUE(texts.begin(model, all));
  EXPECT_EQ(texts.begun(), 2U);
  step(model, texts);
  EXPECT_EQ(texts.collect(), 1U);
  EXPECT_EQ(model.open(), 1U) << "room goes back text by text";
  ASSERT_TRUE(texts.begin(model, all));
  EXPECT_EQ(texts.begun(), 3U);
  step(model, texts);
  EXPECT_EQ(texts.collect(), 2U);
  EXPECT_FALSE(texts.under_way());
  EXPECT_EQ(texts.take()[2].ids, fake_writer::text_for(all[2]));
}

TEST(writings_test, gives_everything_back_when_it_goes) {
  const fake_writer model;
  {
    writings texts;
    ASSERT_TRUE(texts.begin(model, prompts({5, 5})));
    EXPECT_EQ(model.open(), 2U);
  }
  EXPECT_EQ(model.open(), 0U);
}

TEST(writings_test, says_what_the_model_refuses) {
  const fake_writer model;
  auto all = prompts({1, 1});
  all[1].ids.front() = fake_writer::refused_id;
  writings texts;
  EXPECT_EQ(texts.begin(model, all).error().code, errc::invalid_argument);
}

} // namespace
} // namespace chalkstream
