// What a training run needs from what learns: the one place where recipes differ. The run knows epochs, seeds,
// checkpoints and curves; a learner knows texts, models and measures. A recipe is a learner and its line in
// training.cpp.
#pragma once

#include "core/error.hpp"
#include "pipelines/tools/training/step_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chalkstream::pipelines::tools {

/// Of the validation part.
struct validation_figures {
  double loss = 0; // mean over the examples, or over the tokens to write
  /// By education/measures' names, always in the same order; NaN where the rows do not define one.
  std::vector<std::pair<std::string, double>> values;
};

/// Calls block. out_of_memory: a smaller batch may work. Not thread-safe.
class learner {
public:
  virtual ~learner() = default;

  /// Tokens of each training example.
  virtual std::span<const std::size_t> costs() const = 0;

  /// One step of the optimiser over all batches. Returns the mean loss over their examples, or over the tokens to
  /// write; a loss or gradients that are not finite give a loss that is not, and move nothing. `seeds` has one for
  /// each batch.
  virtual result<double> step(std::span<const example_batch> batches, std::span<const std::uint64_t> seeds,
                              double rate) = 0;

  /// `done` hears of progress, from 0 to 1.
  virtual result<validation_figures> validate(const std::function<void(double)>& done) = 0;

  /// What validate() will compute beside the loss, and which of it usually says which epoch is best: the one where it
  /// is largest, or smallest if smaller_is_better(). Computes nothing of the model.
  virtual result<std::vector<std::string>> figure_names() const = 0;
  virtual std::string usual_figure() const = 0;

  /// As a Hugging Face directory, each file replaced whole.
  virtual result<void> write_model(const std::filesystem::path& directory) const = 0;

  /// What a person may want to see of an epoch (from 1) beside the figures, into files of its own; follows
  /// validate().
  virtual result<void> show(const std::filesystem::path& directory, std::size_t epoch) const {
    static_cast<void>(directory);
    static_cast<void>(epoch);
    return {};
  }

  /// One file, replaced whole, with what the run itself remembers.
  virtual result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                        const std::string& text) const = 0;
  virtual result<std::pair<std::vector<double>, std::string>> read_checkpoint(const std::filesystem::path& file) = 0;
};

/// Of errors and losses; all other figures are better where they are larger.
bool smaller_is_better(std::string_view figure);

} // namespace chalkstream::pipelines::tools
