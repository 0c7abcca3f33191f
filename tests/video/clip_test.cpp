// Clips that are rendered here, read as strangers' bytes: what is found in them.
#include "models/video/clip.hpp"

#include "tests/video/clip_writer.hpp"
#include "tests/video/scenes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace chalkstream::video {
namespace {

using test::clip_format;
using test::scene_height;
using test::scene_width;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double frame_seconds = 1.0 / 25;

struct seen_clip {
  clip found;
  std::vector<picture> keys;
};

result<seen_clip> see(const std::string& file, const clip_limits& limits = {}) {
  seen_clip seen;
  auto found = read_clip(std::as_bytes(std::span(file)), limits, {}, [&](picture key) {
    seen.keys.push_back(std::move(key));
    return result<void>();
  });
  if (!found)
    return std::move(found).error();
  seen.found = std::move(*found);
  return seen;
}

seen_clip expect_seen(const std::string& file, const clip_limits& limits = {}) {
  auto seen = see(file, limits);
  EXPECT_TRUE(seen) << seen.error().message;
  return seen ? std::move(*seen) : seen_clip{};
}

/// The frames that segments begin with, but for the first.
std::vector<std::size_t> cuts(const clip& found) {
  std::vector<std::size_t> frames;
  for (std::size_t i = 1; i < found.segments.size(); ++i)
    frames.push_back(static_cast<std::size_t>(std::lround(found.segments[i].start / frame_seconds)));
  return frames;
}

/// Scenes of the given lengths, one after the other; number i is drawn by `scene(i, frame)`.
template <class Scene>
std::string cut_together(const clip_format& format, const std::vector<std::size_t>& lengths, Scene&& scene) {
  std::size_t total = 0;
  for (const auto length : lengths)
    total += length;
  return test::write_clip(format, total, [&](std::size_t frame) {
    std::size_t i = 0, begin = 0;
    while (frame - begin >= lengths[i])
      begin += lengths[i++];
    return scene(i, frame);
  });
}

std::vector<std::size_t> ends(const std::vector<std::size_t>& lengths) {
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i + 1 < lengths.size(); ++i)
    at.push_back((at.empty() ? 0 : at.back()) + lengths[i]);
  return at;
}

TEST(clip_test, every_container_and_codec_shows_the_cuts_between_slides_at_their_frames) {
  const std::vector<std::size_t> lengths{40, 31, 55, 20};
  for (const auto& format : {clip_format{"mp4", "libx264"}, clip_format{"mov", "mpeg4"},
                             clip_format{"webm", "libvpx"}, clip_format{"webm", "libvpx-vp9"},
                             clip_format{"matroska", "libx265"}, clip_format{"mov", "mjpeg", "yuvj420p"},
                             clip_format{"mp4", "libsvtav1"}, clip_format{"mp4", "libx264", "yuv444p"},
                             clip_format{"matroska", "libx264", "yuv420p10le"}, clip_format{"avi", "mpeg4"}}) {
    SCOPED_TRACE(format.container + " " + format.codec + " " + format.pixels);
    const auto seen = expect_seen(cut_together(format, lengths, test::slide));
    EXPECT_EQ(cuts(seen.found), ends(lengths));
    EXPECT_EQ(seen.found.frames, 146u);
    EXPECT_NEAR(seen.found.duration, 146 * frame_seconds, 0.002);
    EXPECT_EQ(seen.found.width, scene_width);
    EXPECT_EQ(seen.found.height, scene_height);
    ASSERT_EQ(seen.keys.size(), 4u);
    for (std::size_t i = 0; i < seen.keys.size(); ++i) {
      const auto& one = seen.found.segments[i];
      EXPECT_GE(one.key_frame, one.start);
      EXPECT_LT(one.key_frame, one.end);
      const auto drawn = test::slide(i, static_cast<std::size_t>(std::lround(one.key_frame / frame_seconds)));
      double apart = 0;
      for (std::size_t at = 0; at < drawn.values.size(); ++at)
        apart += std::abs(int{drawn.values[at]} - int{seen.keys[i].values[at]});
      EXPECT_LT(apart / static_cast<double>(drawn.values.size()), 6) << "key frame " << i;
    }
  }
}

TEST(clip_test, cuts_between_moving_views_are_found_and_movement_is_none) {
  for (const double speed : {0.0, 1.0, 4.0}) {
    SCOPED_TRACE(speed);
    const std::vector<std::size_t> lengths{30, 45, 27, 61, 33};
    const auto seen = expect_seen(cut_together({}, lengths, [speed](std::size_t i, std::size_t frame) {
      return test::noisy(test::view(i, frame, speed), frame, 6);
    }));
    EXPECT_EQ(cuts(seen.found), ends(lengths));
  }
}

