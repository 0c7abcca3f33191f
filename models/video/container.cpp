#include "models/video/container.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <array>
#include <cstring>
#include <string>

namespace chalkstream::video {
namespace {

struct codec {
  AVCodecID id;
  const char* decoder;
};
constexpr std::array codecs{codec{AV_CODEC_ID_H264, "h264"},    codec{AV_CODEC_ID_HEVC, "hevc"},
                            codec{AV_CODEC_ID_VP8, "vp8"},      codec{AV_CODEC_ID_VP9, "vp9"},
                            codec{AV_CODEC_ID_AV1, "libdav1d"}, codec{AV_CODEC_ID_MPEG4, "mpeg4"},
                            codec{AV_CODEC_ID_MJPEG, "mjpeg"}};

bool has(std::span<const std::byte> file, std::size_t at, std::string_view text) {
  return file.size() >= at + text.size() && std::memcmp(file.data() + at, text.data(), text.size()) == 0;
}

} // namespace

std::optional<container> container_of(std::span<const std::byte> file) {
  for (const auto* box : {"ftyp", "moov", "mdat", "wide", "free", "skip"}) // QuickTime of old begins with any of them
    if (has(file, 4, box))
      return container{has(file, 4, "ftypqt") ? "video/quicktime" : "video/mp4", "mov"};
  if (has(file, 0, "\x1a\x45\xdf\xa3"))
    return container{"video/webm", "matroska"};
  if (has(file, 0, "RIFF") && has(file, 8, "AVI "))
    return container{"video/x-msvideo", "avi"};
  return std::nullopt;
}

const AVInputFormat* demuxer_of(const container& kind) {
  return av_find_input_format(std::string(kind.demuxer).c_str());
}

const AVCodec* decoder_of(int id) {
  for (const auto& known : codecs)
    if (known.id == id)
      return avcodec_find_decoder_by_name(known.decoder);
  return nullptr;
}

} // namespace chalkstream::video
