#include "models/video/frame_reader.hpp"

#include "models/video/container.hpp"
#include "models/video/memory_file.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
}

#include <algorithm>
#include <cmath>
#include <mutex>
#include <new>
#include <string>

namespace chalkstream::video {
namespace {

/// H.264 keeps the most: 36 pictures; we keep a few more.
constexpr std::size_t frames_kept = 42;
constexpr double unknown_frame_seconds = 1.0 / 25;
/// Longer pauses between frames than this say nothing of how long the last one is shown.
constexpr double longest_frame = 1;

struct closes_format {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct closes_codec {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct frees_packet {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

error corrupt(std::string reason) {
  return {errc::invalid_argument, std::move(reason)};
}

error too_large(std::string reason) {
  return {errc::out_of_memory, std::move(reason)};
}

// FFmpeg's own: what it says of a file would go to the process's standard error, and one allocation may not be larger
// than any clip's memory. Both hold for the process, so the largest that was asked for counts.
void set_up_library(std::size_t max_memory) {
  static std::mutex guard;
  static std::size_t largest = 0;
  const std::lock_guard alone(guard);
  if (max_memory <= largest)
    return;
  largest = max_memory;
  av_log_set_level(AV_LOG_QUIET);
  av_max_alloc(max_memory);
}

// Nothing but the clip itself is opened, whatever it names.
int open_nothing(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EPERM);
}

/// As turned clockwise by a multiple of 90 degrees.
unsigned orientation_of(const AVStream& stream) {
  std::size_t bytes = 0;
  const auto* matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
  if (matrix == nullptr || bytes < 9 * sizeof(std::int32_t))
    return 1;
  const double angle = -av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
  if (!std::isfinite(angle))
    return 1;
  switch (static_cast<int>(std::lround(angle / 90)) & 3) {
  case 1:
    return 6;
  case 2:
    return 3;
  case 3:
    return 8;
  default:
    return 1;
  }
}

} // namespace

void frees_frame::operator()(AVFrame* frame) const {
  av_frame_free(&frame);
}

struct frame_reader::state {
  state(std::span<const std::byte> file, const clip_limits& wanted)
      : limits(wanted), input(file, std::chrono::steady_clock::now() + wanted.max_time) {}

  clip_limits limits;
  memory_file input; // the format's, which is closed before it
  std::unique_ptr<AVFormatContext, closes_format> format;
  std::unique_ptr<AVCodecContext, closes_codec> codec;
  frame_ptr frame{av_frame_alloc()};
  std::unique_ptr<AVPacket, frees_packet> packet{av_packet_alloc()};
  AVStream* stream = nullptr;
  std::optional<error> over = {}; // what a callback found, and could not say
  std::optional<double> begin = {};
  double time = -1;
  double shown_for = unknown_frame_seconds;
  unsigned orientation = 1;
  std::size_t count = 0;
  bool ended = false;

  result<void> open_format(std::span<const std::byte> file);
  result<void> choose_stream();
  result<void> open_codec();
  result<void> check_size(int width, int height) const;
  result<void> check_memory(int width, int height, int pixel_format) const;
  result<void> send_next();
  result<void> note_time();
  error failure(std::string otherwise) const;

