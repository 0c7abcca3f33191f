// What a model that writes is asked for, and what it gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace chalkstream {

/// When a beam search may end although its beams could still grow, as Hugging Face's generation_config.json has it:
/// `no` ends when no running beam can reach the worst finished one at its present length; `yes` as soon as there are
/// as many finished hypotheses as beams; `never` only when none could at any length.
enum class early_stopping : std::uint8_t { no, yes, never };

/// What a pipeline or a person asks for. What is absent is as the model's generation_config.json says.
struct generation_settings {
  std::optional<std::size_t> max_new_tokens;
  std::optional<std::size_t> min_new_tokens;
  std::optional<std::size_t> beams;
  std::optional<double> length_penalty;
  std::optional<early_stopping> stop_early;
  std::optional<std::size_t> no_repeat_ngram;
  std::optional<double> repetition_penalty;
  /// Draw from the distribution rather than take its most probable token.
  std::optional<bool> sample;
  std::optional<double> temperature;
  std::optional<std::size_t> top_k;
  std::optional<double> top_p;
  /// Two runs with one seed, prompt and model draw the same tokens, whatever they are batched with.
  std::optional<std::uint64_t> seed;
  /// The first token written; names the target language for models of many.
  std::optional<std::int32_t> first_token;
};

/// What a model wrote to one sequence.
struct written_text {
  /// Without the prompt; the end token included, if it wrote one.
  std::vector<std::int32_t> ids;
  /// Of a beam search the log-probability over length^length_penalty, else the sum of the tokens' log-probabilities.
  double score = 0;
  /// Ended for want of room rather than by an end token.
  bool cut = false;
  /// The sum of the tokens' log-probabilities, as they were when each was chosen.
  double log_probability = 0;
};

/// A text that a model is writing: its prompt, what is written so far, and the keys and values of both. One owner at
/// a time, from any thread; destroying it gives its room back.
class writing {
public:
  virtual ~writing() = default;

  virtual bool finished() const noexcept = 0;

  /// Tokens the next step computes for it: the prompt's at first, then one for each beam.
  virtual std::size_t next_tokens() const noexcept = 0;

  /// What was written. It must be finished.
  virtual written_text take() = 0;
};

} // namespace chalkstream
