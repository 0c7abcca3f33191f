// The frames of a clip, one after the other, within what it may cost.
#pragma once

#include "core/error.hpp"
#include "models/video/clip_limits.hpp"

#include <cstddef>
#include <memory>
#include <span>

struct AVFrame;

namespace chalkstream::video {

struct frees_frame {
  void operator()(AVFrame* frame) const;
};
using frame_ptr = std::unique_ptr<AVFrame, frees_frame>;

class frame_reader {
public:
  /// `file` outlives the reader. Errors as read_clip's, without a prefix.
  static result<frame_reader> open(std::span<const std::byte> file, const clip_limits& limits);
  frame_reader(frame_reader&&) noexcept;
  frame_reader& operator=(frame_reader&&) noexcept;
  ~frame_reader();

  /// False behind the last frame. Blocks while it decodes.
  result<bool> next();

  /// The frame that next() found; valid until the next call.
  const AVFrame& frame() const;
  /// The same to keep: it shares the pixels. Throws std::bad_alloc.
  frame_ptr keep() const;
  /// Its time in seconds from the first frame's; each is later than the one before.
  double time() const;
  /// How long it is shown, as far as that is told: what the frames before it say.
  double shown_for() const;
  /// How it is to be turned, as EXIF has it: 1 to 8.
  unsigned orientation() const;
  /// Frames that were read.
  std::size_t count() const;

private:
  struct state;
  explicit frame_reader(std::unique_ptr<state> opened);
  std::unique_ptr<state> state_;
};

} // namespace chalkstream::video
