// Directories of every family, from config.json to the last token: what transformers' generate() writes, with prompts
// of all lengths and settings packed together.
#include "models/repository.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>

namespace chalkstream::models {
namespace {

using nlohmann::json;

const std::filesystem::path goldens = CHALK_GENERATION_GOLDENS;
constexpr std::uint32_t vocabulary = 96;

std::vector<std::int32_t> prompt(std::uint32_t number, const json& end) {
  std::uint32_t state = number * 2654435761U;
  std::vector<std::int32_t> ids;
  for (std::uint32_t i = 0; i <= number * 7 % 23; ++i) {
    state = state * 1664525U + 1013904223U;
    ids.push_back(static_cast<std::int32_t>(4 + (state >> 16U) % (vocabulary - 5)));
  }
  if (!end.is_null())
    ids.push_back(end.get<std::int32_t>());
  return ids;
}

/// Blocks of one colour each.
sequence picture_of(std::uint32_t number) {
  constexpr std::size_t side = 16, block = 4, across = side / block;
  std::uint32_t state = number * 2654435761U;
  std::vector<std::uint8_t> colours;
  for (std::size_t i = 0; i < across * across * 3; ++i) {
    state = state * 1664525U + 1013904223U;
    colours.push_back(static_cast<std::uint8_t>(state >> 24U));
  }
  picture made{side, side, 3, {}};
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x < side; ++x)
      for (std::size_t c = 0; c < 3; ++c)
        made.values.push_back(colours[(y / block * across + x / block) * 3 + c]);
  sequence s;
  s.image = std::make_shared<const picture>(std::move(made));
  s.image_tokens = across * across + 1;
  return s;
}

std::string hashed(const std::vector<std::int32_t>& ids) {
  std::uint64_t h = 14695981039346656037ULL;
  for (const auto id : ids)
    h = (h ^ static_cast<std::uint64_t>(id)) * 1099511628211ULL;
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(h));
  return text;
}

std::shared_ptr<const generation_settings> settings_from(const json& said) {
  generation_settings wanted;
  const auto take = [&said](const char* name, auto& into) {
    if (said.contains(name))
      into = said[name].get<typename std::decay_t<decltype(into)>::value_type>();
  };
  take("max_new_tokens", wanted.max_new_tokens);
  take("min_new_tokens", wanted.min_new_tokens);
  take("num_beams", wanted.beams);
  take("length_penalty", wanted.length_penalty);
  take("no_repeat_ngram_size", wanted.no_repeat_ngram);
  take("repetition_penalty", wanted.repetition_penalty);
  if (said.contains("early_stopping"))
    wanted.stop_early = said["early_stopping"] == true    ? early_stopping::yes
                        : said["early_stopping"] == false ? early_stopping::no
                                                          : early_stopping::never;
  return std::make_shared<const generation_settings>(wanted);
}

result<loaded_model> load_golden(const std::filesystem::path& directory, std::size_t cache = 64U << 20U) {
  load_request request;
  request.name = "m";
  request.directory = directory;
  request.output = head::text;
  request.text_cache_bytes = cache;
  return load(request, observer::none(), log::none());
}

struct golden_texts {
  std::vector<sequence> prompts;
  std::vector<std::size_t> lengths;
  std::vector<std::string> hashes;
};

golden_texts read_golden(const std::string& name) {
  std::ifstream file(goldens / name / "written.json");
  const auto all = json::parse(file);
  const bool sees = std::filesystem::exists(goldens / name / "preprocessor_config.json");
  golden_texts read;
  for (const auto& row : all["written"]) {
    const auto number = row[0].get<std::uint32_t>();
    auto& given = read.prompts.emplace_back(sees ? picture_of(number) : sequence{prompt(number, all["end"]), {}});
    given.wanted = settings_from(all["settings"][number % all["settings"].size()]);
    read.lengths.push_back(row[1]);
    read.hashes.push_back(row[2]);
  }
  return read;
}

