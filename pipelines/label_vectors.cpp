#include "pipelines/label_vectors.hpp"

#include "pipelines/text_task.hpp"

#include <numeric>
#include <utility>

namespace chalkstream::pipelines {

namespace {

result<sequence> asked(const std::string& label, std::string_view prompt, const text::tokenizer& tokenizer,
                       std::size_t max_tokens) {
  std::string text(prompt);
  text.replace(text.find(label_place), label_place.size(), label);
  CHALK_TRY(auto encoded, tokenizer.encode(text, {.special_tokens = true, .offsets = false}));
  if (encoded.ids.size() > max_tokens)
    return error{errc::invalid_configuration, "the label '" + label + "' makes a prompt of "
                                                  + std::to_string(encoded.ids.size()) + " tokens; the model reads "
                                                  + std::to_string(max_tokens)};
  return sequence{std::move(encoded.ids), std::move(encoded.types)};
}

} // namespace

result<label_vectors> label_vectors::make(const std::vector<std::string>& labels, std::string_view prompt,
                                          const text::tokenizer& tokenizer, const model& compute, double scale,
                                          std::size_t max_tokens) {
  std::vector<std::vector<float>> units;
  for (const auto& label : labels) {
    CHALK_TRY(const auto text, asked(label, prompt, tokenizer, max_tokens));
    const auto* only = &text;
    CHALK_TRY(const auto rows, compute.run({&only, 1}, nullptr));
    auto unit = rows.size() == 1 ? unit_vector(rows.row(0)) : std::vector<float>();
    if (unit.empty())
      return error{errc::invalid_configuration, "the model has no direction for the label '" + label + "'"};
    units.push_back(std::move(unit));
  }
  if (units.empty())
    return error{errc::invalid_configuration, "there are no labels"};
  return label_vectors(std::move(units), scale);
}

std::vector<float> label_vectors::logits(std::span<const float> row) const {
  const auto unit = row.size() == width() ? unit_vector(row) : std::vector<float>();
  std::vector<float> all;
  for (std::size_t i = 0; i < units_.size() && !unit.empty(); ++i)
    all.push_back(static_cast<float>(scale_ * std::inner_product(unit.begin(), unit.end(), units_[i].begin(), 0.0)));
  return all;
}

} // namespace chalkstream::pipelines
