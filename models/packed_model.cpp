#include "models/packed_model.hpp"

#include "models/computed_rows.hpp"

#include <algorithm>

namespace chalkstream::models {
namespace {

result<packed_weights> pack(const linear_tensors& tensors, const kernels::kernel_table& table) {
  CHALK_TRY(const auto weight, to_float(*tensors.weight));
  CHALK_TRY(const auto bias, to_float(*tensors.bias));
  packed_weights packed(table, tensors.in(), tensors.out());
  packed.fill(table, 0, weight, bias);
  return packed;
}

} // namespace

result<classifier> classifier::make(const head_description& description, const kernels::kernel_table& table) {
  classifier made;
  made.table_ = &table;
  made.kind_ = description.kind;
  made.pooler_activation_ = description.pooler_activation;
  if (description.pooler) {
    CHALK_TRY(made.pooler_, pack(*description.pooler, table));
  }
  CHALK_TRY(made.output_, pack(description.classifier, table));
  return made;
}

void classifier::classify(std::span<const float> states, std::span<float> logits) const {
  const auto rows = logits.size() / output_.out();
  std::vector<float> pooled;
  const float* from = states.data();
  if (pooler_) {
    pooled.resize(rows * pooler_->out());
    table_->linear(from, pooler_->in(), rows, pooler_->view(), pooler_activation_, nullptr, 0, pooled.data(),
                   pooler_->out());
    from = pooled.data();
  }
  table_->linear(from, output_.in(), rows, output_.view(), kernels::activation::identity, nullptr, 0, logits.data(),
                 output_.out());
}

result<output_rows> packed_model::compute(std::span<const sequence* const> batch, crew* helpers) const {
  output_rows rows;
  rows.width = output_width();
  std::vector<std::size_t> first(batch.size() + 1, 0); // row of each sequence
  for (std::size_t i = 0; i < batch.size(); ++i)
    first[i + 1] = first[i] + rows_for(*batch[i]);
  rows.values.resize(first.back() * rows.width);
  // A head over texts reads all first tokens at once: its weights are then read once a batch.
  const bool text_head = parts_.head && parts_.head->kind() == head_kind::text;
  std::vector<float> first_tokens(text_head ? batch.size() * parts_.width : 0);
  parts_.compute->encode(batch, helpers, [&](std::size_t i, std::span<const float> states) {
    const std::span out(rows.values.data() + first[i] * rows.width, (first[i + 1] - first[i]) * rows.width);
    if (text_head)
      std::copy_n(states.begin(), parts_.width, first_tokens.begin() + static_cast<std::ptrdiff_t>(i * parts_.width));
    else if (parts_.head)
      parts_.head->classify(states, out);
    else
      parts_.pooling->pool(states, out);
  });
  if (text_head)
    parts_.head->classify(first_tokens, rows.values);
  return rows;
}

result<output_rows> packed_model::run(std::span<const sequence* const> batch, crew* helpers) const {
  for (const auto* s : batch)
    CHALK_CHECK(parts_.limits.check(*s));
  return computed_rows([&] { return compute(batch, helpers); });
}

} // namespace chalkstream::models
