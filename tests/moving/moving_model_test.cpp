// A real model that is on two devices and leaves one of them and comes back, again and again, while it has work:
// every record comes out once, and with what the CPU alone computes. The first device is the one that
// CHALK_TEST_DEVICE names.
#include "models/repository.hpp"
#include "tests/actors/moving_engine.hpp"
#include "tests/models/device_under_test.hpp"
#include "tests/support/fake_broker.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <sstream>

namespace chalkstream::test {
namespace {

using namespace std::chrono_literals;

constexpr int texts = 40;

/// Of 5 to 83 tokens; the ids are words of MiniLM's.
sequence text_number(int number) {
  sequence made;
  made.ids.push_back(101);
  for (int i = 0; i < 3 + 2 * number; ++i)
    made.ids.push_back(2000 + (number * 7919 + i * 104729) % 20000);
  made.ids.push_back(102);
  return made;
}

/// Answers the number of a text with its vector.
class vectors_of_numbers final : public task {
public:
  task_step prepare(const record& input) const override {
    work todo;
    todo.sequences.push_back(text_number(std::stoi(std::string(*input.value))));
    return todo;
  }
  task_step complete(const record& input, work, const output_rows& rows, const timing&) const override {
    std::ostringstream said;
    said.precision(9);
    said << *input.value;
    for (const auto x : rows.row(0))
      said << ' ' << x;
    return reply{.key = {}, .value = said.str(), .headers = {}};
  }
};

result<models::loaded_model> load_on(const std::string& device) {
  models::load_request request;
  request.name = "bulk";
  request.directory = CHALK_MINILM;
  request.device = device;
  return models::load(request, observer::none(), log::none());
}

model_loading loading_on(const std::string& device, std::atomic<std::size_t>& loads) {
  return [device, &loads]() -> result<std::shared_ptr<const model>> {
    CHALK_TRY(auto loaded, load_on(device));
    ++loads;
    const auto* plain = loaded.compute.get();
    return std::shared_ptr<const model>{plain, [device, held = std::move(loaded.compute)](const model*) mutable {
                                          held.reset(); // and its memory with it, as pipelines/model_places has it
                                          models::release_unused_memory(models::parse_device(device).value());
                                        }};
  };
}

std::vector<std::vector<float>> computed_on_the_cpu() {
  const auto loaded = load_on("cpu").value();
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < texts; ++i) {
    const auto text = text_number(i);
    const auto* one = &text;
    rows.push_back(loaded.compute->run({&one, 1}, nullptr).value().values);
  }
  return rows;
}

double batches_on(const monitoring::registry& counts, const std::string& device) {
  const auto page = counts.expose();
  const auto series = R"(chalkstream_batch_records_count{model="bulk",version="1",device=")" + device + "\"} ";
  const auto at = page.find(series);
  return at == std::string::npos ? -1 : std::stod(page.substr(at + series.size()));
}

TEST(moving_model_test, gives_the_same_wherever_it_is_and_loses_nothing_on_the_way) {
  if (!std::filesystem::exists(CHALK_MINILM))
    GTEST_SKIP() << "needs the model " << CHALK_MINILM;
  const auto& device = models::testing::device_under_test();
  const std::string first = device == "cpu" ? "the other" : device; // two copies on one CPU
  const auto expected = computed_on_the_cpu();
  const auto broker = std::make_shared<fake_broker>(4);
  const auto source = std::make_shared<fake_source>(broker);
  monitoring::registry counts;
  std::atomic<std::size_t> here{0}, there{0};
  int pushed = 0;
  const auto push = [&](int records) {
    for (int i = 0; i < records; ++i, ++pushed)
      broker->push(pushed % 4, "k" + std::to_string(pushed % 7), std::to_string(pushed * 13 % texts));
  };
  constexpr int moves = 8;
  {
    auto moving = make_moving_plan(counts, first, loading_on(device, here), loading_on("cpu", there), 20ms);
    const auto status = add_consumer(moving.plan, std::make_shared<vectors_of_numbers>(), source,
                                     std::make_shared<fake_sink>(broker), "moving");
    source->assign_all();
    engine running(std::move(moving.plan));
    ASSERT_TRUE(eventually([&] { return moving.first->loaded.load(); }));
    for (int move = 0; move < moves; ++move) {
      push(60);
      const bool away = move % 2 == 0;
      moving.metrics->exams_are_late = away;
      EXPECT_TRUE(eventually([&] { return moving.first->loaded != away; }, 30s)) << "move " << move;
      push(20); // some of them where it has come to
    }
    source->end();
    EXPECT_TRUE(eventually([&] { return status->ended.load(); }, 120s)) << "a record was lost";
    running.drain(5s);
    ASSERT_TRUE(running.ended_within(20s));
    EXPECT_FALSE(running.failure());
  }
  EXPECT_EQ(here, 1u + moves / 2);
  EXPECT_EQ(there, 1u) << "it never left the CPU";
  EXPECT_GT(batches_on(counts, first), 0) << "both had their part";
  EXPECT_GT(batches_on(counts, "cpu"), 0);
  EXPECT_TRUE(broker->outputs(destination::dead_letters).empty());
  for (const auto& sentence : broker->violations_at_the_end())
    ADD_FAILURE() << sentence;
  const auto outputs = broker->outputs(destination::results);
  EXPECT_EQ(outputs.size(), static_cast<std::size_t>(pushed));
  double worst = 0;
  for (const auto& output : outputs) {
    std::istringstream said(*output.value);
    std::size_t number = 0;
    said >> number;
    std::size_t width = 0;
    for (double x = 0; said >> x; ++width)
      worst = std::max(worst, std::abs(x - expected[number].at(width)));
    ASSERT_EQ(width, expected[number].size());
  }
  std::cout << outputs.size() << " records, " << here - 1 << " times back to " << first << ", largest difference "
            << worst << '\n';
  EXPECT_LT(worst, 1e-4);
}

} // namespace
} // namespace chalkstream::test
