#include "tests/video/clip_writer.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __lsan_disable();
extern "C" void __lsan_enable();
#endif

namespace chalkstream::test {
namespace {

void expect(bool holds, const char* what) {
  if (!holds)
    throw std::runtime_error(std::string("the clip writer failed to ") + what);
}

// libx265 loses a kilobyte when it is opened, and its frames hide from a suppression.
int open_unwatched(AVCodecContext* codec, const AVCodec* encoder) {
#if defined(__SANITIZE_ADDRESS__)
  __lsan_disable();
  const int opened = avcodec_open2(codec, encoder, nullptr);
  __lsan_enable();
  return opened;
#else
  return avcodec_open2(codec, encoder, nullptr);
#endif
}

struct writing {
  AVFormatContext* file = nullptr;
  AVCodecContext* codec = nullptr;
  AVStream* stream = nullptr;
  AVFrame* frame = av_frame_alloc();
  AVPacket* packet = av_packet_alloc();
  SwsContext* scaler = nullptr;
  std::filesystem::path place =
      std::filesystem::temp_directory_path() / ("chalkstream-clip-" + std::to_string(::getpid()));

  ~writing() {
    std::filesystem::remove(place);
    sws_freeContext(scaler);
    av_packet_free(&packet);
    av_frame_free(&frame);
    avcodec_free_context(&codec);
    avformat_free_context(file);
  }

  void open(const clip_format& format, const picture& first) {
    av_log_set_level(AV_LOG_QUIET);
    expect(avformat_alloc_output_context2(&file, nullptr, format.container.c_str(), nullptr) >= 0, "find the muxer");
    const auto* encoder = avcodec_find_encoder_by_name(format.codec.c_str());
    expect(encoder != nullptr, "find the encoder");
    codec = avcodec_alloc_context3(encoder);
    codec->width = static_cast<int>(first.width);
    codec->height = static_cast<int>(first.height);
    codec->pix_fmt = av_get_pix_fmt(format.pixels.c_str());
    codec->time_base = {1, format.frames_per_second};
    codec->framerate = {format.frames_per_second, 1};
    codec->gop_size = 50;
    codec->bit_rate = 400'000;
    codec->thread_count = 1;
    if (format.codec == "mjpeg")
      codec->color_range = AVCOL_RANGE_JPEG;
    if ((file->oformat->flags & AVFMT_GLOBALHEADER) != 0)
      codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_opt_set(codec->priv_data, "preset", format.codec == "libsvtav1" ? "12" : "veryfast", 0);
    av_opt_set(codec->priv_data, "deadline", "realtime", 0);
    av_opt_set(codec->priv_data, "cpu-used", "8", 0);
    expect(open_unwatched(codec, encoder) >= 0, "open the encoder");
    stream = avformat_new_stream(file, nullptr);
    avcodec_parameters_from_context(stream->codecpar, codec);
    stream->time_base = codec->time_base;
    stream->avg_frame_rate = codec->framerate;
    if (format.rotation != 0) {
      auto* matrix = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t));
      av_display_rotation_set(reinterpret_cast<std::int32_t*>(matrix), format.rotation);
    }
    expect(avio_open(&file->pb, place.c_str(), AVIO_FLAG_WRITE) >= 0, "open a file");
    expect(avformat_write_header(file, nullptr) >= 0, "write the head");
    frame->format = codec->pix_fmt;
    frame->width = codec->width;
    frame->height = codec->height;
    expect(av_frame_get_buffer(frame, 0) >= 0, "make a frame");
    scaler = sws_getContext(codec->width, codec->height, AV_PIX_FMT_RGB24, codec->width, codec->height,
                            codec->pix_fmt, SWS_BILINEAR | SWS_ACCURATE_RND, nullptr, nullptr, nullptr);
    expect(scaler != nullptr, "convert pixels");
  }

  void send(const picture& pixels, std::int64_t at) {
    expect(av_frame_make_writable(frame) >= 0, "reuse the frame");
    const std::uint8_t* const planes[4] = {pixels.values.data(), nullptr, nullptr, nullptr};
    const int strides[4] = {static_cast<int>(pixels.width) * 3, 0, 0, 0};
    sws_scale(scaler, planes, strides, 0, codec->height, frame->data, frame->linesize);
    frame->pts = at;
    expect(avcodec_send_frame(codec, frame) >= 0, "encode");
    drain();
  }

  void drain() {
    for (;;) {
      const int got = avcodec_receive_packet(codec, packet);
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF)
        return;
      expect(got >= 0, "encode");
      av_packet_rescale_ts(packet, codec->time_base, stream->time_base);
      if (packet->duration == 0)
        packet->duration = av_rescale_q(1, codec->time_base, stream->time_base);
      packet->stream_index = stream->index;
      expect(av_interleaved_write_frame(file, packet) >= 0, "write");
    }
  }

  std::string close() {
    avcodec_send_frame(codec, nullptr);
    drain();
    expect(av_write_trailer(file) >= 0, "write the end");
    avio_closep(&file->pb);
    std::ifstream in(place, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

} // namespace

std::string write_clip(const clip_format& format, std::size_t frames,
                       const std::function<picture(std::size_t)>& frame) {
  writing clip;
  for (std::size_t i = 0; i < frames; ++i) {
    const auto pixels = frame(i);
    if (i == 0)
      clip.open(format, pixels);
    clip.send(pixels, static_cast<std::int64_t>(i));
  }
  return clip.close();
}

} // namespace chalkstream::test
