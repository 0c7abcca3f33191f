#include "models/families/generating/generator_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace chalkstream::models::families {
namespace {

constexpr std::array<std::string_view, 9> known_keys{"rope_type",
                                                     "type",
                                                     "rope_theta",
                                                     "factor",
                                                     "low_freq_factor",
                                                     "high_freq_factor",
                                                     "original_max_position_embeddings",
                                                     "partial_rotary_factor",
                                                     "attention_factor"};

// The object that says how positions are scaled: in either spelling, or none.
result<const json_value*> find_scaling(const settings& c) {
  // Where both are, the older one counts, as in Hugging Face's own reader.
  for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
    const auto* value = c.find(key);
    if (value == nullptr || value->is_null())
      continue;
    const auto* members = value->as<json_value::object>();
    if (members == nullptr)
      return error{errc::invalid_configuration, c.file() + ": '" + std::string(key) + "' must be an object"};
    for (const auto& [name, _] : *members)
      if (std::find(known_keys.begin(), known_keys.end(), name) == known_keys.end())
        return unsupported(c, std::string(key) + " has '" + name + "', which this build does not know");
    return value;
  }
  return nullptr;
}

result<double> positive(const settings& s, std::string_view key, std::optional<double> fallback) {
  CHALK_TRY(const auto x, s.number(key, fallback));
  if (!(x > 0 && x < 1e12))
    return error{errc::invalid_configuration, s.file() + ": '" + std::string(key) + "' must be more than 0"};
  return x;
}

// Angles whose wave is longer than the training's context divided by low_freq_factor are divided by the factor, those
// shorter than it divided by high_freq_factor are left, and between the two it passes from one to the other.
result<void> scale_as_llama3(const settings& s, double trained, std::vector<float>& frequencies) {
  CHALK_TRY(const auto factor, positive(s, "factor", std::nullopt));
  CHALK_TRY(const auto low, positive(s, "low_freq_factor", std::nullopt));
  CHALK_TRY(const auto high, positive(s, "high_freq_factor", std::nullopt));
  if (!(low < high))
    return {errc::invalid_configuration, s.file() + ": 'low_freq_factor' must be less than 'high_freq_factor'"};
  for (float& f : frequencies) {
    const auto wave = 2 * std::numbers::pi / static_cast<double>(f);
    const auto kept = std::clamp((trained / wave - low) / (high - low), 0.0, 1.0);
    f = static_cast<float>((1 - kept) * static_cast<double>(f) / factor + kept * static_cast<double>(f));
  }
  return {};
}

} // namespace

result<rotary_positions> read_rotary(const settings& c, std::size_t head_width, std::size_t positions) {
  if (head_width % 2 != 0)
    return error{errc::invalid_configuration,
                 c.file() + ": heads of " + std::to_string(head_width) + " elements cannot be rotated in pairs"};
  CHALK_TRY(const auto* found, find_scaling(c));
  const json_value none{json_value::object{}};
  const settings scaling(c.file(), found != nullptr ? *found : none);
  CHALK_TRY(const auto older, positive(c, "rope_theta", 10000.0));
  CHALK_TRY(const auto theta, positive(scaling, "rope_theta", older));
  for (const auto* where : {&c, &scaling}) {
    CHALK_TRY(const auto part, where->number("partial_rotary_factor", 1.0));
    if (part != 1)
      return unsupported(c, "partial_rotary_factor other than 1 is not supported");
  }
  CHALK_TRY(const auto attention, scaling.number("attention_factor", 1.0));
  if (attention != 1)
    return unsupported(c, "attention_factor other than 1 is not supported");

  rotary_positions rotary;
  for (std::size_t i = 0; i < head_width; i += 2)
    rotary.frequencies.push_back(
        1.0f / std::pow(static_cast<float>(theta), static_cast<float>(i) / static_cast<float>(head_width)));

  CHALK_TRY(const auto older_type, scaling.text("type", "default"));
  CHALK_TRY(const auto type, scaling.text("rope_type", older_type));
  if (type == "default")
    return rotary;
  if (type == "linear") {
    CHALK_TRY(const auto factor, positive(scaling, "factor", std::nullopt));
    for (float& f : rotary.frequencies)
      f /= static_cast<float>(factor);
    return rotary;
  }
  if (type == "llama3") {
    CHALK_TRY(const auto inside,
              positive(scaling, "original_max_position_embeddings", static_cast<double>(positions)));
    CHALK_TRY(const auto trained, positive(c, "original_max_position_embeddings", inside));
    CHALK_CHECK(scale_as_llama3(scaling, trained, rotary.frequencies));
    return rotary;
  }
  return unsupported(c, "rope_type '" + type + "' is not one this build knows (default, linear, llama3)");
}

} // namespace chalkstream::models::families
