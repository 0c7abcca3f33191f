// Owned weights of linear layers in the order the kernels read them.
#pragma once

#include "models/kernels/kernels.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace chalkstream::models {

/// Floats on a 64-byte boundary, zeroed. Throws std::bad_alloc.
class float_buffer {
public:
  float_buffer() = default;
  explicit float_buffer(std::size_t floats);

  float* data() noexcept { return floats_.get(); }
  const float* data() const noexcept { return floats_.get(); }
  std::size_t size() const noexcept { return size_; }

  /// Nothing if it is as large already; else what it held is lost.
  void grow_to(std::size_t floats);

private:
  struct release {
    void operator()(float* p) const noexcept;
  };
  std::unique_ptr<float[], release> floats_;
  std::size_t size_ = 0;
};

/// One linear layer, possibly stacked from several of the same input (query, key and value).
class packed_weights {
public:
  packed_weights() = default;
  packed_weights(const kernels::kernel_table& table, std::size_t in, std::size_t out);

  /// Takes `weight` ([rows, in], row by row) and `bias` as outputs first, first + 1, …
  void fill(const kernels::kernel_table& table, std::size_t first, std::span<const float> weight,
            std::span<const float> bias);

  kernels::packed_linear view() const noexcept { return {in_, out_, panels_.data(), bias_.data()}; }
  std::size_t in() const noexcept { return in_; }
  std::size_t out() const noexcept { return out_; }
  std::size_t bytes() const noexcept { return (panels_.size() + bias_.size()) * sizeof(float); }

private:
  std::size_t in_ = 0;
  std::size_t out_ = 0;
  float_buffer panels_;
  float_buffer bias_;
};

} // namespace chalkstream::models
