// Which kinds of clips are read: a container by its first bytes, and a codec that the container names.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

struct AVCodec;
struct AVInputFormat;

namespace chalkstream::video {

struct container {
  /// "video/mp4"
  std::string_view media_type;
  /// FFmpeg's name of the demuxer that alone is used.
  std::string_view demuxer;
};

/// By the bytes themselves; none: not one that is read.
std::optional<container> container_of(std::span<const std::byte> file);

/// Null if this build of FFmpeg lacks it.
const AVInputFormat* demuxer_of(const container& kind);

/// The decoder for a codec by FFmpeg's AVCodecID; null if it is not one that is read. FFmpeg has hundreds, and every
/// one of them is code that strangers' bytes could reach.
const AVCodec* decoder_of(int codec);

inline constexpr std::string_view codecs_read = "H.264, HEVC, VP8, VP9, AV1, MPEG-4 and Motion JPEG";

} // namespace chalkstream::video