/// Everything at once, as far as there is room; what finishes makes room for the next.
std::vector<written_text> write_together(const model& by, const std::vector<sequence>& prompts) {
  std::vector<written_text> texts(prompts.size());
  std::vector<std::pair<std::size_t, std::unique_ptr<writing>>> open;
  std::size_t next = 0;
  while (next < prompts.size() || !open.empty()) {
    while (next < prompts.size()) {
      auto begun = by.begin(prompts[next]);
      EXPECT_TRUE(begun) << begun.error().message;
      if (!begun || !*begun)
        break;
      open.emplace_back(next++, std::move(*begun));
    }
    std::vector<writing*> batch;
    for (const auto& [index, w] : open)
      batch.push_back(w.get());
    const auto done = by.step(batch);
    EXPECT_TRUE(done) << done.error().message;
    if (!done || batch.empty())
      break;
    std::erase_if(open, [&texts](auto& each) {
      if (!each.second->finished())
        return false;
      texts[each.first] = each.second->take();
      return true;
    });
  }
  return texts;
}

TEST(picture_writer_test, refuses_a_prompt_that_is_not_its_picture) {
  const auto loaded = load_golden(goldens / "trocr");
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_TRUE(loaded->pictures);
  EXPECT_EQ(loaded->image_tokens, 17U); // 4 x 4 patches and one
  EXPECT_EQ(loaded->max_tokens, 17U);
  EXPECT_TRUE(loaded->writing->has_source);
  const auto refused = [&](const sequence& prompt) { return loaded->compute->begin(prompt).error().message; };
  EXPECT_THAT(refused({{5, 6}, {}}), ::testing::HasSubstr("the model takes images"));
  auto small = picture_of(1);
  auto cut = *small.image;
  cut.values.pop_back();
  small.image = std::make_shared<const picture>(cut);
  EXPECT_THAT(refused(small), ::testing::HasSubstr("the model takes 16x16 with 3 channels"));
  EXPECT_TRUE(sees_images(goldens / "trocr").value());
  EXPECT_FALSE(sees_images(goldens / "bart").value());
  load_request classes;
  classes.directory = goldens / "trocr";
  classes.output = head::logits;
  EXPECT_EQ(load(classes, observer::none(), log::none()).error().code, errc::invalid_configuration);
}

class models_test : public ::testing::TestWithParam<std::string> {};

TEST_P(models_test, writes_what_transformers_writes) {
  const auto golden = read_golden(GetParam());
  ASSERT_EQ(golden.prompts.size(), 200U);
  const auto loaded = load_golden(goldens / GetParam());
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_TRUE(loaded->writing);
  const auto texts = write_together(*loaded->compute, golden.prompts);
  std::size_t others = 0;
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (texts[i].ids.size() != golden.lengths[i] || hashed(texts[i].ids) != golden.hashes[i])
      ++others;
  EXPECT_EQ(others, 0U) << "of " << texts.size() << " texts are others";
}

TEST_P(models_test, writes_the_same_with_a_cache_that_holds_a_few_of_them) {
  const auto golden = read_golden(GetParam());
  const auto loaded = load_golden(goldens / GetParam(), 1U << 19U);
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto texts = write_together(*loaded->compute, {golden.prompts.begin(), golden.prompts.begin() + 60});
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(hashed(texts[i].ids), golden.hashes[i]) << i;
}

TEST_P(models_test, is_inspected_without_its_weights) {
  const auto fine = inspect(goldens / GetParam());
  EXPECT_TRUE(fine) << fine.error().message;
}

INSTANTIATE_TEST_SUITE_P(of_each_family, models_test,
                         ::testing::Values("gpt2", "llama", "qwen2", "qwen3", "qwen3_tied", "bart", "mbart", "marian",
                                           "pegasus", "t5", "t5_gated", "mt5", "lstm", "trocr", "trocr_sinusoids",
                                           "vit_gpt2"),
                         [](const auto& info) { return info.param; });

} // namespace
} // namespace chalkstream::models
