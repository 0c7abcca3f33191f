// An encoder with a head that learns: gradients of a batch, one step of the optimiser, predictions, and what a
// checkpoint and a Hugging Face directory need. Which batches, how often and how well is the caller's business.
//
// Nothing random is left between calls: what a batch draws follows from the seed it is given, so a run that goes on
// from a checkpoint draws what it would have drawn. On a CPU, with the same number of threads, that is the same run
// to the last bit.
//
// Not thread-safe. Every call blocks and does not throw: out_of_memory asks for a smaller batch.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/training/learning_weights.hpp"
#include "models/training/starting_point.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chalkstream::models::training {

/// What a text should come out as; the objective says which member counts.
struct target {
  std::size_t label = 0;
  /// One for each output.
  std::vector<double> scores;
  /// The first and the last token of the answer; the first token of the sequence if it has none.
  std::pair<std::size_t, std::size_t> answer{0, 0};
};

struct training_example {
  const sequence* tokens = nullptr;
  const target* goal = nullptr;
};

/// labels: cross-entropy. scores: the squared error, of scores brought to mean 0 and deviation 1. answers: the
/// cross-entropies of start and end, halved.
enum class objective : std::uint8_t { labels, scores, answers };

/// What an output is multiplied with and then has added, to be a score.
struct score_scale {
  double deviation = 1;
  double mean = 0;
};

struct trainable_settings {
  wanted_model model;
  objective learns = objective::labels;
  /// Of each label; empty: 1.
  std::vector<double> label_weights;
  /// Of each output; empty: 1 and 0. The written classifier has them in its weights.
  std::vector<score_scale> scales;
  adamw_settings optimiser;
  /// "cpu", "cuda" or "cuda:1".
  std::string device = "cpu";
  /// Multiply matrices in bfloat16, and keep everything else in float32.
  bool mixed = false;
  /// Of a CPU, for all of LibTorch in this process; 0: one a core.
  std::size_t threads = 0;
};

struct judged_rows {
  /// As core's model port gives them: one row for each text, or for each token.
  output_rows rows;
  /// The sum over the examples.
  double loss = 0;
};

class trainable_encoder {
public:
  static result<std::unique_ptr<trainable_encoder>> make(const trainable_settings& settings);
  ~trainable_encoder();

  std::size_t max_tokens() const noexcept;

  /// invalid_argument if the model cannot be given these tokens.
  result<void> check(const sequence& tokens) const;

  /// Adds the gradients of the batch's summed loss divided by `of`, the number of examples the step has in all.
  /// Returns that loss. Sequences must be valid for the model.
  result<double> learn(std::span<const training_example> batch, std::size_t of, std::uint64_t seed);

  /// Moves the weights along the gradients. Returns the gradients' norm; one that is not finite moves nothing.
  result<double> update(double rate);

  /// Without dropout, in float32. Scores come as they are meant, not as they are learnt.
  result<judged_rows> judge(std::span<const training_example> batch);

  /// A directory that Hugging Face's readers and this build open: config.json, the tokenizer's files, and the weights
  /// last. Each file is replaced whole. `max_tokens`: what the tokenizer's configuration will say; 0: what it said.
  result<void> write_model(const std::filesystem::path& directory, std::size_t max_tokens) const;

  /// Weights, the optimiser's memory, and the caller's own numbers and text: one file, replaced whole.
  result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                const std::string& text) const;

  using restored = restored_checkpoint;
  /// `corrupt` for a file that is not of this model; the weights are then in no defined state.
  result<restored> read_checkpoint(const std::filesystem::path& file);

private:
  struct parts;
  explicit trainable_encoder(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::training
