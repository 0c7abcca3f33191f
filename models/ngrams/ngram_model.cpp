#include "models/ngrams/ngram_model.hpp"

#include "models/text/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <new>
#include <string>

namespace chalkstream::models {
namespace {

result<std::size_t> read_setting(const settings& configuration, std::string_view key, std::size_t fallback,
                                 std::size_t least, std::size_t most) {
  CHALK_TRY(const auto value, configuration.whole_number(key, fallback));
  if (value < least || value > most)
    return error{errc::invalid_configuration, configuration.file() + ": '" + std::string(key) + "' is "
                                                  + std::to_string(value) + "; it may be " + std::to_string(least)
                                                  + " to " + std::to_string(most)};
  return static_cast<std::size_t>(value);
}

result<ngram_settings> read_settings(const settings& configuration) {
  ngram_settings s;
  CHALK_TRY(s.bits, read_setting(configuration, "hash_bits", s.bits, 8, 24));
  CHALK_TRY(s.shortest_characters,
            read_setting(configuration, "shortest_character_ngram", s.shortest_characters, 1, 8));
  CHALK_TRY(s.longest_characters, read_setting(configuration, "longest_character_ngram", s.longest_characters,
                                               s.shortest_characters, 8));
  CHALK_TRY(s.longest_words, read_setting(configuration, "longest_word_ngram", s.longest_words, 1, 4));
  return s;
}

result<std::vector<float>> read_tensor(const tensor_archive& weights, std::string_view name,
                                       std::vector<std::size_t> shape) {
  const auto* found = weights.find(name);
  if (found == nullptr)
    return error{errc::corrupt, "there is no tensor '" + std::string(name) + "'"};
  if (found->shape != shape)
    return error{errc::corrupt, "tensor '" + std::string(name) + "' has the shape " + to_string(found->shape)
                                    + "; it must be " + to_string(shape)};
  CHALK_TRY(auto values, to_float(*found));
  if (!std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); }))
    return error{errc::corrupt, "tensor '" + std::string(name) + "' has values that are not finite"};
  return values;
}

result<level_scale> read_levels(const tensor_archive& weights, const tensor_view& cuts) {
  level_scale scale;
  if (cuts.shape.size() != 1 || cuts.shape[0] == 0 || cuts.shape[0] > 1000)
    return error{errc::corrupt, "tensor 'levels.cuts' has the shape " + to_string(cuts.shape)
                                    + "; it must be one row, one shorter than there are levels"};
  CHALK_TRY(scale.cuts, read_tensor(weights, "levels.cuts", cuts.shape));
  CHALK_TRY(const auto spread, read_tensor(weights, "levels.spread", {1}));
  scale.spread = spread[0];
  if (!std::is_sorted(scale.cuts.begin(), scale.cuts.end()) || !(scale.spread > 0))
    return error{errc::corrupt, "'levels.cuts' must ascend, and 'levels.spread' be above 0"};
  return scale;
}

result<std::string> text_of(const sequence& s) {
  if (s.ids.empty() || s.ids.size() > longest_ngram_text)
    return error{errc::invalid_argument, "a sequence has " + std::to_string(s.ids.size()) + " bytes; the model takes 1 to "
                                             + std::to_string(longest_ngram_text)};
  std::string bytes;
  bytes.reserve(s.ids.size());
  for (const auto id : s.ids) {
    if (id < 0 || id > 255)
      return error{errc::invalid_argument, "token " + std::to_string(id) + " is no byte"};
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(id)));
  }
  return text::is_valid_utf8(bytes) ? bytes : text::repaired_utf8(bytes);
}

} // namespace

std::vector<double> ngram_weights::score(const ngram_counts& text) const {
  const auto runs = weigh(text, rarity);
  std::vector<double> scores(bias.begin(), bias.end());
  for (std::size_t o = 0; o < scores.size(); ++o) {
    const auto* row = weight.data() + o * settings.buckets();
    for (const auto& r : runs)
      scores[o] += double{r.weight} * double{row[r.bucket]};
    for (std::size_t j = 0; j < text_shape_width; ++j)
      scores[o] += double{text.shape[j]} * double{shape[o * text_shape_width + j]};
  }
  return scores;
}

result<ngram_weights> read_ngram_weights(const settings& configuration, const tensor_archive& weights) {
  ngram_weights made;
  CHALK_TRY(made.settings, read_settings(configuration));
  const auto buckets = made.settings.buckets();
  const auto* bias = weights.find("bias");
  const auto outputs = bias != nullptr && bias->shape.size() == 1 ? bias->shape[0] : 0;
  if (outputs == 0 || outputs > 1000)
    return error{errc::corrupt, "tensor 'bias' must be there, with one value an output and at most 1000"};
  CHALK_TRY(made.bias, read_tensor(weights, "bias", {outputs}));
  CHALK_TRY(made.rarity, read_tensor(weights, "ngrams.rarity", {buckets}));
  CHALK_TRY(made.weight, read_tensor(weights, "ngrams.weight", {outputs, buckets}));
  CHALK_TRY(made.shape, read_tensor(weights, "shape.weight", {outputs, text_shape_width}));
  if (const auto* cuts = weights.find("levels.cuts"); cuts != nullptr) {
    CHALK_TRY(made.levels, read_levels(weights, *cuts));
    if (outputs != 1)
      return error{errc::corrupt, "'levels.cuts' need one output, and there are " + std::to_string(outputs)};
  }
  return made;
}

result<output_rows> ngram_model::run(std::span<const sequence* const> batch, crew*) const {
  try {
    output_rows rows;
    rows.width = output_width();
    for (const auto* s : batch) {
      CHALK_TRY(const auto text, text_of(*s));
      const auto scores = weights_.score(count_ngrams(text, weights_.settings));
      if (weights_.levels) {
        const auto logits = weights_.levels->logits(scores.front());
        rows.values.insert(rows.values.end(), logits.begin(), logits.end());
      } else {
        std::transform(scores.begin(), scores.end(), std::back_inserter(rows.values),
                       [](double x) { return static_cast<float>(x); });
      }
    }
    return rows;
  } catch (const std::bad_alloc&) {
    return error{errc::out_of_memory, "the texts' n-grams do not fit into memory"};
  }
}

} // namespace chalkstream::models
