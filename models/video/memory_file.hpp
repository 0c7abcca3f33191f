// A file in memory as FFmpeg reads files; the only way for anything to be read.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>

struct AVIOContext;

namespace chalkstream::video {

class memory_file {
public:
  /// `file` outlives this; after `deadline` every read fails.
  memory_file(std::span<const std::byte> file, std::chrono::steady_clock::time_point deadline);
  ~memory_file();
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  /// Null if there is no memory for its buffer.
  AVIOContext* context() const { return context_; }
  bool late() const { return std::chrono::steady_clock::now() >= deadline_; }

private:
  static int read(void* self, std::uint8_t* to, int size);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  std::span<const std::byte> file_;
  std::size_t at_ = 0;
  std::chrono::steady_clock::time_point deadline_;
  AVIOContext* context_ = nullptr;
};

} // namespace chalkstream::video
