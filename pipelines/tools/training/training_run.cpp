#include "pipelines/tools/training/training_run.hpp"

#include "models/new_file.hpp"
#include "pipelines/configuration/spelling.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::pipelines::tools {

namespace {

using models::write_file;

constexpr const char* checkpoint_name = "checkpoint.safetensors";
constexpr const char* report_name = "training.json";

std::string number_text(double value) {
  auto text = std::to_string(value);
  if (value != 0 && std::abs(value) < 1e-3) {
    char short_text[32];
    std::snprintf(short_text, sizeof short_text, "%g", value);
    text = short_text;
  }
  return text;
}

class training_run {
public:
  training_run(learner& what, const run_settings& settings, const run_watcher& watcher)
      : learner_(what), settings_(settings), watcher_(watcher),
        figure_(settings.select.empty() ? what.usual_figure() : settings.select),
        steps_an_epoch_(steps_of(what.costs(), settings.batch, settings.accumulate)),
        steps_(settings.epochs * steps_an_epoch_),
        warmup_(static_cast<std::size_t>(std::ceil(settings.warmup * static_cast<double>(steps_)))) {}

  result<run_report> run() {
    CHALK_CHECK(begin());
    while (!history_.finished) {
      CHALK_CHECK(learn_an_epoch());
      CHALK_CHECK(end_epoch());
    }
    CHALK_CHECK(write_file(settings_.out / report_name, to_json(history_) + "\n"));
    std::error_code ignored;
    std::filesystem::remove(settings_.out / checkpoint_name, ignored);
    return run_report{history_, figure_, *history_.best(figure_)};
  }

private:
  result<void> check_figure() const {
    CHALK_TRY(auto names, learner_.figure_names());
    names.emplace_back("loss");
    if (std::find(names.begin(), names.end(), figure_) != names.end())
      return {};
    const std::vector<std::string_view> known(names.begin(), names.end());
    std::string all;
    for (const auto name : known)
      all += (all.empty() ? "" : ", ") + std::string{name};
    return {errc::invalid_argument, "there is no figure '" + figure_ + "' to select by" + did_you_mean(figure_, known)
                                        + "; there are " + all};
  }

  result<void> begin() {
    CHALK_CHECK(check_figure());
    const auto& out = settings_.out;
    std::error_code failed;
    std::filesystem::create_directories(out, failed);
    if (failed)
      return {errc::io, out.string() + ": cannot be created: " + failed.message()};
    const bool checkpoint = std::filesystem::exists(out / checkpoint_name, failed);
    if (checkpoint && settings_.resume)
      return go_on();
    if (checkpoint)
      return {errc::invalid_argument, out.string()
                                          + ": holds a run that has not ended; --resume goes on with it, "
                                            "another --out leaves it alone"};
    CHALK_CHECK(check_free(out));
    history_.started_with = started_with();
    return save();
  }

  std::vector<std::pair<std::string, std::string>> started_with() const {
    auto all = settings_.started_with;
    all.emplace_back("epochs", std::to_string(settings_.epochs));
    if (settings_.batch.tokens > 0)
      all.emplace_back("batch-tokens", std::to_string(settings_.batch.tokens));
    else
      all.emplace_back("batch", std::to_string(settings_.batch.rows));
    all.emplace_back("accumulate", std::to_string(settings_.accumulate));
    all.emplace_back("learning-rate", number_text(settings_.rate));
    all.emplace_back("warmup", number_text(settings_.warmup));
    all.emplace_back("patience", std::to_string(settings_.patience));
    all.emplace_back("select", figure_);
    all.emplace_back("seed", std::to_string(settings_.seed));
    return all;
  }

  result<void> go_on() {
    const auto file = settings_.out / checkpoint_name;
    CHALK_TRY(auto found, learner_.read_checkpoint(file));
    auto history = history_from_json(found.second);
    if (!history)
      return {history.error().code, file.string() + ": " + history.error().message};
    const auto now = started_with();
    const auto& then = history->started_with;
    if (now.size() != then.size())
      return {errc::invalid_argument, file.string() + ": was written by a run of another kind"};
    for (std::size_t i = 0; i < now.size(); ++i)
      if (now[i] != then[i])
        return {errc::invalid_argument, file.string() + ": was written by a run with " + then[i].first + " "
                                            + then[i].second + ", not " + now[i].second
                                            + "; --resume goes on with the same data and settings alone"};
    history_ = std::move(*history);
    history_.losses = std::move(found.first);
    if (history_.losses.size() > steps_ || history_.epochs.size() > settings_.epochs
        || history_.losses.size() < history_.epochs.size() * steps_an_epoch_)
      return {errc::corrupt, file.string() + ": has more steps than the run"};
    if (watcher_.resumed)
      watcher_.resumed(history_.losses.size());
    return {};
  }

  std::size_t epoch() const { return history_.epochs.size(); } // that runs, from 0

  void report(double validated = -1) const {
    if (watcher_.moved)
      watcher_.moved({epoch() + 1, settings_.epochs, history_.losses.size(), steps_, mean_loss(), validated});
  }

