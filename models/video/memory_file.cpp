#include "models/video/memory_file.hpp"

extern "C" {
#include <libavformat/avio.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
}

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace chalkstream::video {
namespace {

constexpr int buffer_bytes = 1 << 15;

} // namespace

memory_file::memory_file(std::span<const std::byte> file, std::chrono::steady_clock::time_point deadline)
    : file_(file), deadline_(deadline) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_bytes));
  if (buffer == nullptr)
    return;
  context_ = avio_alloc_context(buffer, buffer_bytes, 0, this, &memory_file::read, nullptr, &memory_file::seek);
  if (context_ == nullptr)
    av_free(buffer);
}

memory_file::~memory_file() {
  if (context_ != nullptr)
    av_freep(&context_->buffer); // it may be another than was given
  avio_context_free(&context_);
}

int memory_file::read(void* self, std::uint8_t* to, int size) {
  auto& file = *static_cast<memory_file*>(self);
  if (file.late())
    return AVERROR_EXIT;
  if (file.at_ >= file.file_.size())
    return AVERROR_EOF;
  const auto count = std::min(file.file_.size() - file.at_, static_cast<std::size_t>(std::max(size, 0)));
  std::memcpy(to, file.file_.data() + file.at_, count);
  file.at_ += count;
  return static_cast<int>(count);
}

std::int64_t memory_file::seek(void* self, std::int64_t offset, int whence) {
  auto& file = *static_cast<memory_file*>(self);
  const auto size = static_cast<std::int64_t>(file.file_.size());
  whence &= ~AVSEEK_FORCE;
  if (whence == AVSEEK_SIZE)
    return size;
  if (file.late())
    return AVERROR_EXIT;
  std::int64_t from = 0;
  if (whence == SEEK_CUR)
    from = static_cast<std::int64_t>(file.at_);
  else if (whence == SEEK_END)
    from = size;
  if (offset < -from || offset > size - from) // nothing lies behind the end
    return AVERROR(EINVAL);
  file.at_ = static_cast<std::size_t>(from + offset);
  return from + offset;
}

} // namespace chalkstream::video
