// What lies in the blocks that a pool numbers, on a CPU.
#pragma once

#include "models/generation/cached_line.hpp"
#include "models/packed_weights.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace chalkstream::models {

/// Memory of a block is made when it is first taken, and kept. A block is written by whoever took it: calls for
/// different blocks may run at once.
class block_storage {
public:
  block_storage(std::size_t blocks, std::size_t floats) : floats_(floats), blocks_(blocks) {}

  float* of(std::uint32_t block) noexcept { return blocks_[block].data(); }

  /// Gives the table's new blocks their memory. Throws std::bad_alloc.
  void back(const block_table& table) {
    for (const auto block : table.blocks())
      back(block);
  }

  void copy(std::uint32_t from, std::uint32_t to) {
    back(to);
    std::copy_n(of(from), floats_, of(to));
  }

private:
  void back(std::uint32_t block) {
    if (blocks_[block].size() == 0)
      blocks_[block] = float_buffer(floats_);
  }

  std::size_t floats_;
  std::vector<float_buffer> blocks_;
};

/// Puts a token's key and value, `width` floats each, where the kernels look for them in a block of one head.
inline void place_in_block(float* block, std::size_t slot, const float* key, const float* value, std::size_t width) {
  for (std::size_t c = 0; c < width; ++c)
    block[c * kernels::cache_block + slot] = key[c];
  std::copy_n(value, width, block + (kernels::cache_block + slot) * width);
}

} // namespace chalkstream::models
