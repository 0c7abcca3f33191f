#include "models/video/frame_conversion.hpp"

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <string>

namespace chalkstream::video {
namespace {

error unconvertible() {
  return {errc::unsupported, "its pixels are of a kind that is not read"};
}

/// Whether luma and chroma lie there in bytes, each in a plane of its own.
bool has_byte_planes(const AVPixFmtDescriptor& kind) {
  constexpr auto other =
      AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL;
  if ((kind.flags & other) != 0)
    return false;
  for (int c = 0; c < kind.nb_components; ++c)
    if (kind.comp[c].depth != 8 || kind.comp[c].step != 1 || kind.comp[c].plane != c)
      return false;
  return kind.nb_components == 1 || kind.nb_components >= 3; // one with two is grey with alpha
}

int chroma_size(int size, int shift) {
  return AV_CEIL_RSHIFT(size, shift);
}

frame_planes view(const AVPixFmtDescriptor& kind, int width, int height, const std::uint8_t* const planes[],
                  const int strides[]) {
  frame_planes made;
  for (std::size_t c = 0; c < (kind.nb_components >= 3 ? 3u : 1u); ++c) {
    const bool chroma = c > 0;
    made.planes[c] = {planes[c], strides[c],
                      static_cast<std::size_t>(chroma ? chroma_size(width, kind.log2_chroma_w) : width),
                      static_cast<std::size_t>(chroma ? chroma_size(height, kind.log2_chroma_h) : height)};
  }
  return made;
}

} // namespace

frame_conversion::~frame_conversion() {
  sws_freeContext(scaler_);
}

result<void> frame_conversion::convert(const AVFrame& frame, int to, std::uint8_t* const planes[4],
                                       const int strides[4]) {
  const auto from = static_cast<AVPixelFormat>(frame.format);
  if (sws_isSupportedInput(from) == 0)
    return unconvertible();
  scaler_ = sws_getCachedContext(scaler_, frame.width, frame.height, from, frame.width, frame.height,
                                 static_cast<AVPixelFormat>(to), SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT,
                                 nullptr, nullptr, nullptr);
  if (scaler_ == nullptr)
    return unconvertible();
  // What is not told is as in television: BT.709 where there are many lines, else BT.601.
  const bool told = frame.colorspace != AVCOL_SPC_UNSPECIFIED;
  const auto* table = sws_getCoefficients(told                 ? static_cast<int>(frame.colorspace)
                                          : frame.height > 576 ? SWS_CS_ITU709
                                                               : SWS_CS_ITU601);
  const bool full = frame.color_range == AVCOL_RANGE_JPEG || from == AV_PIX_FMT_YUVJ420P
                    || from == AV_PIX_FMT_YUVJ422P || from == AV_PIX_FMT_YUVJ444P;
  sws_setColorspaceDetails(scaler_, table, full ? 1 : 0, table, 1, 0, 1 << 16, 1 << 16);
  if (sws_scale(scaler_, frame.data, frame.linesize, 0, frame.height, planes, strides) != frame.height)
    return unconvertible();
  return {};
}

result<frame_planes> frame_conversion::planes_of(const AVFrame& frame) {
  const auto* kind = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (kind == nullptr)
    return unconvertible();
  if (has_byte_planes(*kind))
    return view(*kind, frame.width, frame.height, frame.data, frame.linesize);
  constexpr auto target = AV_PIX_FMT_YUV420P;
  const int bytes = av_image_get_buffer_size(target, frame.width, frame.height, 64);
  if (bytes <= 0)
    return unconvertible();
  copy_.resize(static_cast<std::size_t>(bytes));
  std::uint8_t* planes[4] = {};
  int strides[4] = {};
  av_image_fill_arrays(planes, strides, copy_.data(), target, frame.width, frame.height, 64);
  CHALK_CHECK(convert(frame, target, planes, strides));
  return view(*av_pix_fmt_desc_get(target), frame.width, frame.height, planes, strides);
}

result<picture> frame_conversion::picture_of(const AVFrame& frame) {
  const auto width = static_cast<std::size_t>(frame.width), height = static_cast<std::size_t>(frame.height);
  // The library writes its last row in whole registers.
  constexpr std::size_t spare = 64;
  picture made{width, height, 3, {}};
  made.values.resize(width * height * 3 + spare);
  std::uint8_t* const planes[4] = {made.values.data(), nullptr, nullptr, nullptr};
  const int strides[4] = {frame.width * 3, 0, 0, 0};
  CHALK_CHECK(convert(frame, AV_PIX_FMT_RGB24, planes, strides));
  made.values.resize(width * height * 3);
  return made;
}

} // namespace chalkstream::video
