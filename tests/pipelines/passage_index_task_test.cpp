#include "pipelines/indexed_material.hpp"
#include "pipelines/passage_cache.hpp"
#include "tests/pipelines/task_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace chalkstream::pipelines {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view lines = R"({"id":"all","text":"Opposite charges attract."}
{"id":"north","tenant":"north","text":"Plants use light to make sugar."}
{"id":"south","tenant":"south","text":"Plants use light to make sugar, so hot."}
{"id":"north-bio","tenant":"north","course":"bio","text":"Plants use light to make sugar and water."}
{"id":"north-chem","tenant":"north","course":"chem","text":"Plants use light to make water."}
)";

class kept_lines final : public log {
public:
  void write(log_level, std::string_view, std::string_view message) override { all.append(message).append("\n"); }
  std::string all;
};

class passage_index_test : public task_fixture {
protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("chalkstream-passages-" + std::to_string(::getpid()));
    cache_ = folder_ / "passages" / "p";
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Counts how many texts were embedded.
  embed_function counting() {
    return [this](std::span<const sequence> batch) -> result<output_rows> {
      embedded_ += batch.size();
      return embed({batch.begin(), batch.end()});
    };
  }

  std::shared_ptr<const passage_index> indexed(std::string_view content = lines) {
    embedded_ = 0;
    journal_.all.clear();
    auto made = index_material(encoder(), {.content = content, .file = "m.jsonl", .cache = cache_}, counting(),
                               observer::none(), journal_);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : nullptr;
  }

  static std::vector<float> vector_of(std::string_view text) {
    return unit_vector(embed({cut(encoder(), text)->tokens}).row(0));
  }

  static std::vector<std::string> found(const passage_index& in, std::string_view tenant, std::string_view course,
                                        std::size_t count = 10) {
    std::vector<std::string> ids;
    for (const auto& hit : in.nearest(vector_of("plants use light to make sugar"), tenant, course, count))
      ids.push_back(in.material().of(in.material().passages[hit.passage]).id);
    return ids;
  }

  std::string bytes() const {
    std::ifstream in{cache_, std::ios::binary};
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }

  fs::path folder_, cache_;
  std::size_t embedded_ = 0;
  kept_lines journal_;
};

using ids = std::vector<std::string>;

TEST_F(passage_index_test, a_tenant_finds_its_own_and_everybodys_material_and_never_anothers) {
  const auto index = indexed();
  EXPECT_EQ(found(*index, "north", ""), (ids{"north", "north-bio", "north-chem", "all"}));
  EXPECT_EQ(found(*index, "south", ""), (ids{"south", "all"}));
  EXPECT_EQ(found(*index, "", ""), (ids{"all"})) << "without a tenant only what is everybody's";
  EXPECT_EQ(found(*index, "nobody", ""), (ids{"all"}));
}

TEST_F(passage_index_test, a_course_finds_its_own_and_every_courses_material) {
  const auto index = indexed();
  EXPECT_EQ(found(*index, "north", "bio"), (ids{"north", "north-bio", "all"}));
  EXPECT_EQ(found(*index, "north", "art"), (ids{"north", "all"}));
  EXPECT_EQ(found(*index, "south", "bio"), (ids{"south", "all"}));
  EXPECT_EQ(found(*index, "north", "", 1), (ids{"north"}));
}

TEST_F(passage_index_test, is_read_back_from_its_cache_without_the_encoder) {
  indexed();
  EXPECT_EQ(embedded_, 5u);
  EXPECT_EQ(journal_.all, "");
  const auto written = bytes();
  const auto again = indexed();
  EXPECT_EQ(embedded_, 0u);
  EXPECT_EQ(found(*again, "north", ""), (ids{"north", "north-bio", "north-chem", "all"}));
  EXPECT_EQ(bytes(), written);
  EXPECT_EQ(std::distance(fs::directory_iterator{cache_.parent_path()}, {}), 1) << "no draft is left behind";
}

