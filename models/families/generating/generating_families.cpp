#include "models/families/generating/generating_family.hpp"

#include "models/families/configuration.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace chalkstream::models::families {
namespace {

constexpr std::array<generating_family, 12> known{
    {{"bart", "BartForConditionalGeneration", describe_bart},
     {"mbart", "MBartForConditionalGeneration", describe_mbart},
     {"marian", "MarianMTModel", describe_marian},
     {"pegasus", "PegasusForConditionalGeneration", describe_pegasus},
     {"t5", "T5ForConditionalGeneration", describe_t5},
     {"mt5", "MT5ForConditionalGeneration", describe_mt5},
     {"gpt2", "GPT2LMHeadModel", describe_gpt2},
     {"llama", "LlamaForCausalLM", describe_llama},
     {"qwen2", "Qwen2ForCausalLM", describe_qwen2},
     {"qwen3", "Qwen3ForCausalLM", describe_qwen3},
     {"lstm_seq2seq", "LstmForConditionalGeneration", nullptr, describe_lstm_seq2seq},
     {"vision-encoder-decoder", "VisionEncoderDecoderModel", nullptr, nullptr, describe_vision_encoder_decoder}}};

// How names of models that write end.
constexpr std::array<std::string_view, 5> endings{"ForConditionalGeneration", "ForCausalLM", "MTModel", "LMHeadModel",
                                                  "EncoderDecoderModel"};

} // namespace

std::span<const generating_family> all_generating() {
  return known;
}

result<bool> names_a_writer(const settings& configuration) {
  CHALK_TRY(const auto name, read_architecture_name(configuration));
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

result<const generating_family*> generating_family_of(const settings& configuration) {
  CHALK_TRY(const auto type, configuration.text("model_type", std::nullopt));
  std::string names;
  for (const auto& candidate : known) {
    if (candidate.model_type != type) {
      names += (names.empty() ? "" : ", ") + std::string(candidate.model_type);
      continue;
    }
    CHALK_TRY(const auto architecture, read_architecture_name(configuration));
    if (architecture != candidate.architecture)
      return unsupported(configuration, "architecture '" + architecture + "' is not one this build writes with ("
                                            + std::string(candidate.architecture) + ")");
    return &candidate;
  }
  CHALK_TRY(const auto architecture, read_architecture_name(configuration));
  return unsupported(configuration, "model_type '" + type + "' (architecture '" + architecture
                                        + "') is not one this build writes with (" + names + ")");
}

} // namespace chalkstream::models::families
