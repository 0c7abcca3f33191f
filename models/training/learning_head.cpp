#include "models/training/learning_head.hpp"

#include "models/torch_activation.hpp"

#include <ATen/ATen.h>

#include <algorithm>

namespace chalkstream::models::training {

namespace {

// The first token of each sequence.
at::Tensor first_tokens(const at::Tensor& states, const packed_batch& packed) {
  std::vector<std::int64_t> rows;
  std::int64_t row = 0;
  for (const auto length : packed.lengths) {
    rows.push_back(row);
    row += length;
  }
  return states.index_select(0, at::tensor(rows, at::kLong).to(states.device()));
}

} // namespace

struct learning_head::parts {
  // Numbers of each example, in the packed order, on the device.
  template <class Number>
  static at::Tensor gather(const packed_batch& packed, std::span<const training_example> batch, at::ScalarType type,
                           const at::Device& where, Number number) {
    std::vector<decltype(number(target{}))> all;
    for (const auto place : packed.order)
      all.push_back(number(*batch[place].goal));
    return at::tensor(all, type).to(where);
  }

  at::Tensor loss(const at::Tensor& raw, const packed_batch& packed, std::span<const training_example> batch,
                  std::span<const score_scale> scales) const {
    switch (learns) {
    case objective::labels: {
      const auto labels = gather(packed, batch, at::kLong, raw.device(),
                                 [](const target& t) { return static_cast<std::int64_t>(t.label); });
      return at::nll_loss(at::log_softmax(raw, -1), labels, weights, at::Reduction::Sum);
    }
    case objective::scores:
      return score_loss(raw, packed, batch, scales);
    case objective::answers:
      break;
    }
    return answer_loss(raw, packed, batch);
  }

  at::Tensor score_loss(const at::Tensor& raw, const packed_batch& packed, std::span<const training_example> batch,
                        std::span<const score_scale> scales) const {
    std::vector<float> wanted;
    for (const auto place : packed.order)
      for (std::size_t i = 0; i < batch[place].goal->scores.size(); ++i) {
        const auto scale = scales.empty() ? score_scale{} : scales[i];
        wanted.push_back(static_cast<float>((batch[place].goal->scores[i] - scale.mean) / scale.deviation));
      }
    const auto goal = at::tensor(wanted, at::kFloat).view(raw.sizes()).to(raw.device());
    return at::mse_loss(raw, goal, at::Reduction::Sum) / raw.size(1);
  }

  at::Tensor answer_loss(const at::Tensor& raw, const packed_batch& packed,
                         std::span<const training_example> batch) const {
    const auto first = gather(packed, batch, at::kLong, raw.device(),
                              [](const target& t) { return static_cast<std::int64_t>(t.answer.first); });
    const auto last = gather(packed, batch, at::kLong, raw.device(),
                             [](const target& t) { return static_cast<std::int64_t>(t.answer.second); });
    const auto sequences = raw.split_with_sizes(packed.lengths);
    auto sum = at::zeros({}, raw.options());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const auto tokens = at::log_softmax(sequences[i], 0);
      const auto place = static_cast<std::int64_t>(i);
      sum = sum
            - (tokens.select(1, 0).index_select(0, first.narrow(0, place, 1))
               + tokens.select(1, 1).index_select(0, last.narrow(0, place, 1)))
                      .sum()
                  / 2;
    }
    return sum;
  }

  head_kind kind;
  objective learns;
  kernels::activation activation;
  std::vector<layer_tensor> tensors; // of the pooler, if there is one, then of the classifier
  bool pooled = false;
  std::optional<at::Tensor> weights;

  const at::Tensor& tensor(std::size_t from_the_end) const { return *tensors[tensors.size() - from_the_end].value; }
};

learning_head::learning_head(const head_description& description, const tensor_archive& archive, const device& where,
                             objective learns, std::span<const double> label_weights)
    : parts_(std::make_unique<parts>()) {
  parts_->kind = description.kind;
  parts_->learns = learns;
  parts_->activation = description.pooler_activation;
  parts_->pooled = description.pooler.has_value();
  const auto add = [&](const linear_tensors& linear) {
    for (const auto* view : {linear.weight, linear.bias})
      parts_->tensors.push_back(placed({&view, 1}, archive, where));
  };
  if (description.pooler)
    add(*description.pooler);
  add(description.classifier);
  if (!label_weights.empty())
    parts_->weights = at::tensor(std::vector<float>(label_weights.begin(), label_weights.end()), at::kFloat)
                          .to(parts_->tensor(1).device());
}

learning_head::~learning_head() = default;

const std::vector<layer_tensor>& learning_head::tensors() const noexcept {
  return parts_->tensors;
}

std::pair<at::Tensor, at::Tensor> learning_head::apply(const at::Tensor& states, const packed_batch& packed,
                                                       std::span<const training_example> batch,
                                                       std::span<const score_scale> scales, double dropout) const {
  const auto& p = *parts_;
  auto x = p.kind == head_kind::text ? first_tokens(states, packed) : states;
  if (p.pooled)
    x = activate(at::linear(x, p.tensor(4), p.tensor(3)), p.activation);
  if (dropout > 0 && p.kind == head_kind::text)
    x = at::dropout(x, dropout, true);
  const auto raw = at::linear(x, p.tensor(2), p.tensor(1)).to(at::kFloat);
  auto loss = p.loss(raw, packed, batch, scales);
  if (scales.empty())
    return {raw, loss};
  std::vector<float> factors, means;
  for (const auto& scale : scales) {
    factors.push_back(static_cast<float>(scale.deviation));
    means.push_back(static_cast<float>(scale.mean));
  }
  return {raw * at::tensor(factors).to(raw.device()) + at::tensor(means).to(raw.device()), loss};
}

at::Tensor learning_head::for_outputs(const layer_tensor& tensor, std::span<const score_scale> scales) const {
  const auto& values = parts_->tensors;
  const bool weight = tensor.value == values[values.size() - 2].value;
  const bool bias = tensor.value == values.back().value;
  if (scales.empty() || (!weight && !bias))
    return tensor.value->detach();
  auto value = tensor.value->detach().to(at::kCPU, at::kDouble);
  for (std::size_t i = 0; i < scales.size(); ++i) {
    auto row = value.select(0, static_cast<std::int64_t>(i));
    row.mul_(scales[i].deviation);
    if (bias)
      row.add_(scales[i].mean);
  }
  return value.to(at::kFloat);
}

} // namespace chalkstream::models::training
