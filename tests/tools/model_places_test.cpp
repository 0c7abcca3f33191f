// Which models come to which devices when the engine starts, and who has no room.
#include "pipelines/model_places.hpp"

#include "tests/support/collecting_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chalkstream::pipelines {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class model_places_test : public testing::Test {
protected:
  void configure(const std::string& devices, const std::string& models) {
    const auto read =
        parse_configuration("kafka: {brokers: embedded}\n" + devices + "models:\n" + models
                                + "pipelines:\n"
                                  "  bulk: {kind: embedding, from: a, to: b, model: first, priority: bulk}\n"
                                  "  some: {kind: embedding, from: a, to: c, model: second}\n"
                                  "  exam: {kind: embedding, from: a, to: d, model: second, priority: exam}\n",
                            "c", "/");
    ASSERT_TRUE(read) << read.error().message;
    all_ = *read;
  }

  /// Every model loaded where it comes first, with weights of so many MiB.
  auto place(const std::vector<std::size_t>& mebibytes) {
    for (const auto each : mebibytes) {
      auto& made = loaded_.emplace_back();
      made.compute = std::make_shared<weightless>();
      made.weight_bytes = each << 20U;
    }
    std::vector<const models::loaded_model*> given;
    for (const auto& each : loaded_)
      given.push_back(&each);
    return load_elsewhere(all_, given, observer::none(), log_);
  }

  struct weightless final : model {
    std::shared_ptr<const model_identity> identity() const override { return {}; }
    std::size_t max_tokens() const noexcept override { return 1; }
    std::size_t output_width() const noexcept override { return 1; }
    result<output_rows> run(std::span<const sequence* const>, crew*) const override { return output_rows{}; }
  };

  configuration all_;
  std::vector<models::loaded_model> loaded_;
  test::collecting_log log_;
};

TEST_F(model_places_test, a_model_is_as_urgent_as_the_most_urgent_pipeline_that_uses_it) {
  configure("", "  first: {path: m}\n  second: {path: m}\n  unused: {path: m}\n");
  EXPECT_EQ(urgency_of(all_, 0), priority::bulk);
  EXPECT_EQ(urgency_of(all_, 1), priority::exam);
  EXPECT_EQ(urgency_of(all_, 2), priority::bulk);
}

TEST_F(model_places_test, comes_first_where_memory_is_not_bounded) {
  configure("devices: {cuda: {memory: 10MiB}, 'cuda:1': {memory: 10MiB}}\n",
            "  first: {path: m, device: [cuda, cpu]}\n  second: {path: m, device: ['cuda:1', cuda]}\n");
  EXPECT_THAT(first_devices(all_), ElementsAre(1, 0));
}

TEST_F(model_places_test, who_has_no_room_on_a_device_is_elsewhere_and_it_is_said) {
  configure("devices: {cuda: {memory: 10MiB}}\n",
            "  first: {path: m, device: [cuda, cpu]}\n  second: {path: m, device: cpu}\n");
  const auto held = place({11, 500});
  ASSERT_TRUE(held) << held.error().message;
  ASSERT_EQ((*held)[0].size(), 2u);
  EXPECT_EQ((*held)[0][0].device, "cuda:0");
  EXPECT_FALSE((*held)[0][0].compute);
  EXPECT_FALSE((*held)[0][0].wanted);
  EXPECT_TRUE((*held)[0][1].compute);
  EXPECT_TRUE((*held)[1][0].compute) << "the CPU has as much as anybody needs";
  EXPECT_TRUE(log_.contains("model first is not on cuda:0: it takes 11MiB, and 10MiB are left there"));
}

TEST_F(model_places_test, who_is_nowhere_is_an_error_and_the_urgent_come_first) {
  configure("devices: {cpu: {memory: 10MiB}}\n", "  first: {path: m}\n  second: {path: m}\n");
  const auto held = place({6, 7});
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().message, "c:4:17: there is no room for the model, which takes 6MiB, on any of its devices");
}

TEST_F(model_places_test, a_model_that_writes_needs_room_for_texts_too) {
  configure("devices: {cpu: {memory: 100MiB}}\n", "  first: {path: m, text_cache: 95MiB}\n  second: {path: m}\n");
  models::loaded_model writer;
  writer.weight_bytes = std::size_t{5} << 20U;
  EXPECT_EQ(bytes_of(all_.models[0], writer), std::size_t{5} << 20U);
  writer.writing.emplace();
  EXPECT_EQ(bytes_of(all_.models[0], writer), std::size_t{100} << 20U);
}

} // namespace
} // namespace chalkstream::pipelines
