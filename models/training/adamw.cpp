#include "models/training/adamw.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <array>
#include <cmath>

namespace chalkstream::models::training {

namespace {

// The lists of one call of LibTorch's fused kernel.
struct value_group {
  std::vector<at::Tensor> values, gradients, first, second, steps;
};

} // namespace

struct adamw::parts {
  std::vector<at::Tensor> values, first, second, steps;
  adamw_settings settings;
};

adamw::adamw(std::vector<at::Tensor> values, const adamw_settings& settings) : parts_(std::make_unique<parts>()) {
  parts_->settings = settings;
  for (auto& value : values) {
    const c10::NoGradGuard no_gradients;
    parts_->first.push_back(at::zeros_like(value));
    parts_->second.push_back(at::zeros_like(value));
    parts_->steps.push_back(at::zeros({}, value.options().dtype(at::kFloat).requires_grad(false)));
    parts_->values.push_back(std::move(value));
  }
}

adamw::~adamw() = default;

double adamw::step(double rate) {
  const c10::NoGradGuard no_gradients;
  auto& p = *parts_;
  value_group decayed, spared;
  std::vector<at::Tensor> norms;
  for (std::size_t i = 0; i < p.values.size(); ++i) {
    const auto& gradient = p.values[i].grad();
    if (!gradient.defined())
      continue;
    norms.push_back(at::linalg_vector_norm(gradient));
    auto& group = p.values[i].dim() > 1 ? decayed : spared;
    group.values.push_back(p.values[i]);
    group.gradients.push_back(gradient);
    group.first.push_back(p.first[i]);
    group.second.push_back(p.second[i]);
    group.steps.push_back(p.steps[i]);
  }
  const double norm = norms.empty() ? 0 : at::linalg_vector_norm(at::stack(norms)).item<double>();
  if (std::isfinite(norm)) {
    // The kernel divides gradients by this as it reads them.
    const bool clips = p.settings.clip > 0 && norm > p.settings.clip;
    std::optional<at::Tensor> divisor;
    if (clips)
      divisor = at::scalar_tensor((norm + 1e-6) / p.settings.clip, norms.front().options());
    for (const auto& [group, decay] : {std::pair{&decayed, p.settings.weight_decay}, std::pair{&spared, 0.0}}) {
      if (group->values.empty())
        continue;
      at::_foreach_add_(group->steps, 1);
      at::_fused_adamw_(group->values, group->gradients, group->first, group->second, {}, group->steps, rate,
                        p.settings.beta1, p.settings.beta2, decay, p.settings.epsilon, false, false, divisor);
    }
  }
  for (auto& value : p.values)
    value.mutable_grad() = at::Tensor();
  return norm;
}

std::span<const std::string_view> adamw::memory_names() const {
  static constexpr std::array<std::string_view, 3> names{"first", "second", "steps"};
  return names;
}

std::vector<at::Tensor> adamw::memory() const {
  std::vector<at::Tensor> all;
  for (std::size_t i = 0; i < parts_->values.size(); ++i) {
    all.push_back(parts_->first[i]);
    all.push_back(parts_->second[i]);
    all.push_back(parts_->steps[i]);
  }
  return all;
}

} // namespace chalkstream::models::training
