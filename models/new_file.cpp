#include "models/new_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace chalkstream::models {

namespace {

// What one call may be asked to write.
constexpr std::size_t most_at_once = std::size_t{1} << 30;

std::filesystem::path beside(const std::filesystem::path& place) {
  return std::filesystem::path(place) += ".new";
}

} // namespace

new_file::new_file(std::filesystem::path place, int descriptor)
    : place_(std::move(place)), written_(beside(place_)), descriptor_(descriptor) {}

new_file::new_file(new_file&& other) noexcept
    : place_(std::move(other.place_)), written_(std::move(other.written_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

new_file::~new_file() {
  if (descriptor_ < 0)
    return;
  ::close(descriptor_);
  ::unlink(written_.c_str());
}

error new_file::failed(std::string_view doing) const {
  return {errc::io, place_.string() + ": cannot be " + std::string(doing) + ": " + std::strerror(errno)};
}

result<new_file> new_file::create(const std::filesystem::path& place) {
  new_file made(place, ::open(beside(place).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (made.descriptor_ < 0)
    return made.failed("created");
  return made;
}

result<void> new_file::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(descriptor_, bytes.data(), std::min(bytes.size(), most_at_once));
    if (n < 0 && errno != EINTR)
      return failed("written");
    bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  }
  return {};
}

result<void> new_file::commit() {
  if (::fsync(descriptor_) != 0)
    return failed("written");
  if (::close(std::exchange(descriptor_, -1)) != 0 || ::rename(written_.c_str(), place_.c_str()) != 0) {
    const auto why = failed("written");
    ::unlink(written_.c_str());
    return why;
  }
  const auto folder = place_.has_parent_path() ? place_.parent_path() : std::filesystem::path(".");
  if (const int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); at >= 0) {
    ::fsync(at); // the rename itself; file systems that cannot are no reason to fail
    ::close(at);
  }
  return {};
}

result<void> write_file(const std::filesystem::path& place, std::string_view text) {
  CHALK_TRY(auto file, new_file::create(place));
  CHALK_CHECK(file.write(text));
  return file.commit();
}

} // namespace chalkstream::models
