// The model port: what the engine needs from something that computes.
#pragma once

#include "core/crew.hpp"
#include "core/error.hpp"
#include "core/generation.hpp"
#include "core/outcome.hpp"
#include "core/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace chalkstream {

/// An image: 8 bits a channel, `values[(y * width + x) * channels + c]`.
struct picture {
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t channels = 3;
  std::vector<std::uint8_t> values;
};

/// One text as the model sees it: special tokens included, already cut to the model's length, never padded. Or one
/// image, of the size and channels that the model takes.
struct sequence {
  std::vector<std::int32_t> ids;
  /// Token types, as long as `ids`; empty means all zero.
  std::vector<std::int32_t> types;
  /// For a model that writes(); null: as its own configuration says.
  std::shared_ptr<const generation_settings> wanted = {};
  /// An image, then without ids.
  std::shared_ptr<const picture> image = {};
  /// What the image costs, in the tokens of a text that would take as long.
  std::size_t image_tokens = 0;

  /// What it costs.
  std::size_t tokens() const noexcept { return ids.size() + image_tokens; }
};

/// Rows of `width` floats: one per sequence in the order of the batch (an embedding, or logits), or, where the model
/// says row_per_token(), one per token of each sequence, end to end. A model that writes() gives texts instead, one
/// that reads whole pages a reading of each.
struct output_rows {
  std::size_t width = 0;
  std::vector<float> values;
  std::vector<written_text> texts = {};
  std::vector<page_reading> readings = {};

  std::span<const float> row(std::size_t i) const { return {values.data() + i * width, width}; }
  std::size_t size() const noexcept { return width == 0 ? 0 : values.size() / width; }
};

/// A loaded model on one device. Weights are immutable and shared: `run` may be called from many slots' threads at
/// once. It blocks for as long as the computation takes and does not throw; out_of_memory asks for a smaller batch.
class model {
public:
  virtual ~model() = default;

  virtual std::shared_ptr<const model_identity> identity() const = 0;

  /// The longest sequence it takes, special tokens included.
  virtual std::size_t max_tokens() const noexcept = 0;

  /// Floats in each output row; 0 of a model that gives readings.
  virtual std::size_t output_width() const noexcept = 0;

  /// Whether a row belongs to a token rather than to a sequence.
  virtual bool row_per_token() const noexcept { return false; }

  /// Rows that run() gives for a sequence.
  std::size_t rows_for(const sequence& s) const noexcept { return row_per_token() ? s.ids.size() : 1; }

  /// Runs the sequences as one packed batch: no padding is computed, and a row does not depend on its neighbours.
  /// The calling thread computes; where takes_help() holds, `helpers` (null: nobody) may be worked along with.
  virtual result<output_rows> run(std::span<const sequence* const> batch, crew* helpers) const = 0;

  /// Whether run() shares its work with helpers. Nobody should wait with a crew whose model does not.
  virtual bool takes_help() const noexcept { return false; }

  /// Whether it writes texts, token by token: begin() and step() are used then, run() is not.
  virtual bool writes() const noexcept { return false; }

  /// Takes room for a text to write behind `prompt`, and computes nothing yet. Null if there is no room at present;
  /// invalid_argument for a prompt or settings it cannot serve at all.
  virtual result<std::unique_ptr<writing>> begin(const sequence& prompt) const;

  /// One step of each of these, whatever step each is at, as one packed batch; none of them is finished. After an error
  /// they can only be destroyed. Blocks, and may be called from many slots' threads, as run().
  virtual result<void> step(std::span<writing* const> batch) const;
};

} // namespace chalkstream
