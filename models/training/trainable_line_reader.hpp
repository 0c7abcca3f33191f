// A net that reads lines (models/reading) and learns, with trainable_net's promises about seeds, checkpoints, threads
// and errors.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/reading/line_decoding.hpp"
#include "models/reading/line_description.hpp"
#include "models/training/learning_weights.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::models::training {

struct written_line {
  /// Grey, line_height high, columns_a_step to widest_line wide.
  const picture* image = nullptr;
  /// Of the net's, by their classes: from 1.
  std::vector<std::int64_t> characters;
};

/// Whether a line has a step for each character, and one between two alike.
bool has_room(std::size_t columns, std::span<const std::int64_t> characters) noexcept;

struct trainable_line_reader_settings {
  reading::line_description net;
  optimiser_settings optimiser;
  /// Of the first weights.
  std::uint64_t seed = 0;
  /// "cpu", "cuda" or "cuda:1".
  std::string device = "cpu";
  /// Convolve in bfloat16, and keep everything else in float32.
  bool mixed = false;
  /// Of a CPU, for all of LibTorch in this process; 0: one a core.
  std::size_t threads = 0;
};

struct judged_lines {
  /// The sum of the lines' losses; lines without room count nothing.
  double loss = 0;
  std::vector<reading::line_text> texts;
};

class trainable_line_reader {
public:
  static result<std::unique_ptr<trainable_line_reader>> make(const trainable_line_reader_settings& settings);
  ~trainable_line_reader();

  /// Adds the gradients of the batch's summed loss divided by `of`, the number of lines the step has in all. Returns
  /// that loss. invalid_argument for a line that is not as it must be, or has no room.
  result<double> learn(std::span<const written_line> batch, std::size_t of);

  /// Moves the weights along the gradients. Returns the gradients' norm; one that is not finite moves nothing.
  result<double> update(double rate);

  /// In float32, batch norms by what they remember, line by line: what line_reader will read.
  result<judged_lines> judge(std::span<const written_line> batch);

  /// config.json, and the weights last; each file is replaced whole.
  result<void> write_model(const std::filesystem::path& directory) const;

  result<void> write_checkpoint(const std::filesystem::path& file, std::span<const double> numbers,
                                const std::string& text) const;
  result<restored_checkpoint> read_checkpoint(const std::filesystem::path& file);

private:
  struct parts;
  explicit trainable_line_reader(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

} // namespace chalkstream::models::training
