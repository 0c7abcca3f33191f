#include "pipelines/instance_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace chalkstream::pipelines {

namespace {

constexpr std::size_t most_instances = 1024;

} // namespace

result<instance_lock> instance_lock::claim(const std::filesystem::path& state_dir) {
  std::error_code failed;
  std::filesystem::create_directories(state_dir, failed);
  if (failed)
    return {errc::io, "state_dir " + state_dir.string() + " cannot be made: " + failed.message()};
  for (std::size_t n = 0; n < most_instances; ++n) {
    const auto path = state_dir / ("instance-" + std::to_string(n) + ".lock");
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
      return {errc::io, path.string() + " cannot be opened: " + std::strerror(errno)};
    if (::flock(file, LOCK_EX | LOCK_NB) == 0)
      return instance_lock{file, n};
    ::close(file);
  }
  return {errc::unavailable, "all instance numbers under " + state_dir.string() + " are taken"};
}

instance_lock::instance_lock(instance_lock&& other) noexcept
    : file_(std::exchange(other.file_, -1)), number_(other.number_) {}

instance_lock& instance_lock::operator=(instance_lock&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(number_, other.number_);
  return *this;
}

instance_lock::~instance_lock() {
  if (file_ >= 0)
    ::close(file_);
}

} // namespace chalkstream::pipelines
