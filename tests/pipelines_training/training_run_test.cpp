// The run over a learner whose figures the test chooses.
#include "pipelines/tools/training/training_run.hpp"
#include "tests/pipelines_training/training_fixture.hpp"

#include <cmath>
#include <fstream>
#include <limits>

namespace chalkstream::pipelines::tools {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Learns a number: the sum of all seeds it was given. Its checkpoint is that number and what the run gave it.
class fake_learner final : public learner {
public:
  std::vector<double> figures{0.5, 0.6, 0.7, 0.65, 0.66, 0.64, 0.63, 0.62};
  std::size_t steps_until_trouble = std::numeric_limits<std::size_t>::max();
  result<double> trouble = std::numeric_limits<double>::quiet_NaN();
  double learnt = 0;
  std::size_t epochs = 0;
  std::size_t written = 0; // after which epoch

  std::span<const std::size_t> costs() const override { return costs_; }
  result<double> step(std::span<const example_batch> batches, std::span<const std::uint64_t> seeds,
                      double rate) override {
    EXPECT_EQ(batches.size(), seeds.size());
    if (steps_until_trouble-- == 0)
      return trouble;
    for (const auto seed : seeds)
      learnt += rate * static_cast<double>(seed % 1000);
    for (const auto& batch : batches)
      learnt += rate * batch.front();
    return 1 / (1 + learnt);
  }
  result<validation_figures> validate(const std::function<void(double)>& done) override {
    done(1);
    const auto figure = figures[epochs++];
    return validation_figures{1 - figure, {{"macro_f1", figure}, {"qwk", std::nan("")}}};
  }
  result<std::vector<std::string>> figure_names() const override {
    return std::vector<std::string>{"macro_f1", "qwk"};
  }
  std::string usual_figure() const override { return "macro_f1"; }
  result<void> write_model(const std::filesystem::path& directory) const override {
    const_cast<fake_learner*>(this)->written = epochs;
    std::ofstream(directory / "model.safetensors") << epochs;
    return {};
  }
  result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                const std::string& text) const override {
    std::ofstream out(file);
    out.precision(17);
    out << learnt << ' ' << epochs << ' ' << numbers.size();
    for (const auto number : numbers)
      out << ' ' << number;
    out << '\n' << text;
    return {};
  }
  result<std::pair<std::vector<double>, std::string>> read_checkpoint(const std::filesystem::path& file) override {
    std::ifstream in(file);
    std::size_t count = 0;
    in >> learnt >> epochs >> count;
    std::pair<std::vector<double>, std::string> found{std::vector<double>(count), {}};
    for (auto& number : found.first)
      in >> number;
    in.ignore();
    std::getline(in, found.second);
    return found;
  }

private:
  std::vector<std::size_t> costs_ = std::vector<std::size_t>(50, 7);
};

class training_run_test : public training_fixture {
protected:
  training_run_test() {
    settings.out = path("out");
    settings.batch.rows = 4;
    settings.accumulate = 3;
    settings.epochs = 8;
    settings.checkpoint_every = 2;
  }

  run_settings settings; // 13 batches, 5 steps an epoch
};

TEST_F(training_run_test, it_ends_early_when_nothing_gets_better_and_keeps_the_best) {
  fake_learner what;
  const auto report = run_training(what, settings, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->history.epochs.size(), 6U); // the third was best, and three more were not better
  EXPECT_EQ(report->best.epoch, 3U);
  EXPECT_EQ(what.written, 3U);
  EXPECT_EQ(report->history.losses.size(), 30U);
  EXPECT_FALSE(std::filesystem::exists(settings.out / "checkpoint.safetensors"));
  EXPECT_THAT(read("out/curve.csv"), HasSubstr("epoch,step,training_loss,validation_loss,macro_f1,qwk\n1,5,"));
  EXPECT_THAT(read("out/curve.csv"), HasSubstr(",0.5,\n")); // a figure that is not defined is empty
  EXPECT_THAT(read("out/curve.svg"), AllOf(HasSubstr("<svg"), HasSubstr("macro_f1, validation")));
  EXPECT_THAT(read("out/losses.csv"), HasSubstr("\n30,"));
}

TEST_F(training_run_test, without_patience_it_runs_to_the_end) {
  fake_learner what;
  settings.patience = 0;
  const auto report = run_training(what, settings, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->history.epochs.size(), 8U);
}

