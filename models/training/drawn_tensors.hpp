// New tensors for what begins to learn, drawn from a seed in the order in which they are asked for.
#pragma once

#include "core/error.hpp"
#include "models/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace chalkstream::models::training {

class drawn_tensors {
public:
  explicit drawn_tensors(std::uint64_t seed) : random_(seed) {}

  /// float32, of mean 0 and this deviation, or all the same.
  void draw_normal(std::string name, std::vector<std::size_t> shape, double deviation);
  void fill(std::string name, std::vector<std::size_t> shape, float value);
  /// Elements [first, last) are `value`, the others 0.
  void fill_range(std::string name, std::vector<std::size_t> shape, std::size_t first, std::size_t last, float value);

  /// A tensor that lies elsewhere; what it lies in is `owner` of archive().
  void keep(tensor_view tensor, std::string name);

  /// All of them. `corrupt` if a name comes twice.
  result<std::shared_ptr<const tensor_archive>> archive(std::shared_ptr<const void> owner = nullptr) &&;

private:
  std::vector<float>& add(std::string name, std::vector<std::size_t> shape);

  std::mt19937_64 random_;
  std::deque<std::vector<float>> values_;
  std::vector<tensor_view> tensors_;
};

} // namespace chalkstream::models::training
