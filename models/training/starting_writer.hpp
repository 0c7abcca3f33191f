// Where learning to write begins: an encoder with a decoder from a Hugging Face directory, or a small one made at
// random for a vocabulary of its own.
#pragma once

#include "core/error.hpp"
#include "models/families/generating/generating_family.hpp"
#include "models/generation/torch_stack.hpp"
#include "models/training/starting_rules.hpp"
#include "models/training/trainable_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace chalkstream::models::training {

/// A Transformer of Marian's shape (Vaswani et al. 2017): norms behind residuals, sinusoids for positions, one table
/// of words for source, target and output.
struct transformer_sizes {
  std::size_t width = 256;
  std::size_t heads = 4;
  std::size_t inner = 1024;
  std::size_t encoder_layers = 3;
  std::size_t decoder_layers = 3;
  /// The longest source and the longest target.
  std::size_t positions = 512;
  double dropout = 0.1;
};

struct starting_writer {
  /// As the directory will have them, but for names that `writes_as` changes.
  std::shared_ptr<const tensor_archive> weights;
  const families::generating_family* family = nullptr;
  /// Its encoder is never absent; what source, target and output share is one tensor.
  generator_description model;
  /// The new config.json.
  std::string configuration;
  starting_rules generation;
  stack_learning learning;
  double attention_dropout = 0;
  /// Tables that are what they are: sinusoids, and a bias that no gradient reaches in Hugging Face's models.
  std::set<std::string, std::less<>> fixed;
  /// The name of the table that source, target and output share, and what it is called from now on.
  std::string shared_from, shared_to;

  std::string written_as(const std::string& name) const { return name == shared_from ? shared_to : name; }
};

/// Of a family this build writes with. `unsupported` for one without an encoder; other errors are those of opening
/// the directory.
result<starting_writer> start_writing_from(const std::filesystem::path& directory);

/// invalid_argument for sizes that make no model.
result<starting_writer> start_writing_anew(const transformer_sizes& sizes, const new_vocabulary& words,
                                           std::uint64_t seed);

} // namespace chalkstream::models::training
