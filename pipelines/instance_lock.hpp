// Each process of one configuration claims a number under state_dir, so that two may start from the same file: its
// transactional.id and group.instance.id are made of group, host and that number.
#pragma once

#include "core/error.hpp"

#include <filesystem>
#include <string>

namespace chalkstream::pipelines {

/// Holds an exclusive lock on `<state_dir>/instance-<number>.lock` until it is destroyed or the process ends, however
/// it ends.
class instance_lock {
public:
  /// The lowest number nobody holds. Makes the folder if it is missing. Does not block.
  static result<instance_lock> claim(const std::filesystem::path& state_dir);

  instance_lock(instance_lock&& other) noexcept;
  instance_lock& operator=(instance_lock&& other) noexcept;
  ~instance_lock();

  std::size_t number() const noexcept { return number_; }

private:
  instance_lock(int file, std::size_t number) noexcept : file_(file), number_(number) {}

  int file_ = -1;
  std::size_t number_ = 0;
};

} // namespace chalkstream::pipelines
