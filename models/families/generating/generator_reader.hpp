// The steps that families of models that write share, from a configuration and its tensors to a description.
#pragma once

#include "models/families/configuration.hpp"
#include "models/families/tensor_lookup.hpp"
#include "models/generation/stack_description.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models::families {

/// Whether a map has a bias.
enum class map_form : std::uint8_t { plain, biased };

class generator_reader {
public:
  /// All must outlive it. `probe` is a tensor that shows whether names carry `prefix`; `output` is what the map from
  /// states to logits is called.
  generator_reader(std::string_view title, std::string_view prefix, std::string_view probe,
                   const settings& configuration, const tensor_group& weights,
                   std::string_view output = "lm_head.weight");

  const settings& configuration;
  tensor_lookup find;
  generator_description model;

  result<map_tensors> map(const std::string& name, std::size_t out, std::size_t in, map_form form);

  /// gamma alone, or gamma and beta.
  result<norm_tensors> norm(const std::string& name, std::size_t width, norm_kind kind);

  /// The first of these word tables that is there; all that are there must have the shape. Directories keep one or
  /// several copies of a table that is shared. A head's table serves where there is no other.
  result<const tensor_view*> word_table(const std::vector<std::string>& names, std::size_t vocabulary,
                                        std::size_t width);

  /// The output's own table if it is there, else the decoder's word table, unless tie_word_embeddings says `tied` is
  /// false.
  result<void> read_output(bool tied);

  /// The description, if no tensor is left that nobody knows.
  result<generator_description> finish(std::span<const std::string_view> ignored);

private:
  std::string title_;
  std::string output_;
};

/// Frequencies from `rope_parameters`, or from `rope_theta` and `rope_scaling` as older configurations have them:
/// default, linear (positions divided by a factor) and llama3 (only slow angles are divided; Llama 3.1). Other types
/// are `unsupported`.
result<rotary_positions> read_rotary(const settings& configuration, std::size_t head_width, std::size_t positions);

/// Where no stored table of positions bounds a line, this does.
inline constexpr std::size_t unbounded_positions = 1u << 14;

} // namespace chalkstream::models::families
