// A model that writes one text from another and learns to: gradients of a batch, one step of the optimiser, losses, a
// copy to write with, and what a checkpoint and a model directory need. Which batches, how often and how well is the
// caller's business; so is the tokenizer.
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
#include "models/training/model_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::training {

/// Ids as the model sees them, borrowed: the source with its special tokens, and the target with the token that ends
/// it but without the one that every line begins with. Neither is empty, neither is padded.
struct writing_example {
  std::span<const std::int32_t> source;
  std::span<const std::int32_t> target;
};

class trainable_writer {
public:
  virtual ~trainable_writer() = default;

  /// The longest source and the longest target that check() accepts.
  virtual std::size_t max_source() const noexcept = 0;
  virtual std::size_t max_target() const noexcept = 0;

  /// invalid_argument if the model cannot be given these tokens.
  virtual result<void> check(const writing_example& example) const = 0;

  /// Each target token is predicted from the source and the target tokens before it. Adds the gradients of the
  /// batch's summed loss (of all its target tokens, smoothed as the model was made to) divided by `of_tokens`, the
  /// number of target tokens the step has in all. Returns that loss. Examples must have passed check().
  virtual result<double> learn(std::span<const writing_example> batch, std::size_t of_tokens, std::uint64_t seed) = 0;

  /// Moves the weights along the gradients. Returns the gradients' norm; one that is not finite moves nothing.
  virtual result<double> update(double rate) = 0;

  /// The cross-entropy summed over all target tokens, neither smoothed nor divided. Without dropout, in float32.
  virtual result<double> judge(std::span<const writing_example> batch) = 0;

  /// A model that writes(), with a copy of the weights as they are now: what the directory of write_model() serves.
  virtual result<std::shared_ptr<const model>> as_model() const = 0;

  /// A directory that this build opens, and Hugging Face's readers where they know the architecture: config.json,
  /// generation_config.json, `tokenizer`, and the weights last. Each file is replaced whole.
  virtual result<void> write_model(const std::filesystem::path& directory,
                                   std::span<const model_file> tokenizer) const = 0;

  /// Weights, the optimiser's memory, and the caller's own numbers and text: one file, replaced whole.
  virtual result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                        const std::string& text) const = 0;

  using restored = restored_checkpoint;
  /// `corrupt` for a file that is not of this model; the weights are then in no defined state.
  virtual result<restored> read_checkpoint(const std::filesystem::path& file) = 0;
};

/// invalid_argument for a source or target (`what`) of no tokens, of more than `most`, or outside the vocabulary.
result<void> check_tokens(std::span<const std::int32_t> ids, std::size_t most, std::size_t vocabulary,
                          const char* what);

/// What a model without a model to start from is made for: words by their ids, as its tokenizer has them, and where
/// lines begin and end. One vocabulary for sources and targets.
struct new_vocabulary {
  std::size_t size = 0;
  std::int32_t pad = 0;
  /// Stands before every line that is written; never written itself.
  std::int32_t start = 0;
  std::int32_t end = 0;
  std::int32_t unknown = 0;
};

} // namespace chalkstream::models::training
