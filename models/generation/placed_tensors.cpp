#include "models/generation/placed_tensors.hpp"

#include <ATen/ATen.h>

namespace chalkstream::models {

result<at::Tensor> placed_tensors::place(std::span<const tensor_view* const> views) {
  const auto [at, is_new] = places_.try_emplace({views.begin(), views.end()}, tensors_.size());
  if (!is_new)
    return *tensors_[at->second].value;
  layer_tensor made;
  std::vector<at::Tensor> parts;
  for (const auto* view : views) {
    CHALK_TRY(const auto values, to_finite_float(*view));
    archive_.release(*view);
    const std::vector<std::int64_t> shape(view->shape.begin(), view->shape.end());
    parts.push_back(at::tensor(values, at::kFloat).view(shape).to(where_));
    made.names.push_back(view->name);
  }
  made.value = std::make_shared<at::Tensor>(parts.size() == 1 ? parts.front() : at::cat(parts));
  bytes_ += made.value->nbytes();
  tensors_.push_back(std::move(made));
  return *tensors_.back().value;
}

at::Tensor placed_tensors::place(const std::vector<float>& values, std::initializer_list<std::int64_t> shape) {
  auto placed = at::tensor(values, at::kFloat).view(at::IntArrayRef(shape)).to(where_);
  bytes_ += placed.nbytes();
  return placed;
}

} // namespace chalkstream::models
