#include "models/exported/exported_model.hpp"

#include "models/computed_rows.hpp"
#include "models/safetensors.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace chalkstream::models {
namespace {

rectangle_rules rules_of(const exported_program& described, const program& compute) {
  rectangle_rules rules;
  rules.fixed_rows = described.fixed_batch;
  if (described.fixed_length)
    rules.fixed_tokens = described.max_tokens;
  rules.least_rows = rules.least_tokens = compute.least();
  rules.masked = described.takes(program_input::attention_mask);
  return rules;
}

std::int64_t value_of(program_input holds, const sequence& s, std::size_t position, std::int32_t padding) {
  const bool inside = position < s.ids.size();
  switch (holds) {
  case program_input::input_ids:
    return inside ? s.ids[position] : padding;
  case program_input::attention_mask:
    return inside ? 1 : 0;
  case program_input::token_type_ids:
    return inside && !s.types.empty() ? s.types[position] : 0;
  case program_input::position_ids:
    break;
  }
  return static_cast<std::int64_t>(position);
}

bool of_tokens(program_output output) {
  return output != program_output::embeddings && output != program_output::class_logits
         && output != program_output::scores;
}

} // namespace

exported_model::exported_model(parts made) : parts_(std::move(made)) {
  const auto& described = parts_.described;
  const bool typed = described.takes(program_input::token_type_ids);
  limits_ = {described.vocabulary, typed ? described.token_types : 0, described.max_tokens};
  rules_ = rules_of(described, *parts_.compute);
}

result<std::shared_ptr<const exported_model>> exported_model::make(parts made) {
  const std::shared_ptr<exported_model> model(new exported_model(std::move(made)));
  CHALK_CHECK(model->probe());
  return std::shared_ptr<const exported_model>(model);
}

bool exported_model::row_per_token() const noexcept {
  return parts_.described.output == program_output::token_class_logits
         || parts_.described.output == program_output::span_logits;
}

result<void> exported_model::probe() {
  const auto& described = parts_.described;
  sequence longest;
  longest.ids.assign(described.max_tokens, 0);
  longest.types.assign(described.max_tokens, 0);
  longest.ids.back() = static_cast<std::int32_t>(described.vocabulary - 1);
  longest.types.back() = static_cast<std::int32_t>(described.token_types - 1);
  const std::array<const sequence*, 1> batch{&longest};
  const std::array<std::size_t, 1> length{described.max_tokens};
  const auto shape = rectangles(length, rules_).front();
  const auto refused = [](const std::string& why) {
    return error{errc::invalid_configuration,
                 "the program does not take what model.yaml says, max_tokens tokens with "
                 "the largest id and token type: "
                     + why};
  };
  try {
    const auto given = run_rectangle(batch, shape);
    if (!given)
      return refused(given.error().message);
    CHALK_CHECK(check_shape(*given, shape));
    const bool flat = described.output == program_output::scores && given->front().shape.size() == 1;
    width_ = flat ? 1 : described.output == program_output::span_logits ? 2 : given->front().shape.back();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    return refused(e.what());
  }
  if (width_ == 0 || (!described.labels.empty() && described.labels.size() != width_))
    return {errc::invalid_configuration, "output.labels names " + std::to_string(described.labels.size())
                                             + ", and the program gives " + std::to_string(width_)};
  const std::vector<pooling_step> steps(described.normalize ? 1 : 0, pooling_step{true, {}});
  if (described.output == program_output::token_states)
    pooling_.emplace(pooling_description{{described.pooling}, steps}, width_, kernels::best());
  else if (described.output == program_output::embeddings)
    pooling_.emplace(pooling_description{{pooling_mode::first_token}, steps}, width_, kernels::best());
  return {};
}

result<std::vector<program_result>> exported_model::run_rectangle(std::span<const sequence* const> batch,
                                                                  const rectangle& shape) const {
  const auto& inputs = parts_.described.inputs;
  std::vector<std::vector<std::int64_t>> values(inputs.size());
  std::vector<program_argument> arguments;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    values[k].reserve(shape.rows * shape.tokens);
    // Rows that nobody asked for repeat the first: a row of padding alone may be what a program cannot compute.
    for (std::size_t row = 0; row < shape.rows; ++row)
      for (std::size_t t = 0; t < shape.tokens; ++t)
        values[k].push_back(value_of(inputs[k].holds, *batch[shape.members[row < shape.members.size() ? row : 0]], t,
                                     parts_.described.padding_id));
    arguments.push_back({&inputs[k], values[k]});
  }
  return parts_.compute->run(arguments, shape.rows, shape.tokens);
}

result<void> exported_model::check_shape(std::span<const program_result> given, const rectangle& shape) const {
  const auto output = parts_.described.output;
  std::vector<std::size_t> wanted{shape.rows};
  if (of_tokens(output))
    wanted.push_back(shape.tokens);
  const bool in_two = given.size() == 2;
  for (const auto& tensor : given) {
    const bool flat = in_two || (output == program_output::scores && tensor.shape.size() == 1);
    const bool leads = tensor.shape.size() == wanted.size() + (flat ? 0 : 1)
                       && std::equal(wanted.begin(), wanted.end(), tensor.shape.begin());
    const auto width = flat ? (in_two ? 2 : 1) : tensor.shape.empty() ? 0 : tensor.shape.back();
    const bool fits = width_ != 0 ? width == width_ : output != program_output::span_logits || width == 2;
    if (!leads || !fits)
      return {width_ == 0 ? errc::invalid_configuration : errc::corrupt,
              "the program gives a tensor " + to_string(tensor.shape) + " for " + std::to_string(shape.rows)
                  + " rows of " + std::to_string(shape.tokens) + " tokens, and that is not the shape of "
                  + std::string(models::to_string(output))};
  }
  return {};
}

void exported_model::take(std::span<const program_result> given, const rectangle& shape, std::size_t row,
                          std::span<float> out, std::size_t tokens) const {
  if (given.size() == 2) {
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t side = 0; side < 2; ++side)
        out[2 * t + side] = given[side].values[row * shape.tokens + t];
    return;
  }
  const bool by_token = of_tokens(parts_.described.output);
  const auto stride = width_ * (by_token ? shape.tokens : 1);
  const auto held = given.front().values.subspan(row * stride, width_ * (by_token ? tokens : 1));
  if (pooling_)
    pooling_->pool(held, out);
  else
    std::copy(held.begin(), held.end(), out.begin());
}

result<output_rows> exported_model::compute(std::span<const sequence* const> batch) const {
  output_rows rows;
  rows.width = output_width();
  std::vector<std::size_t> first(batch.size() + 1, 0); // row of each sequence
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    first[i + 1] = first[i] + rows_for(*batch[i]);
    lengths.push_back(batch[i]->ids.size());
  }
  rows.values.resize(first.back() * rows.width);
  for (const auto& shape : rectangles(lengths, rules_)) {
    CHALK_TRY(const auto given, run_rectangle(batch, shape));
    CHALK_CHECK(check_shape(given, shape));
    for (std::size_t row = 0; row < shape.members.size(); ++row) {
      const auto i = shape.members[row];
      const std::span out(rows.values.data() + first[i] * rows.width, (first[i + 1] - first[i]) * rows.width);
      take(given, shape, row, out, lengths[i]);
    }
  }
  return rows;
}

result<output_rows> exported_model::run(std::span<const sequence* const> batch, crew*) const {
  for (const auto* s : batch)
    CHALK_CHECK(limits_.check(*s));
  return computed_rows([&] { return compute(batch); });
}

} // namespace chalkstream::models
