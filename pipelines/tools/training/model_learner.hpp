// What learners over one model of models/training have in common: its steps added up, and its checkpoints.
#pragma once

#include "pipelines/tools/training/learner.hpp"

#include <cmath>
#include <limits>
#include <memory>

namespace chalkstream::pipelines::tools {

template <class Model>
class model_learner : public learner {
public:
  result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                const std::string& text) const override {
    return model_->write_checkpoint(file, numbers, text);
  }

  result<std::pair<std::vector<double>, std::string>> read_checkpoint(const std::filesystem::path& file) override {
    CHALK_TRY(auto found, model_->read_checkpoint(file));
    return std::pair{std::move(found.numbers), std::move(found.text)};
  }

protected:
  explicit model_learner(std::unique_ptr<Model> model) : model_(std::move(model)) {}

  /// `learn(batch, seed)` gives each batch's share of the loss; then the model is moved.
  template <class Learn>
  result<double> step_over(std::span<const example_batch> batches, std::span<const std::uint64_t> seeds, double rate,
                           Learn learn) {
    double loss = 0;
    for (std::size_t i = 0; i < batches.size(); ++i) {
      CHALK_TRY(const double share, learn(batches[i], seeds[i]));
      loss += share;
    }
    CHALK_TRY(const double norm, model_->update(rate));
    return std::isfinite(norm) ? loss : std::numeric_limits<double>::quiet_NaN();
  }

  static std::size_t examples_in(std::span<const example_batch> batches) {
    std::size_t examples = 0;
    for (const auto& batch : batches)
      examples += batch.size();
    return examples;
  }

  std::unique_ptr<Model> model_;
};

} // namespace chalkstream::pipelines::tools
