#include "models/generation/block_pool.hpp"

#include <new>

namespace chalkstream::models {

bool block_pool::reserve(std::size_t blocks) {
  const std::lock_guard lock(guard_);
  if (blocks > blocks_ - reserved_)
    return false;
  reserved_ += blocks;
  return true;
}

void block_pool::release(std::size_t blocks) noexcept {
  const std::lock_guard lock(guard_);
  reserved_ -= blocks < reserved_ ? blocks : reserved_;
}

std::size_t block_pool::reserved() const noexcept {
  const std::lock_guard lock(guard_);
  return reserved_;
}

std::uint32_t block_pool::take() {
  const std::lock_guard lock(guard_);
  if (!free_.empty()) {
    const auto block = free_.back();
    free_.pop_back();
    owners_[block] = 1;
    return block;
  }
  if (owners_.size() == blocks_)
    throw std::bad_alloc();
  owners_.push_back(0);
  // So that giving back never allocates.
  free_.reserve(owners_.capacity());
  owners_.back() = 1;
  return static_cast<std::uint32_t>(owners_.size() - 1);
}

void block_pool::share(std::uint32_t block) {
  const std::lock_guard lock(guard_);
  ++owners_[block];
}

void block_pool::give_back(std::uint32_t block) noexcept {
  const std::lock_guard lock(guard_);
  if (--owners_[block] == 0)
    free_.push_back(block);
}

bool block_pool::exclusive(std::uint32_t block) const noexcept {
  const std::lock_guard lock(guard_);
  return owners_[block] == 1;
}

std::size_t block_pool::taken() const noexcept {
  const std::lock_guard lock(guard_);
  return owners_.size() - free_.size();
}

} // namespace chalkstream::models
