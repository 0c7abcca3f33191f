#include "models/training/drawn_tensors.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

namespace chalkstream::models::training {

void drawn_tensors::draw_normal(std::string name, std::vector<std::size_t> shape, double deviation) {
  std::normal_distribution<double> normal(0, deviation);
  for (auto& value : add(std::move(name), std::move(shape)))
    value = static_cast<float>(normal(random_));
}

void drawn_tensors::fill(std::string name, std::vector<std::size_t> shape, float value) {
  for (auto& each : add(std::move(name), std::move(shape)))
    each = value;
}

void drawn_tensors::fill_range(std::string name, std::vector<std::size_t> shape, std::size_t first, std::size_t last,
                               float value) {
  auto& values = add(std::move(name), std::move(shape));
  std::fill(values.begin() + static_cast<std::ptrdiff_t>(first), values.begin() + static_cast<std::ptrdiff_t>(last),
            value);
}

void drawn_tensors::keep(tensor_view tensor, std::string name) {
  tensor.name = std::move(name);
  tensors_.push_back(std::move(tensor));
}

result<std::shared_ptr<const tensor_archive>> drawn_tensors::archive(std::shared_ptr<const void> owner) && {
  auto kept = std::make_shared<std::pair<std::deque<std::vector<float>>, std::shared_ptr<const void>>>(
      std::move(values_), std::move(owner));
  CHALK_TRY(auto made, tensor_archive::of(std::move(tensors_), std::move(kept)));
  return std::make_shared<const tensor_archive>(std::move(made));
}

std::vector<float>& drawn_tensors::add(std::string name, std::vector<std::size_t> shape) {
  const auto elements = std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
  auto& values = values_.emplace_back(elements);
  tensors_.push_back({std::move(name), element_type::f32, std::move(shape), std::as_bytes(std::span(values))});
  return values;
}

} // namespace chalkstream::models::training
