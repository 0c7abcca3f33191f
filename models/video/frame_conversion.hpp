// A decoder's frame, of whatever kind, as what is compared and as a picture.
#pragma once

#include "core/error.hpp"
#include "core/model.hpp"
#include "models/video/frame_features.hpp"

#include <memory>
#include <vector>

struct AVFrame;
struct SwsContext;

namespace chalkstream::video {

class frame_conversion {
public:
  frame_conversion() = default;
  ~frame_conversion();
  frame_conversion(const frame_conversion&) = delete;
  frame_conversion& operator=(const frame_conversion&) = delete;

  /// Of frames in YCbCr with 8 bits a view, of others a copy; valid until the next call and as long as the frame.
  result<frame_planes> planes_of(const AVFrame& frame);

  /// In RGB, with the frame's own colour space.
  result<picture> picture_of(const AVFrame& frame);

private:
  result<void> convert(const AVFrame& frame, int to, std::uint8_t* const planes[4], const int strides[4]);

  SwsContext* scaler_ = nullptr;
  std::vector<std::uint8_t> copy_;
};

} // namespace chalkstream::video
