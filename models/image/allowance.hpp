// What decoding one file may still cost, counted before it is spent.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/image/decode.hpp"

#include <chrono>
#include <cstddef>

namespace chalkstream::image {

class allowance {
public:
  explicit allowance(const decode_limits& limits)
      : limits_(limits), left_(limits.max_memory), end_(std::chrono::steady_clock::now() + limits.max_time) {}

  /// out_of_memory with the limit's name. What was taken is given back or stays with the result.
  result<void> take(std::size_t bytes);
  void give_back(std::size_t bytes) { left_ += bytes; }
  std::size_t left() const { return left_; }

  /// Whether an image of that size may be made at all. invalid_argument if it is empty.
  result<void> fits(std::size_t width, std::size_t height) const;
  /// A black picture of 3 channels: fits(), and its bytes are taken.
  result<picture> blank(std::size_t width, std::size_t height);

  /// To ask between rows; cheap enough for that.
  bool over_time() const { return std::chrono::steady_clock::now() >= end_; }
  result<void> in_time() const;
  /// At least a millisecond.
  std::chrono::milliseconds time_left() const;

  const decode_limits& limits() const { return limits_; }

private:
  decode_limits limits_;
  std::size_t left_;
  std::chrono::steady_clock::time_point end_;
};

/// Bytes taken until the end of a scope.
class taken_bytes {
public:
  static result<taken_bytes> from(allowance& costs, std::size_t bytes) {
    CHALK_CHECK(costs.take(bytes));
    return taken_bytes(costs, bytes);
  }
  taken_bytes(taken_bytes&& other) noexcept : costs_(std::exchange(other.costs_, nullptr)), bytes_(other.bytes_) {}
  taken_bytes& operator=(taken_bytes&&) = delete;
  ~taken_bytes() {
    if (costs_ != nullptr)
      costs_->give_back(bytes_);
  }

private:
  taken_bytes(allowance& costs, std::size_t bytes) : costs_(&costs), bytes_(bytes) {}
  allowance* costs_;
  std::size_t bytes_;
};

} // namespace chalkstream::image