TEST(clip_test, a_pen_that_writes_and_a_flash_are_no_changes) {
  const auto file = test::write_clip({}, 100, [](std::size_t frame) {
    return frame == 50 || frame == 51 ? test::plain(255) : test::slide(3, frame);
  });
  EXPECT_THAT(cuts(expect_seen(file).found), IsEmpty());
}

TEST(clip_test, a_fade_or_a_dissolve_is_a_change_at_its_middle) {
  for (const std::size_t takes : {8u, 25u, 50u})
    for (const bool slides : {true, false}) {
      SCOPED_TRACE(std::to_string(takes) + (slides ? " slides" : " views"));
      const auto draw = [&](std::size_t i, std::size_t frame) {
        return slides ? test::slide(i, 0) : test::view(i, frame, 0);
      };
      const auto file = test::write_clip({}, 150, [&](std::size_t frame) {
        const double share = std::clamp((static_cast<double>(frame) - 60) / static_cast<double>(takes), 0.0, 1.0);
        return test::mixed(draw(0, frame), draw(1, frame), share);
      });
      const auto found = cuts(expect_seen(file).found);
      ASSERT_EQ(found.size(), 1u);
      EXPECT_NEAR(static_cast<double>(found[0]), 60 + static_cast<double>(takes) / 2, 5);
    }
}

TEST(clip_test, the_key_frame_is_the_sharpest_that_stands_still) {
  const auto file = test::write_clip({}, 80, [&](std::size_t frame) { // a camera that finds its focus at frame 40
    return test::blurred(test::slide(1, 0), frame < 40 ? 1 : 0);
  });
  const auto seen = expect_seen(file);
  ASSERT_EQ(seen.found.segments.size(), 1u);
  EXPECT_GE(seen.found.segments[0].key_frame, 40 * frame_seconds);
}

TEST(clip_test, a_clip_that_was_held_on_its_side_is_turned) {
  const auto file = test::write_clip({.rotation = 90}, 10, [](std::size_t frame) { return test::slide(2, frame); });
  const auto seen = expect_seen(file);
  EXPECT_EQ(seen.found.width, scene_height);
  EXPECT_EQ(seen.found.height, scene_width);
  const auto drawn = test::slide(2, 0);
  const auto& key = seen.keys.at(0);
  // The left lower corner has come to the left upper one.
  for (const std::size_t x : {20u, 60u, 150u})
    for (const std::size_t y : {20u, 40u, 90u}) {
      const auto turned = (x * key.width + (scene_height - 1 - y)) * 3;
      EXPECT_NEAR(key.values[turned], drawn.values[(y * scene_width + x) * 3], 90) << x << ' ' << y;
    }
}

TEST(clip_test, what_is_over_a_limit_is_refused_by_its_name) {
  const auto file = cut_together({}, {30, 30, 30}, test::slide);
  const auto refusal = [&](const clip_limits& limits) {
    const auto seen = see(file, limits);
    if (seen)
      return std::string("it was read");
    EXPECT_EQ(seen.error().code, errc::out_of_memory) << seen.error().message;
    return seen.error().message;
  };
  EXPECT_THAT(refusal({.max_bytes = 1000}), HasSubstr("max_bytes"));
  EXPECT_THAT(refusal({.max_pixels = 320 * 180 - 1}), HasSubstr("max_pixels"));
  EXPECT_THAT(refusal({.max_frames = 89}), HasSubstr("max_frames"));
  EXPECT_THAT(refusal({.max_duration = std::chrono::milliseconds(3000)}), HasSubstr("max_duration"));
  EXPECT_THAT(refusal({.max_segments = 2}), HasSubstr("max_segments"));
  EXPECT_THAT(refusal({.max_memory = 1'000'000}), HasSubstr("max_memory"));
  EXPECT_THAT(refusal({.max_time = std::chrono::milliseconds(0)}), HasSubstr("max_time"));
  EXPECT_EQ(refusal({.max_bytes = file.size(),
                     .max_pixels = 320 * 180,
                     .max_frames = 90,
                     .max_duration = std::chrono::milliseconds(3600),
                     .max_segments = 3}),
            "it was read");
}

TEST(clip_test, what_takes_the_key_frames_may_refuse_them) {
  const auto file = cut_together({}, {30, 30}, test::slide);
  std::size_t taken = 0;
  const auto found = read_clip(std::as_bytes(std::span(file)), {}, {}, [&](picture) {
    ++taken;
    return result<void>(errc::unsupported, "not this one");
  });
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().message, HasSubstr("not this one"));
  EXPECT_EQ(taken, 1u);
}

TEST(clip_test, other_codecs_are_refused_by_their_names) {
  const auto gif = test::write_clip({"matroska", "ffv1"}, 5, [](std::size_t i) { return test::slide(0, i); });
  const auto seen = see(gif);
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().code, errc::unsupported);
  EXPECT_THAT(seen.error().message, HasSubstr("ffv1"));
}

} // namespace
} // namespace chalkstream::video