  static int allocate(AVCodecContext* context, AVFrame* wanted, int flags);
};

error frame_reader::state::failure(std::string otherwise) const {
  if (over)
    return *over;
  if (input.late())
    return too_large("it takes longer than max_time (" + std::to_string(limits.max_time.count()) + " ms)");
  return corrupt(std::move(otherwise));
}

result<void> frame_reader::state::check_size(int width, int height) const {
  if (width <= 0 || height <= 0)
    return corrupt("its frames are empty");
  const auto w = static_cast<std::size_t>(width), h = static_cast<std::size_t>(height);
  if (w > limits.max_pixels / h)
    return too_large("its " + std::to_string(w) + " x " + std::to_string(h) + " pixels are more than max_pixels ("
                     + std::to_string(limits.max_pixels) + ")");
  return {};
}

result<void> frame_reader::state::check_memory(int width, int height, int pixel_format) const {
  const int bytes = av_image_get_buffer_size(static_cast<AVPixelFormat>(pixel_format), width, height, 64);
  if (bytes <= 0)
    return corrupt("its frames are of no kind that can be kept");
  if (static_cast<std::size_t>(bytes) > limits.max_memory / frames_kept)
    return too_large("its frames need more than max_memory (" + std::to_string(limits.max_memory) + " bytes)");
  return {};
}

int frame_reader::state::allocate(AVCodecContext* context, AVFrame* wanted, int flags) {
  auto& self = *static_cast<state*>(context->opaque);
  if (auto fits = self.check_memory(wanted->width, wanted->height, wanted->format); !fits) {
    self.over = fits.error();
    return AVERROR(ENOMEM);
  }
  return avcodec_default_get_buffer2(context, wanted, flags);
}

result<void> frame_reader::state::open_format(std::span<const std::byte> file) {
  const auto kind = container_of(file);
  const auto* demuxer = kind ? demuxer_of(*kind) : nullptr;
  if (demuxer == nullptr)
    return corrupt("this is no clip: neither MP4, QuickTime, Matroska, WebM nor AVI");
  auto* made = avformat_alloc_context();
  if (made == nullptr || input.context() == nullptr || !frame || !packet)
    return too_large("there is no memory for it");
  made->pb = input.context();
  made->flags |= AVFMT_FLAG_CUSTOM_IO;
  made->io_open = &open_nothing;
  made->max_streams = 32;
  if (avformat_open_input(&made, "", demuxer, nullptr) < 0) // frees it
    return failure("its beginning is damaged or missing");
  format.reset(made);
  return {};
}

// Without FFmpeg's look at the first packets (avformat_find_stream_info), which decodes outside of our limits: the
// three containers say in their heads what a decoder needs.
result<void> frame_reader::state::choose_stream() {
  const int best = av_find_best_stream(format.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (best < 0)
    return corrupt("it has no pictures");
  for (unsigned i = 0; i < format->nb_streams; ++i)
    if (static_cast<int>(i) != best)
      format->streams[i]->discard = AVDISCARD_ALL;
  stream = format->streams[best];
  orientation = orientation_of(*stream);
  return {};
}

result<void> frame_reader::state::open_codec() {
  const auto& told = *stream->codecpar;
  const auto* decoder = decoder_of(told.codec_id);
  if (decoder == nullptr)
    return {errc::unsupported,
            std::string(avcodec_get_name(told.codec_id)) + " is not read, but " + std::string(codecs_read) + " are"};
  if (told.width > 0 && told.height > 0)
    CHALK_CHECK(check_size(told.width, told.height));
  codec.reset(avcodec_alloc_context3(decoder));
  if (!codec || avcodec_parameters_to_context(codec.get(), &told) < 0)
    return failure("its description is damaged");
  codec->opaque = this;
  codec->get_buffer2 = &state::allocate;
  codec->thread_count = 1;                                              // the engine decodes many clips at once
  codec->max_pixels = 2 * static_cast<std::int64_t>(limits.max_pixels); // of whole blocks, more than is shown
  codec->pkt_timebase = stream->time_base;
  if (told.codec_id == AV_CODEC_ID_H264)
    codec->has_b_frames = 16; // the most there may be: a stream need not say, and frames must come in order
  if (avcodec_open2(codec.get(), decoder, nullptr) < 0)
    return failure("its description is damaged");
  return {};
}

// Gives the decoder something new, or tells it that there is no more.
result<void> frame_reader::state::send_next() {
  for (;;) {
    av_packet_unref(packet.get());
    const int got = av_read_frame(format.get(), packet.get());
    if (input.late())
      return failure("");
    if (got == AVERROR_EOF) {
      ended = true;
      avcodec_send_packet(codec.get(), nullptr);
      return {};
    }
    if (got < 0)
      return failure("it is cut off or damaged behind frame " + std::to_string(count));
    if (packet->stream_index != stream->index)
      continue;
    if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0)
      return corrupt("it is cut off behind frame " + std::to_string(count));
    if (avcodec_send_packet(codec.get(), packet.get()) < 0)
      return failure("it is damaged behind frame " + std::to_string(count));
    return {};
  }
}

result<void> frame_reader::state::note_time() {
  const auto stamp = frame->best_effort_timestamp;
  double now = time + shown_for;
  if (stamp != AV_NOPTS_VALUE) {
    const double told = static_cast<double>(stamp) * av_q2d(stream->time_base);
    if (!begin && std::isfinite(told))
      begin = told;
    if (begin && std::isfinite(told) && told - *begin > time)
      now = told - *begin;
  }
  if (count == 0) {
    begin = begin.value_or(0);
    now = 0;
  } else if (now - time < longest_frame) {
    shown_for = now - time;
  }
  time = now;
  ++count;
  if (count > limits.max_frames)
    return too_large("it has more than max_frames (" + std::to_string(limits.max_frames) + ") frames");
  if (time * 1000 > static_cast<double>(limits.max_duration.count()))
    return too_large("it is longer than max_duration (" + std::to_string(limits.max_duration.count()) + " ms)");
  return {};
}

frame_reader::frame_reader(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
frame_reader::frame_reader(frame_reader&&) noexcept = default;
frame_reader& frame_reader::operator=(frame_reader&&) noexcept = default;
frame_reader::~frame_reader() = default;

result<frame_reader> frame_reader::open(std::span<const std::byte> file, const clip_limits& limits) {
  set_up_library(limits.max_memory);
  if (file.size() > limits.max_bytes)
    return too_large("its " + std::to_string(file.size()) + " bytes are more than max_bytes ("
                     + std::to_string(limits.max_bytes) + ")");
  auto opened = std::make_unique<state>(file, limits);
  CHALK_CHECK(opened->open_format(file));
  CHALK_CHECK(opened->choose_stream());
  CHALK_CHECK(opened->open_codec());
  return frame_reader(std::move(opened));
}

result<bool> frame_reader::next() {
  auto& s = *state_;
  for (;;) {
    if (s.input.late())
      return s.failure("");
    const int got = avcodec_receive_frame(s.codec.get(), s.frame.get());
    if (got == AVERROR_EOF)
      return s.count > 0 ? result<bool>(false) : s.failure("it has no pictures");
    if (got == AVERROR(EAGAIN)) {
      if (s.ended)
        return s.failure("it ends in the middle of a frame");
      CHALK_CHECK(s.send_next());
      continue;
    }
    if (got < 0 || s.frame->decode_error_flags != 0)
      return s.failure("it is damaged behind frame " + std::to_string(s.count));
    CHALK_CHECK(s.check_size(s.frame->width, s.frame->height));
    CHALK_CHECK(
        s.check_memory(s.frame->width, s.frame->height, s.frame->format)); // some decoders allocate themselves
    CHALK_CHECK(s.note_time());
    return true;
  }
}

const AVFrame& frame_reader::frame() const {
  return *state_->frame;
}
frame_ptr frame_reader::keep() const {
  frame_ptr kept{av_frame_clone(state_->frame.get())};
  if (!kept)
    throw std::bad_alloc();
  return kept;
}
double frame_reader::time() const {
  return state_->time;
}
double frame_reader::shown_for() const {
  return state_->shown_for;
}
unsigned frame_reader::orientation() const {
  return state_->orientation;
}
std::size_t frame_reader::count() const {
  return state_->count;
}

} // namespace chalkstream::video