  /// Over the steps of the running epoch.
  double mean_loss() const {
    const auto first = epoch() * steps_an_epoch_;
    const auto count = history_.losses.size() - first;
    double sum = 0;
    for (auto step = first; step < history_.losses.size(); ++step)
      sum += history_.losses[step];
    return count > 0 ? sum / static_cast<double>(count) : 0;
  }

  result<void> learn_an_epoch() {
    const auto batches = epoch_batches(learner_.costs(), settings_.batch, settings_.seed, epoch());
    const auto first = epoch() * steps_an_epoch_;
    while (history_.losses.size() < first + steps_an_epoch_) {
      const auto step = history_.losses.size();
      const auto begin = (step - first) * settings_.accumulate;
      const auto count = std::min(settings_.accumulate, batches.size() - begin);
      std::vector<std::uint64_t> seeds;
      for (std::size_t i = 0; i < count; ++i)
        seeds.push_back(seed_of(settings_.seed, step, i + 1));
      const auto rate = settings_.rate * linear_schedule(step, steps_, warmup_);
      const auto loss = learner_.step(std::span{batches}.subspan(begin, count), seeds, rate);
      if (!loss)
        return explained(loss.error());
      if (!std::isfinite(*loss))
        return diverged(step);
      history_.losses.push_back(*loss);
      report();
      const bool stop = watcher_.over && watcher_.over();
      if (stop || history_.losses.size() % settings_.checkpoint_every == 0)
        CHALK_CHECK(save());
      if (stop)
        return {errc::cancelled, "stopped at step " + std::to_string(history_.losses.size()) + " of "
                                     + std::to_string(steps_) + "; --resume goes on"};
    }
    return {};
  }

  result<void> end_epoch() {
    auto figures = learner_.validate([this](double done) { report(done); });
    if (!figures)
      return explained(figures.error());
    history_.epochs.push_back({epoch() + 1, history_.losses.size(), 0, std::move(*figures)});
    auto& record = history_.epochs.back();
    double sum = 0;
    for (auto step = history_.losses.size() - steps_an_epoch_; step < history_.losses.size(); ++step)
      sum += history_.losses[step];
    record.training_loss = sum / static_cast<double>(steps_an_epoch_);

    const auto* best = history_.best(figure_);
    if (best == &record)
      CHALK_CHECK(learner_.write_model(settings_.out));
    CHALK_CHECK(learner_.show(settings_.out, record.epoch));
    const auto since = record.epoch - best->epoch;
    history_.finished =
        history_.epochs.size() == settings_.epochs || (settings_.patience > 0 && since >= settings_.patience);
    CHALK_CHECK(write_file(settings_.out / "curve.csv", curve_table(history_)));
    CHALK_CHECK(write_file(settings_.out / "losses.csv", loss_table(history_)));
    CHALK_CHECK(write_file(settings_.out / "curve.svg", curve_picture(history_, figure_)));
    CHALK_CHECK(save());
    if (watcher_.epoch_ended)
      watcher_.epoch_ended(record, best == &record);
    return {};
  }

  result<void> save() const {
    return learner_.write_checkpoint(settings_.out / checkpoint_name, history_.losses, to_json(history_));
  }

  error explained(const error& why) const {
    if (why.code != errc::out_of_memory)
      return why;
    const bool by_tokens = settings_.batch.tokens > 0;
    const auto size = by_tokens ? settings_.batch.tokens : settings_.batch.rows;
    const auto half = std::max<std::size_t>(size / 2, 1);
    return {errc::out_of_memory, "a batch of " + std::to_string(size) + (by_tokens ? " tokens" : "")
                                     + " does not fit into memory; try --batch" + (by_tokens ? "-tokens " : " ")
                                     + std::to_string(half) + " --accumulate "
                                     + std::to_string(settings_.accumulate * size / half)
                                     + (by_tokens ? "" : ", which learns the same,") + " or a smaller --max-tokens"};
  }

  error diverged(std::size_t step) const {
    return {errc::internal, "the loss is no longer a number at step " + std::to_string(step + 1) + " of "
                                + std::to_string(steps_) + " (epoch " + std::to_string(epoch() + 1)
                                + "): try a smaller --learning-rate (it is " + number_text(settings_.rate)
                                + "), a longer --warmup, or --precision float32"};
  }

  learner& learner_;
  const run_settings& settings_;
  const run_watcher& watcher_;
  std::string figure_;
  std::size_t steps_an_epoch_;
  std::size_t steps_;
  std::size_t warmup_;
  training_history history_;
};

} // namespace

result<void> check_free(const std::filesystem::path& out) {
  std::error_code ignored;
  for (const char* name : {"config.json", "model.safetensors", report_name})
    if (std::filesystem::exists(out / name, ignored))
      return {errc::invalid_argument,
              out.string() + ": holds a model already (" + name + "); name another folder by --out"};
  return {};
}

result<run_report> run_training(learner& what, const run_settings& settings, const run_watcher& watcher) {
  return training_run{what, settings, watcher}.run();
}

} // namespace chalkstream::pipelines::tools
