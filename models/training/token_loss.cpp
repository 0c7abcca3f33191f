#include "models/training/token_loss.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace chalkstream::models::training {

namespace {

constexpr std::int64_t logits_at_once = std::int64_t{1} << 22;

/// The cross-entropy of logits [rows, vocabulary] to their goals, a share of which goes to all words alike, summed;
/// and its gradient, which takes two passes over the numbers where LibTorch's own takes six.
std::pair<double, at::Tensor> smoothed_loss(const at::Tensor& logits, const at::Tensor& goals, double smoothing) {
  const c10::NoGradGuard no_gradients;
  auto values = at::log_softmax(logits, -1);
  const auto column = goals.unsqueeze(1);
  double loss = -(1 - smoothing) * values.gather(1, column).sum().item<double>();
  if (smoothing > 0)
    loss -= smoothing * values.mean(-1).sum().item<double>();
  values.exp_();
  if (smoothing > 0)
    values.sub_(smoothing / static_cast<double>(values.size(1)));
  values.scatter_add_(1, column, at::full_like(column, smoothing - 1, values.options()));
  return {loss, values};
}

template <class Use>
void by_piece(const at::Tensor& states, const at::Tensor& goals, std::size_t vocabulary, Use use) {
  const auto rows = std::max<std::int64_t>(logits_at_once / static_cast<std::int64_t>(vocabulary), 1);
  for (std::int64_t row = 0; row < states.size(0); row += rows) {
    const auto count = std::min(rows, states.size(0) - row);
    use(states.narrow(0, row, count).detach(), goals.narrow(0, row, count));
  }
}

} // namespace

double learn_tokens(const at::Tensor& states, const at::Tensor& goals, std::size_t vocabulary, double smoothing,
                    double divisor, const output_map& output) {
  // Gradients go as far as the states first, and from there together.
  double loss = 0;
  std::vector<at::Tensor> gradients;
  by_piece(states.detach(), goals, vocabulary, [&](const at::Tensor& piece, const at::Tensor& said) {
    piece.requires_grad_(true);
    const auto logits = output(piece);
    auto [share, gradient] = smoothed_loss(logits.detach(), said, smoothing);
    logits.backward(gradient.div_(divisor));
    loss += share / divisor;
    gradients.push_back(piece.grad());
  });
  states.backward(gradients.size() == 1 ? gradients.front() : at::cat(gradients));
  return loss;
}

double judge_tokens(const at::Tensor& states, const at::Tensor& goals, std::size_t vocabulary,
                    const output_map& output) {
  double loss = 0;
  by_piece(states, goals, vocabulary, [&](const at::Tensor& piece, const at::Tensor& said) {
    loss -= at::log_softmax(output(piece), -1).gather(1, said.unsqueeze(1)).sum().item<double>();
  });
  return loss;
}

} // namespace chalkstream::models::training
