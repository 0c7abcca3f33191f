// The families of models that write, by config.json's `model_type`: like family.hpp, but for stacks of layers that
// predict the next token. Adding one means adding its file and its line in generating_families.cpp.
#pragma once

#include "models/document.hpp"
#include "models/generation/recurrent_description.hpp"
#include "models/generation/stack_description.hpp"
#include "models/vision/network.hpp"

#include <span>
#include <string_view>

namespace chalkstream::models::families {

struct generating_family {
  std::string_view model_type;
  /// The only one it is read with.
  std::string_view architecture;
  /// Null for a recurrent family and for one that sees, which have the others.
  result<generator_description> (*describe)(const settings& configuration, const tensor_archive& weights);
  result<recurrent_description> (*describe_recurrent)(const settings& configuration,
                                                      const tensor_archive& weights) = nullptr;
  /// Its sources are pictures.
  result<generator_description> (*describe_seeing)(const settings& configuration, const tensor_archive& weights,
                                                   const vision::image_input& input) = nullptr;
};

std::span<const generating_family> all_generating();

/// Whether `architectures` names a model that writes, of a known family or not.
result<bool> names_a_writer(const settings& configuration);

/// The family of a configuration; `unsupported` names the model_type or the architecture, and those that are known.
result<const generating_family*> generating_family_of(const settings& configuration);

result<generator_description> describe_bart(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_mbart(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_marian(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_pegasus(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_t5(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_mt5(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_gpt2(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_llama(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_qwen2(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_qwen3(const settings& configuration, const tensor_archive& weights);
result<recurrent_description> describe_lstm_seq2seq(const settings& configuration, const tensor_archive& weights);
result<generator_description> describe_vision_encoder_decoder(const settings& configuration,
                                                              const tensor_archive& weights,
                                                              const vision::image_input& input);

} // namespace chalkstream::models::families
