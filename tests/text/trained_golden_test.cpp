// The tokenizers of goldens/trained.json against Hugging Face `tokenizers`: every kind of model, both ways.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/text/golden_texts.hpp"
#include "tests/text/model_directory.hpp"

namespace chalkstream::text {
namespace {

struct trained_tokenizer {
  std::string name;
  std::shared_ptr<const tokenizer> made;
};

std::vector<trained_tokenizer> trained_tokenizers() {
  const json trained = json::parse(std::ifstream(goldens / "trained.json"));
  std::vector<trained_tokenizer> all;
  for (const auto& [name, file] : trained.at("tokenizers").items()) {
    json whole = file;
    json model = trained.at("models").at(file.at("model").at("of").get<std::string>());
    model.update(file.at("model"));
    model.erase("of");
    whole["model"] = std::move(model);
    const model_directory directory(whole.dump());
    auto made = tokenizer::load(directory.path());
    EXPECT_TRUE(made) << name << ": " << made.error().message;
    if (made)
      all.push_back({name, std::move(made).value()});
  }
  return all;
}

TEST(trained_golden_test, encodes_every_text_as_the_reference_does) {
  const recipe texts;
  const auto all = trained_tokenizers();
  EXPECT_GE(all.size(), 20U);
  for (std::size_t k = 0; k < all.size(); ++k)
    expect_goldens(*all[k].made, texts, all[k].name, texts.cases(k < 3 ? "minilm_cases" : "variant_cases"));
}

TEST(trained_golden_test, decodes_ids_as_the_reference_does) {
  const recipe texts;
  for (const auto& [name, made] : trained_tokenizers()) {
    const std::vector<std::uint32_t> sums = read_sums(name + ".decode.crc");
    ASSERT_EQ(sums.size(), texts.cases("variant_cases"));
    std::size_t different = 0, first_different = 0;
    for (std::size_t number = 0; number < sums.size(); ++number) {
      golden_case text = texts.make(number);
      text.options = {};
      random_numbers random(number * 0x94D049BB133111EB);
      const bool skip = random.below(2) == 0;
      std::vector<std::int32_t> by_chance(random.below(12));
      for (std::int32_t& id : by_chance)
        id = static_cast<std::int32_t>(random.below(made->vocabulary_size() + 3));
      const auto encoded = encode(*made, text);
      ASSERT_TRUE(encoded);
      const auto first = made->decode(encoded->ids, skip);
      const auto second = made->decode(by_chance, skip);
      ASSERT_TRUE(first && second);
      checksum sum;
      sum.add(*first + "\n" + *second);
      if (sum.value() != sums[number] && different++ == 0)
        first_different = number;
    }
    EXPECT_EQ(different, 0U) << name << ": the first of them is case " << first_different;
  }
}

} // namespace
} // namespace chalkstream::text
