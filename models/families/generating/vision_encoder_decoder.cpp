// VisionEncoderDecoder: a model of images and one that writes, each with a configuration and tensors of its own;
// where their widths differ a map stands between them.
#include "models/families/generating/generating_family.hpp"
#include "models/families/generating/generator_reader.hpp"
#include "models/families/generating/picture_decoder.hpp"
#include "models/vision/vision_family.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace chalkstream::models::families {
namespace {

constexpr std::array<picture_decoder, 2> decoders{{{"trocr", describe_trocr}, {"gpt2", describe_gpt2_over_states}}};
// Their trunks end in the states that Hugging Face hands on.
constexpr std::array<std::string_view, 3> encoders{"vit", "deit", "swin"};

// Those of the parts, which their own readers look at.
constexpr std::array<std::string_view, 2> of_parts{"encoder.", "decoder."};
constexpr const char* bridge = "enc_to_dec_proj";

// A part's configuration, without the name of the class it may have been taken from.
result<json_value> part(const settings& whole, std::string_view name) {
  const auto* found = whole.find(name);
  const auto* members = found == nullptr ? nullptr : found->as<json_value::object>();
  if (members == nullptr)
    return error{errc::invalid_configuration, whole.file() + ": '" + std::string(name) + "' must be an object"};
  auto kept = *members;
  std::erase_if(kept, [](const auto& member) { return member.first == "architectures"; });
  return json_value(std::move(kept));
}

std::string listed(std::string names, std::string_view next) {
  return names.append(names.empty() ? "" : ", ").append(next);
}

result<const vision::vision_family*> encoder_family(const settings& encoder) {
  CHALK_TRY(const auto type, encoder.text("model_type", std::nullopt));
  if (std::ranges::find(encoders, type) != encoders.end())
    return vision::find_family(encoder);
  std::string known;
  for (const auto each : encoders)
    known = listed(std::move(known), each);
  return unsupported(encoder,
                     "model_type '" + type + "' is not one whose pictures this build reads from (" + known + ")");
}

result<const picture_decoder*> decoder_family(const settings& decoder) {
  CHALK_TRY(const auto type, decoder.text("model_type", std::nullopt));
  std::string known;
  for (const auto& each : decoders) {
    if (each.model_type == type)
      return &each;
    known = listed(std::move(known), each.model_type);
  }
  return unsupported(decoder,
                     "model_type '" + type + "' is not one that writes to pictures in this build (" + known + ")");
}

result<picture_encoder> read_encoder(const settings& c, const tensor_archive& weights,
                                     const vision::image_input& input) {
  CHALK_TRY(const auto* family, encoder_family(c));
  CHALK_TRY(auto network, family->describe(c, {weights, "encoder."}, input));
  picture_encoder encoder{input, std::move(network.trunk), {}};
  CHALK_TRY(encoder.cost, vision::cost_of(input, encoder.steps, {}));
  return encoder;
}

} // namespace

result<generator_description> describe_vision_encoder_decoder(const settings& c, const tensor_archive& weights,
                                                              const vision::image_input& input) {
  CHALK_CHECK(require_flag(c, "is_encoder_decoder", true));
  CHALK_CHECK(require_flag(c, "tie_encoder_decoder", false));
  CHALK_TRY(const auto encoder_keys, part(c, "encoder"));
  CHALK_TRY(const auto decoder_keys, part(c, "decoder"));
  const settings of_encoder(c.file() + ": encoder", encoder_keys);
  const settings of_decoder(c.file() + ": decoder", decoder_keys);
  CHALK_TRY(auto encoder, read_encoder(of_encoder, weights, input));
  CHALK_TRY(const auto* family, decoder_family(of_decoder));
  CHALK_TRY(auto model, family->describe(of_decoder, {weights, "decoder."}));

  tensor_lookup find(weights, "", "");
  const auto read = model.decoder.layers.front().cross->key.in;
  CHALK_TRY(const auto as_it_is, of_decoder.whole_number("cross_attention_hidden_size", 0));
  if (as_it_is == 0 && encoder.cost.width != model.decoder.width) {
    vision::dense map;
    CHALK_TRY(map.linear, find.linear(bridge, model.decoder.width, encoder.cost.width));
    encoder.steps.emplace_back(map);
    CHALK_TRY(encoder.cost, vision::cost_of(input, encoder.steps, {}));
  }
  if (encoder.cost.width != read)
    return error{errc::invalid_configuration,
                 of_decoder.file() + ": cross-attention reads states of " + std::to_string(read)
                     + " (cross_attention_hidden_size); the encoder gives " + std::to_string(encoder.cost.width)};
  CHALK_CHECK(find.nothing_is_left("VisionEncoderDecoder", of_parts));
  model.pictures = std::move(encoder);
  return model;
}

} // namespace chalkstream::models::families