TEST_F(passage_index_test, other_material_or_another_model_is_embedded_again_and_the_log_says_so) {
  indexed();
  indexed(R"({"id":"new","text":"Water boils."})");
  EXPECT_EQ(embedded_, 1u);
  EXPECT_TRUE(has(journal_.all, "belongs to another model or other material; the passages are embedded again"))
      << journal_.all;
  EXPECT_NE(passages_key("d", 64, "m", 800), passages_key("e", 64, "m", 800));
  EXPECT_NE(passages_key("d", 64, "m", 800), passages_key("d", 65, "m", 800));
  EXPECT_NE(passages_key("d", 64, "m", 800), passages_key("d", 64, "n", 800));
  EXPECT_NE(passages_key("d", 64, "m", 800), passages_key("d", 64, "m", 801));
}

TEST_F(passage_index_test, a_broken_cache_is_never_believed) {
  const auto index = indexed();
  const auto right = bytes();
  ASSERT_GT(right.size(), 500u);
  const auto key = passages_key("d", 64, lines, education::default_passage_length);
  const auto material =
      std::make_shared<const education::course_material>(*education::parse_course_material(lines, "m"));
  ASSERT_TRUE(load_passages(cache_, key, material));
  const auto refused = [&](std::string content) {
    std::ofstream{cache_, std::ios::binary | std::ios::trunc} << content;
    const auto loaded = load_passages(cache_, key, material);
    return !loaded && loaded.error().code == errc::corrupt;
  };
  for (std::size_t size = 0; size < right.size(); size += 7)
    EXPECT_TRUE(refused(right.substr(0, size))) << size;
  EXPECT_TRUE(refused(right + "x"));
  for (std::size_t at = 0; at < right.size(); at += 3) {
    auto changed = right;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    EXPECT_TRUE(refused(changed)) << at;
  }
  const auto mended = indexed();
  EXPECT_EQ(embedded_, 5u);
  EXPECT_TRUE(has(journal_.all, "sum is wrong") || has(journal_.all, "embedded again")) << journal_.all;
  EXPECT_EQ(bytes(), right);
}

TEST_F(passage_index_test, keeps_the_graphs_of_what_is_searched_approximately) {
  const education::vector_index_settings approximate{.exact_up_to = 0};
  const auto material =
      std::make_shared<const education::course_material>(*education::parse_course_material(lines, "m"));
  auto index = passage_index::make(material, vector_of("the").size(), approximate);
  ASSERT_TRUE(index);
  for (const auto& p : material->passages)
    ASSERT_TRUE(index->add(vector_of(p.text)));
  EXPECT_FALSE(index->add(vector_of("the"))) << "it is full";
  ASSERT_TRUE(save_passages(cache_, "k", *index));
  EXPECT_FALSE(load_passages(cache_, "k", material, approximate)) << "a key has 64 digits";
  const std::string key(64, 'a');
  ASSERT_TRUE(save_passages(cache_, key, *index));
  const auto again = load_passages(cache_, key, material, approximate);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(found(*again, "north", ""), found(*index, "north", ""));
  EXPECT_FALSE(load_passages(cache_, key, material)) << "exact indexes have no graphs";
}

TEST_F(passage_index_test, a_cache_that_cannot_be_written_costs_a_line_in_the_log) {
  fs::create_directories(folder_);
  std::ofstream{folder_ / "passages"} << "a file where the folder should be";
  EXPECT_NE(indexed(), nullptr);
  EXPECT_TRUE(has(journal_.all, "the next start embeds the passages again")) << journal_.all;
}

TEST_F(passage_index_test, says_what_is_wrong_with_material_or_encoder) {
  const material_source broken{.content = "{\"id\":\"a\"}", .file = "m.jsonl", .cache = {}};
  EXPECT_EQ(index_material(encoder(), broken, counting()).error().message, "m.jsonl:1: text is missing");
  const material_source right{.content = lines, .file = "m.jsonl", .cache = {}};
  const auto zeros = [](std::span<const sequence> batch) -> result<output_rows> {
    return output_rows{.width = 4, .values = std::vector<float>(4 * batch.size()), .texts = {}};
  };
  EXPECT_TRUE(has(index_material(encoder(), right, zeros).error().message, "no vector for the passage \"all#1\""));
  const material_source narrow{.content = lines, .file = "m.jsonl", .cache = {}};
  ASSERT_TRUE(index_material(encoder(5), narrow, counting(), observer::none(), journal_));
  EXPECT_TRUE(has(journal_.all, "passages are longer than the encoder reads")) << journal_.all;
}

} // namespace
} // namespace chalkstream::pipelines
