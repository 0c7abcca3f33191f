// Where an LSTM sequence to sequence begins to learn: a directory that holds one, or a new one at random for a
// vocabulary of its own.
#pragma once

#include "core/error.hpp"
#include "models/generation/recurrent_description.hpp"
#include "models/training/starting_rules.hpp"
#include "models/training/trainable_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace chalkstream::models::training {

/// "general" attention and input feeding, as Luong et al. found best.
struct lstm_sizes {
  /// Of states and of words, which source, target and output share.
  std::size_t width = 256;
  std::size_t encoder_layers = 1;
  std::size_t decoder_layers = 1;
  /// The longest source and the longest target.
  std::size_t positions = 512;
  double dropout = 0.2;
};

struct starting_lstm {
  std::shared_ptr<const tensor_archive> weights;
  recurrent_description model;
  /// The new config.json.
  std::string configuration;
  starting_rules generation;
  /// Of words, of what a layer gives the next, and of attentional states.
  double dropout = 0;
};

/// Whether config.json names a recurrent family. Errors are config.json's own.
result<bool> is_lstm(const std::filesystem::path& directory);

/// Errors are those of opening the directory.
result<starting_lstm> start_lstm_from(const std::filesystem::path& directory);

/// invalid_argument for sizes that make no model.
result<starting_lstm> start_lstm_anew(const lstm_sizes& sizes, const new_vocabulary& words, std::uint64_t seed);

} // namespace chalkstream::models::training
