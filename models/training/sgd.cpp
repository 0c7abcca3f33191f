#include "models/training/sgd.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <array>
#include <cmath>

namespace chalkstream::models::training {

struct sgd::parts {
  std::vector<at::Tensor> values, velocities;
  sgd_settings settings;
};

sgd::sgd(std::vector<at::Tensor> values, const sgd_settings& settings) : parts_(std::make_unique<parts>()) {
  const c10::NoGradGuard no_gradients;
  parts_->settings = settings;
  for (auto& value : values) {
    parts_->velocities.push_back(at::zeros_like(value));
    parts_->values.push_back(std::move(value));
  }
}

sgd::~sgd() = default;

double sgd::step(double rate) {
  const c10::NoGradGuard no_gradients;
  auto& p = *parts_;
  std::vector<at::Tensor> norms;
  for (const auto& value : p.values)
    if (value.grad().defined())
      norms.push_back(at::linalg_vector_norm(value.grad()));
  const double norm = norms.empty() ? 0 : at::linalg_vector_norm(at::stack(norms)).item<double>();
  const bool clips = p.settings.clip > 0 && norm > p.settings.clip;
  for (std::size_t i = 0; i < p.values.size(); ++i) {
    auto& value = p.values[i];
    auto gradient = value.grad();
    if (std::isfinite(norm) && gradient.defined()) {
      if (clips)
        gradient = gradient * (p.settings.clip / (norm + 1e-6));
      if (p.settings.weight_decay > 0 && value.dim() > 1)
        gradient = gradient.add(value, p.settings.weight_decay);
      p.velocities[i].mul_(p.settings.momentum).add_(gradient);
      value.sub_(p.velocities[i], rate);
    }
    value.mutable_grad() = at::Tensor();
  }
  return norm;
}

std::span<const std::string_view> sgd::memory_names() const {
  static constexpr std::array<std::string_view, 1> names{"velocity"};
  return names;
}

std::vector<at::Tensor> sgd::memory() const {
  return parts_->velocities;
}

} // namespace chalkstream::models::training