TEST_F(training_run_test, losses_are_better_where_they_are_smaller) {
  fake_learner what;
  settings.select = "loss";
  const auto report = run_training(what, settings, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->best.epoch, 3U);
}

TEST_F(training_run_test, stopped_after_any_step_it_goes_on_to_the_same_end) {
  fake_learner whole;
  const auto expected = run_training(whole, settings, {});
  ASSERT_TRUE(expected) << expected.error().message;
  const auto losses = read("out/losses.csv");
  const auto curve = read("out/curve.csv");
  for (std::size_t stop = 1; stop < 30; ++stop) {
    settings.out = path("out" + std::to_string(stop));
    settings.resume = true;
    run_watcher watcher;
    std::size_t steps = 0;
    watcher.over = [&] { return ++steps == stop; };
    fake_learner first;
    EXPECT_EQ(run_training(first, settings, watcher).error().code, errc::cancelled);
    fake_learner second;
    std::size_t resumed = 0;
    const auto report = run_training(second, settings, {{}, {}, [&](std::size_t step) { resumed = step; }, {}});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(resumed, stop);
    EXPECT_EQ(second.learnt, whole.learnt);
    const auto folder = "out" + std::to_string(stop);
    EXPECT_EQ(read(folder + "/losses.csv"), losses);
    EXPECT_EQ(read(folder + "/curve.csv"), curve);
  }
}

TEST_F(training_run_test, a_folder_that_holds_something_is_left_alone) {
  fake_learner what;
  ASSERT_TRUE(run_training(what, settings, {}));
  EXPECT_THAT(told(run_training(what, settings, {}).error()),
              HasSubstr("out: holds a model already (model.safetensors)"));
  settings.out = path("unfinished");
  fake_learner stopped;
  EXPECT_FALSE(run_training(stopped, settings, {{}, {}, {}, [] { return true; }}));
  EXPECT_THAT(told(run_training(stopped, settings, {}).error()), HasSubstr("--resume goes on with it"));
}

TEST_F(training_run_test, a_checkpoint_of_other_settings_is_refused_and_says_in_what) {
  fake_learner what;
  EXPECT_FALSE(run_training(what, settings, {{}, {}, {}, [] { return true; }}));
  settings.resume = true;
  settings.rate = 3e-5;
  EXPECT_THAT(told(run_training(what, settings, {}).error()), HasSubstr("a run with learning-rate 5e-05, not 3e-05"));
}

TEST_F(training_run_test, a_checkpoint_that_is_none_is_refused) {
  std::filesystem::create_directories(settings.out);
  settings.resume = true;
  for (const std::string_view text : {"1 0 0\n{}", "1 0 0\n", "1 0 0\n{\"format\":1}"}) {
    write("out/checkpoint.safetensors", text);
    fake_learner what;
    EXPECT_EQ(run_training(what, settings, {}).error().code, errc::corrupt) << text;
  }
}

TEST_F(training_run_test, a_loss_that_is_no_number_names_the_step_and_what_to_try) {
  fake_learner what;
  what.steps_until_trouble = 6;
  EXPECT_THAT(run_training(what, settings, {}).error().message,
              AllOf(HasSubstr("at step 7 of 40 (epoch 2)"), HasSubstr("smaller --learning-rate (it is 5e-05)")));
}

TEST_F(training_run_test, lack_of_memory_names_the_batch_and_a_smaller_one) {
  fake_learner what;
  what.steps_until_trouble = 0;
  what.trouble = error{errc::out_of_memory, "full"};
  EXPECT_THAT(run_training(what, settings, {}).error().message,
              HasSubstr("a batch of 4 does not fit into memory; try --batch 2 --accumulate 6"));
}

TEST_F(training_run_test, a_figure_nobody_computes_is_named_with_those_there_are) {
  fake_learner what;
  settings.select = "macrof1";
  EXPECT_THAT(run_training(what, settings, {}).error().message,
              HasSubstr("no figure 'macrof1' to select by; did you mean 'macro_f1'?; there are macro_f1, qwk, loss"));
  EXPECT_FALSE(std::filesystem::exists(settings.out));
}

} // namespace
} // namespace chalkstream::pipelines::tools
