#include "pipelines/tools/training/images/line_learner.hpp"

#include "models/new_file.hpp"
#include "models/text/utf8.hpp"
#include "pipelines/tools/training/images/line_report.hpp"
#include "pipelines/tools/training/model_learner.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace chalkstream::pipelines::tools {

namespace {

using models::reading::line_text;
using models::training::trainable_line_reader;
using models::training::written_line;

constexpr std::size_t judged_at_once = 32;

/// Those of the texts, in the order of their code points.
std::u32string characters_of(const line_set& lines) {
  std::set<char32_t> all;
  for (const auto& text : lines.texts)
    for (const auto one : text::decoded(text))
      all.insert(one);
  return {all.begin(), all.end()};
}

std::vector<std::string> as_texts(const std::u32string& characters) {
  std::vector<std::string> all;
  for (const auto one : characters) {
    char bytes[4];
    all.emplace_back(bytes, text::encode_utf8(one, bytes));
  }
  return all;
}

class line_learner final : public model_learner<trainable_line_reader> {
public:
  line_learner(std::unique_ptr<trainable_line_reader> model, split_lines parts, const std::u32string& characters,
               const augmentation_settings& augmentation)
      : model_learner(std::move(model)), parts_(std::move(parts)), augmentation_(augmentation) {
    for (std::size_t i = 0; i < characters.size(); ++i)
      classes_.emplace(characters[i], static_cast<std::int64_t>(i + 1));
    for (std::size_t i = 0; i < parts_.training.size(); ++i) {
      costs_.push_back(models::reading::steps_of_line(parts_.training.pictures[i].width));
      goals_.push_back(goals_of(parts_.training.texts[i]));
    }
  }

  std::span<const std::size_t> costs() const override { return costs_; }

  result<double> step(std::span<const example_batch> batches, std::span<const std::uint64_t> seeds,
                      double rate) override {
    return step_over(batches, seeds, rate,
                     [this, of = examples_in(batches)](const example_batch& batch, std::uint64_t seed) {
                       return learn(batch, seed, of);
                     });
  }

  result<validation_figures> validate(const std::function<void(double)>& done) override {
    const auto& judged = parts_.validation;
    std::vector<line_text> read;
    double loss = 0;
    while (read.size() < judged.size()) {
      std::vector<written_line> batch;
      for (auto i = read.size(); i < std::min(read.size() + judged_at_once, judged.size()); ++i)
        batch.push_back({&judged.pictures[i], goals_of(judged.texts[i])});
      CHALK_TRY(auto answer, model_->judge(batch));
      loss += answer.loss;
      for (auto& text : answer.texts)
        read.push_back(std::move(text));
      done(static_cast<double>(read.size()) / static_cast<double>(judged.size()));
    }
    read_ = std::move(read);
    const auto found = mistakes_in(judged, read_);
    const auto lines = static_cast<double>(judged.size());
    return validation_figures{loss / lines,
                              {{"cer", found.cer()}, {"exact", static_cast<double>(found.exact) / lines}}};
  }

  result<std::vector<std::string>> figure_names() const override { return std::vector<std::string>{"cer", "exact"}; }
  std::string usual_figure() const override { return "cer"; }

  /// Follows validate().
  result<void> write_model(const std::filesystem::path& directory) const override {
    CHALK_CHECK(model_->write_model(directory));
    return models::write_file(directory / "report.html", line_report(parts_.validation, read_));
  }

private:
  /// Without what no text to learn from has: that cannot be read, and counts as wrong.
  std::vector<std::int64_t> goals_of(const std::string& text) const {
    std::vector<std::int64_t> goals;
    for (const auto one : text::decoded(text))
      if (const auto found = classes_.find(one); found != classes_.end())
        goals.push_back(found->second);
    return goals;
  }

  result<double> learn(const example_batch& batch, std::uint64_t seed, std::size_t of) {
    const auto& set = parts_.training;
    std::vector<picture> changed;
    changed.reserve(batch.size());
    std::vector<written_line> rows;
    for (const auto place : batch) {
      if (augmentation_.any())
        changed.push_back(augmented(set.pictures[place], augmentation_, seed_of(seed, place, 0)));
      rows.push_back({augmentation_.any() ? &changed.back() : &set.pictures[place], goals_[place]});
    }
    return model_->learn(rows, of);
  }

  split_lines parts_;
  augmentation_settings augmentation_;
  std::map<char32_t, std::int64_t> classes_;
  std::vector<std::size_t> costs_;
  std::vector<std::vector<std::int64_t>> goals_;
  std::vector<line_text> read_; // by the last validate()
};

} // namespace

result<std::unique_ptr<learner>> make_line_learner(split_lines parts, const line_settings& settings) {
  const auto characters = characters_of(parts.training);
  models::training::trainable_line_reader_settings made;
  made.net.characters = as_texts(characters);
  if (!settings.hidden_sizes.empty())
    made.net.hidden_sizes = settings.hidden_sizes;
  made.optimiser = settings.optimiser;
  made.seed = settings.seed;
  made.device = settings.device;
  made.mixed = settings.mixed;
  made.threads = settings.threads;
  CHALK_TRY(auto model, trainable_line_reader::make(made));
  return std::unique_ptr<learner>(
      std::make_unique<line_learner>(std::move(model), std::move(parts), characters, settings.augmentation));
}

} // namespace chalkstream::pipelines::tools
