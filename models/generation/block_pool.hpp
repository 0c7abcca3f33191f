// Which blocks of a decoder's cache are free, who shares the others, and how many are promised. It knows numbers
// alone: what a block holds, and where, is the decoder's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace chalkstream::models {

/// Thread-safe.
class block_pool {
public:
  explicit block_pool(std::size_t blocks) : blocks_(blocks) {}

  std::size_t size() const noexcept { return blocks_; }

  /// Promises blocks until release(): false if fewer than that are not yet promised. Who takes no more than it was
  /// promised never fails in take().
  bool reserve(std::size_t blocks);
  void release(std::size_t blocks) noexcept;
  std::size_t reserved() const noexcept;

  /// A block nobody else has; blocks used before come first. Throws std::bad_alloc if there is none.
  std::uint32_t take();
  /// One more owner; the block stays taken until each has given it back.
  void share(std::uint32_t block);
  void give_back(std::uint32_t block) noexcept;

  /// Whether its only owner may write to it: nobody else can get hold of it meanwhile.
  bool exclusive(std::uint32_t block) const noexcept;

  /// Blocks that have an owner.
  std::size_t taken() const noexcept;

private:
  const std::size_t blocks_;
  mutable std::mutex guard_;
  std::size_t reserved_ = 0;
  std::vector<std::uint32_t> owners_; // of each block ever taken
  std::vector<std::uint32_t> free_;   // taken before; as capacious as owners_
};

} // namespace chalkstream::models
