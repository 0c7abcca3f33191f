#include "pipelines/tools/training/images/inflate.hpp"

#include <algorithm>
#include <limits>
#include <zlib.h>

namespace chalkstream::pipelines::tools {

namespace {

constexpr int window_bits = 15;
constexpr std::size_t best_ratio = 1032;           // of deflate
constexpr std::size_t step = std::size_t{1} << 30; // zlib counts in 32 bits

class inflation {
public:
  inflation(std::string_view packed, wrapping wrapped) : left_(packed) {
    ready_ = inflateInit2(&stream_, wrapped == wrapping::gzip ? 16 + window_bits : -window_bits) == Z_OK;
  }
  ~inflation() { inflateEnd(&stream_); }
  inflation(const inflation&) = delete;
  inflation& operator=(const inflation&) = delete;

  /// Fills `into` as far as there is something to fill it with; returns how far.
  result<std::size_t> fill(std::span<char> into) {
    if (!ready_)
      return error{errc::out_of_memory, "there is no memory to inflate it"};
    std::size_t filled = 0;
    while (filled < into.size() && !ended_) {
      if (stream_.avail_in == 0) {
        if (left_.empty())
          return error{errc::corrupt, "is truncated"};
        const auto more = std::min(left_.size(), step);
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(left_.data()));
        stream_.avail_in = static_cast<uInt>(more);
        left_.remove_prefix(more);
      }
      const auto room = std::min(into.size() - filled, step);
      stream_.next_out = reinterpret_cast<Bytef*>(into.data() + filled);
      stream_.avail_out = static_cast<uInt>(room);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      filled += room - stream_.avail_out;
      ended_ = status == Z_STREAM_END;
      if (status != Z_OK && !ended_ && !(status == Z_BUF_ERROR && stream_.avail_in == 0))
        return error{errc::corrupt, "is damaged"};
    }
    return filled;
  }

  bool ended() const noexcept { return ended_; }

private:
  z_stream stream_{};
  std::string_view left_;
  bool ready_ = false;
  bool ended_ = false;
};

} // namespace

result<std::string> inflate_exactly(std::string_view packed, wrapping wrapped, std::size_t size) {
  if (size / best_ratio > packed.size())
    return error{errc::corrupt, "cannot have the " + std::to_string(size)
                                    + " bytes it is said to have: it is packed in " + std::to_string(packed.size())};
  inflation stream(packed, wrapped);
  std::string made(size, '\0');
  CHALK_TRY(const auto filled, stream.fill(made));
  char beyond = 0;
  if (filled == size && !stream.ended()) {
    CHALK_TRY(const auto more, stream.fill({&beyond, 1}));
    if (more > 0)
      return error{errc::corrupt, "is longer than the " + std::to_string(size) + " bytes it is said to have"};
  }
  if (filled < size)
    return error{errc::corrupt,
                 "has " + std::to_string(filled) + " of the " + std::to_string(size) + " bytes it is said to have"};
  return made;
}

result<std::string> inflate_start(std::string_view packed, wrapping wrapped, std::size_t most) {
  inflation stream(packed, wrapped);
  std::string made(most, '\0');
  CHALK_TRY(const auto filled, stream.fill(made));
  made.resize(filled);
  return made;
}

} // namespace chalkstream::pipelines::tools
