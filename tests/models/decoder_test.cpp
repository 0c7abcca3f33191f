// What a decoder promises whatever its family: its cache's limit, what it refuses, and many threads at once.
#include "models/generation/decoder_directory.hpp"
#include "tests/models/generating_golden.hpp"
#include "tests/models/model_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>
#include <thread>

namespace chalkstream::models {
namespace {

using testing::backend;

class decoder_test : public ::testing::TestWithParam<backend> {
protected:
  // Bytes of the block that the error about too small a cache names.
  static std::size_t block_bytes(const std::string& model) {
    const auto refused = open_decoder(testing::generating_golden(model), {}, 1);
    EXPECT_FALSE(refused);
    const auto& message = refused.error().message;
    return std::stoul(message.substr(message.rfind(' ')));
  }

  std::unique_ptr<const decoder> make(const std::string& model, std::size_t blocks) const {
    return testing::make_golden_decoder(model, GetParam(), blocks * block_bytes(model) + 1);
  }

  static std::vector<float> row_of(const testing::written_golden& c, std::size_t position, std::size_t width) {
    const auto first = c.logits.begin() + static_cast<std::ptrdiff_t>(position * width);
    return {first, first + static_cast<std::ptrdiff_t>(width)};
  }

  // Forks of one line, each in a thread of its own.
  void expect_undisturbed_threads(const std::string& model) const {
    const auto d = make(model, 64);
    const auto c = testing::written_goldens(model).back();
    const auto start = testing::begin_line(*d, c);
    testing::advance_one(*d, *start, {c.ids.data(), 10});
    std::vector<double> worst(4, -1);
    std::vector<std::thread> threads;
    for (auto& mine : worst)
      threads.emplace_back([&d, &c, &mine, line = start->fork()] {
        for (int round = 0; round < 5; ++round) {
          const auto own = line->fork();
          for (std::size_t i = 10; i < c.ids.size(); ++i) {
            const auto logits = testing::advance_one(*d, *own, {&c.ids[i], 1});
            mine = std::max(mine, testing::largest_difference(logits, row_of(c, i, logits.size()).data()));
          }
        }
      });
    for (auto& thread : threads)
      thread.join();
    for (const double most : worst) {
      EXPECT_GE(most, 0);
      EXPECT_LT(most, 1e-4);
    }
  }
};

TEST_P(decoder_test, reserves_what_lines_and_sources_may_need) {
  const auto d = make("bart", 20);
  EXPECT_EQ(d->blocks(), 20u);
  EXPECT_EQ(d->blocks_for(1, 16, 16), 2u);
  EXPECT_EQ(d->blocks_for(4, 17, 33), 11u);
  EXPECT_EQ(d->reserve(4, 17, 33), 11u);
  EXPECT_EQ(d->reserve(4, 17, 33), 0u);
  EXPECT_EQ(d->reserve(4, 32, 16), 9u);
  EXPECT_EQ(d->reserve(1, 1, 1), 0u);
  d->release(11);
  EXPECT_EQ(d->reserve(4, 17, 33), 11u);
  constexpr auto most = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(d->reserve(most, most, most), 0u);
  EXPECT_GT(d->blocks_for(most, most, most), d->blocks());
}

TEST_P(decoder_test, a_decoder_alone_keeps_no_source) {
  const auto d = make("gpt2", 4);
  EXPECT_EQ(d->source_positions(), 0u);
  EXPECT_EQ(d->blocks_for(2, 20, 100), 4u);
}

TEST_P(decoder_test, takes_blocks_as_lines_grow_and_gives_them_back) {
  const auto d = make("bart", 12);
  const auto golden = testing::written_goldens("bart").back(); // 40 tokens to a source of 16
  ASSERT_EQ(golden.ids.size(), 40u);
  ASSERT_EQ(golden.source.size(), 16u);
  auto line = testing::begin_line(*d, golden);
  EXPECT_EQ(d->blocks_taken(), 1u);
  testing::advance_one(*d, *line, {golden.ids.data(), 16});
  EXPECT_EQ(d->blocks_taken(), 2u);
  testing::advance_one(*d, *line, {golden.ids.data() + 16, 4});
  EXPECT_EQ(d->blocks_taken(), 3u);
  auto fork = line->fork();
  EXPECT_EQ(d->blocks_taken(), 3u);
  // Its own copy of the block both were writing to.
  testing::advance_one(*d, *fork, {golden.ids.data() + 20, 1});
  EXPECT_EQ(d->blocks_taken(), 4u);
  testing::advance_one(*d, *line, {golden.ids.data() + 20, 1});
  EXPECT_EQ(d->blocks_taken(), 4u);
  line.reset();
  EXPECT_EQ(d->blocks_taken(), 3u);
  fork.reset();
  EXPECT_EQ(d->blocks_taken(), 0u);
}

TEST_P(decoder_test, blocks_that_were_used_before_do_not_show) {
  const auto d = make("t5", 8);
  const auto goldens = testing::written_goldens("t5");
  for (int round = 0; round < 3; ++round)
    for (const auto& c : goldens) {
      const auto line = testing::begin_line(*d, c);
      const auto logits = testing::advance_one(*d, *line, c.ids);
      EXPECT_LT(testing::largest_difference(logits, row_of(c, c.ids.size() - 1, logits.size()).data()), 1e-4);
    }
  EXPECT_EQ(d->blocks_taken(), 0u);
}

TEST_P(decoder_test, a_full_cache_is_bad_alloc_and_costs_no_line_its_tokens) {
  const auto d = make("gpt2", 3);
  const auto c = testing::written_goldens("gpt2").back();
  const auto first = testing::begin_line(*d, c);
  const auto second = testing::begin_line(*d, c);
  testing::advance_one(*d, *first, {c.ids.data(), 17});
  testing::advance_one(*d, *second, {c.ids.data(), 10});
  EXPECT_THROW(testing::advance_one(*d, *second, {c.ids.data() + 10, 10}), std::bad_alloc);
  EXPECT_EQ(second->length(), 10u);
  const auto fork = first->fork();
  EXPECT_THROW(testing::advance_one(*d, *fork, {c.ids.data() + 17, 1}), std::bad_alloc);
  const auto logits = testing::advance_one(*d, *second, {c.ids.data() + 10, 6});
  EXPECT_LT(testing::largest_difference(logits, row_of(c, 15, logits.size()).data()), 1e-4);
}

TEST_P(decoder_test, refuses_lines_longer_than_its_positions) {
  const auto d = make("gpt2", 20);
  const std::vector<std::int32_t> ids(d->positions() + 1, 3);
  const auto line = testing::begin_line(*d, {{}, ids, {}});
  EXPECT_THROW(testing::advance_one(*d, *line, ids), std::invalid_argument);
  testing::advance_one(*d, *line, {ids.data(), d->positions()});
  EXPECT_THROW(testing::advance_one(*d, *line, {ids.data(), 1}), std::invalid_argument);
  EXPECT_EQ(line->length(), d->positions());
}

TEST_P(decoder_test, refuses_what_is_not_its_own) {
  const auto d = make("bart", 20);
  const auto other = make("gpt2", 20);
  const std::vector<std::int32_t> one{1};
  const auto line = testing::begin_line(*d, {one, one, {}});
  const auto foreign = testing::begin_line(*other, {{}, one, {}});
  EXPECT_THROW(testing::advance_one(*d, *foreign, one), std::invalid_argument);
  for (const std::int32_t id : {-1, static_cast<int>(d->vocabulary()), std::numeric_limits<std::int32_t>::min()})
    EXPECT_THROW(testing::advance_one(*d, *line, {&id, 1}), std::invalid_argument) << id;
  EXPECT_THROW(testing::advance_one(*d, *line, {}), std::invalid_argument);
  std::vector<float> few(d->vocabulary() - 1);
  const decoder::input input{line.get(), one};
  std::vector<float> two(2 * d->vocabulary());
  EXPECT_THROW(d->advance(std::vector<decoder::input>{input, input}, two), std::invalid_argument);
  d->advance({}, {});
  EXPECT_THROW(d->advance({&input, 1}, few), std::invalid_argument);
  EXPECT_EQ(line->length(), 0u);

  const auto begin = [&](std::vector<std::int32_t> ids) { testing::begin_line(*d, {std::move(ids), {}, {}}); };
  EXPECT_THROW(begin({}), std::invalid_argument);
  EXPECT_THROW(begin({1, 41}), std::invalid_argument);
  EXPECT_THROW(begin(std::vector<std::int32_t>(d->source_positions() + 1, 1)), std::invalid_argument);
  const sequence* none = nullptr;
  EXPECT_THROW(d->begin({&none, 1}), std::invalid_argument);
  EXPECT_EQ(d->blocks_taken(), 1u); // of the source that was taken
}

TEST_P(decoder_test, refuses_sources_that_are_not_its_pictures) {
  const auto d = make("trocr", 20);
  ASSERT_NE(d->pictures(), nullptr);
  EXPECT_EQ(d->source_positions(), 10u); // 3 x 3 patches and one
  const auto begin = [&](const sequence& s) {
    const sequence* given = &s;
    d->begin({&given, 1});
  };
  const auto grey = vision::grey_picture(*d->pictures(), 10);
  EXPECT_EQ(d->length_of(grey), 10u);
  EXPECT_THROW(begin({{1, 2}, {}}), std::invalid_argument);
  EXPECT_THROW(begin(vision::grey_picture({{24, 23}, 3}, 10)), std::invalid_argument);
  EXPECT_THROW(begin(vision::grey_picture({{24, 24}, 1}, 10)), std::invalid_argument);
  EXPECT_EQ(d->blocks_taken(), 0u);
  begin(grey);
}

TEST_P(decoder_test, threads_with_lines_of_one_source_do_not_disturb_each_other) {
  expect_undisturbed_threads("llama");
}

// By the kernels alone.
class recurrent_decoder_test : public decoder_test {};

TEST_P(recurrent_decoder_test, a_line_is_one_block_however_long_it_grows) {
  const auto d = make("lstm", 10);
  EXPECT_EQ(d->blocks_for(4, 1000000, 17), 6u);
  const auto golden = testing::written_goldens("lstm")[1]; // 16 tokens to a source of 17
  ASSERT_EQ(golden.source.size(), 17u);
  auto line = testing::begin_line(*d, golden);
  EXPECT_EQ(d->blocks_taken(), 3u);
  testing::advance_one(*d, *line, golden.ids);
  testing::advance_one(*d, *line, golden.ids);
  EXPECT_EQ(d->blocks_taken(), 3u);
  EXPECT_EQ(line->length(), 32u);
}

TEST_P(recurrent_decoder_test, forks_share_a_state_until_one_of_them_goes_on) {
  const auto d = make("lstm", 10);
  const auto golden = testing::written_goldens("lstm")[1];
  auto line = testing::begin_line(*d, golden);
  testing::advance_one(*d, *line, golden.ids);
  auto fork = line->fork();
  EXPECT_EQ(d->blocks_taken(), 3u);
  testing::advance_one(*d, *fork, {golden.ids.data(), 1});
  EXPECT_EQ(d->blocks_taken(), 4u);
  testing::advance_one(*d, *line, {golden.ids.data(), 1});
  EXPECT_EQ(d->blocks_taken(), 4u);
  line.reset();
  EXPECT_EQ(d->blocks_taken(), 3u);
  fork.reset();
  EXPECT_EQ(d->blocks_taken(), 0u);
}

TEST_P(recurrent_decoder_test, a_full_cache_is_bad_alloc_and_costs_no_line_its_state) {
  const auto d = make("lstm", 3);
  const auto golden = testing::written_goldens("lstm")[1];
  const auto line = testing::begin_line(*d, golden);
  testing::advance_one(*d, *line, {golden.ids.data(), 8});
  const auto fork = line->fork();
  EXPECT_THROW(testing::advance_one(*d, *fork, {golden.ids.data(), 1}), std::bad_alloc);
  EXPECT_THROW(testing::begin_line(*d, golden), std::bad_alloc);
  EXPECT_EQ(d->blocks_taken(), 3u);
}

TEST_P(recurrent_decoder_test, threads_with_forks_of_one_line_do_not_disturb_each_other) {
  expect_undisturbed_threads("lstm");
}

INSTANTIATE_TEST_SUITE_P(of, recurrent_decoder_test, ::testing::Values(backend::kernels),
                         [](const auto& info) { return testing::name_of(info.param); });

INSTANTIATE_TEST_SUITE_P(both, decoder_test, ::testing::Values(backend::kernels, backend::libtorch),
                         [](const auto& info) { return testing::name_of(info.param); });

} // namespace
} // namespace chalkstream::models
