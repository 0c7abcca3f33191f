// What writes to a picture: decoders whose layers attend to states, as parts of a VisionEncoderDecoder directory.
#pragma once

#include "models/document.hpp"
#include "models/families/tensor_lookup.hpp"
#include "models/generation/stack_description.hpp"

#include <string_view>

namespace chalkstream::models::families {

/// The decoder alone; the width of the states it reads is that of its cross-attention's keys.
struct picture_decoder {
  std::string_view model_type;
  result<generator_description> (*describe)(const settings& configuration, const tensor_group& weights);
};

result<generator_description> describe_trocr(const settings& configuration, const tensor_group& weights);
/// GPT-2 with cross-attention.
result<generator_description> describe_gpt2_over_states(const settings& configuration, const tensor_group& weights);

} // namespace chalkstream::models::families
