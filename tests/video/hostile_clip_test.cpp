// Clips that are cut off, changed or made up: each is a result or an error, and costs no more than it may.
#include "models/video/clip.hpp"

#include "tests/support/seeds.hpp"
#include "tests/video/clip_writer.hpp"
#include "tests/video/scenes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <unistd.h>

namespace chalkstream::video {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

const clip_limits limits{
    .max_pixels = 100'000, .max_frames = 200, .max_memory = 32 << 20, .max_time = std::chrono::milliseconds(2000)};

result<clip> read(const std::string& file, const clip_limits& within = limits) {
  return read_clip(std::as_bytes(std::span(file)), within, {}, [](picture key) {
    EXPECT_EQ(key.values.size(), key.width * key.height * 3);
    return result<void>();
  });
}

picture tile(std::size_t number, std::size_t frame) {
  auto large = test::slide(number, frame);
  picture made{80, 64, 3, {}};
  for (std::size_t y = 0; y < 64; ++y)
    made.values.insert(made.values.end(), large.values.begin() + static_cast<std::ptrdiff_t>(y * large.width * 3),
                       large.values.begin() + static_cast<std::ptrdiff_t>((y * large.width + 80) * 3));
  return made;
}

const std::vector<std::string>& small_clips() {
  static const auto made = [] {
    std::vector<std::string> files;
    for (const auto& format : {test::clip_format{"mp4", "libx264"}, test::clip_format{"webm", "libvpx"},
                               test::clip_format{"webm", "libvpx-vp9"}, test::clip_format{"avi", "mpeg4"},
                               test::clip_format{"mov", "mjpeg", "yuvj420p"}, test::clip_format{"mp4", "libx265"},
                               test::clip_format{"matroska", "libsvtav1"}})
      files.push_back(test::write_clip(format, 24, [](std::size_t frame) { return tile(frame / 8, frame); }));
    return files;
  }();
  return made;
}

TEST(hostile_clip_test, the_clips_themselves_are_read) {
  for (const auto& file : small_clips()) {
    const auto found = read(file);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->frames, 24u);
  }
}

TEST(hostile_clip_test, the_beginning_of_a_clip_is_an_error_or_fewer_frames) {
  for (const auto& file : small_clips())
    for (std::size_t length = 0; length < file.size(); length += 1 + file.size() / 60)
      if (const auto found = read(file.substr(0, length))) {
        EXPECT_LE(found->frames, 24u);
      }
}

/// Changed clips of each kind; CHALK_CLIP_ROUNDS asks for more.
std::uint64_t rounds() {
  const char* asked = std::getenv("CHALK_CLIP_ROUNDS");
  return asked ? std::stoull(asked) : 300;
}

TEST(hostile_clip_test, changed_clips_are_results_or_errors) {
  std::size_t seen = 0, refused = 0;
  for (std::size_t i = 0; i < small_clips().size(); ++i)
    for (std::uint64_t round = 0; round < rounds(); ++round) {
      const auto seed = i * 1'000'000 + round;
      SCOPED_TRACE(seed);
      test::random_engine random(seed);
      auto bytes = small_clips()[i];
      const auto size = static_cast<std::int64_t>(bytes.size());
      for (auto changes = test::any_of(random, 1, 6); changes > 0; --changes) {
        const auto at = static_cast<std::size_t>(
            test::any_of(random, 0, (test::one_in(random, 2) ? std::min<std::int64_t>(size, 800) : size) - 1));
        bytes[at] = static_cast<char>(test::one_in(random, 3) ? 255 * test::any_of(random, 0, 1)
                                                              : test::any_of(random, 0, 255));
      }
      const auto found = read(bytes);
      ++(found ? seen : refused);
      if (found) {
        ASSERT_FALSE(found->segments.empty());
        ASSERT_LE(found->frames, limits.max_frames);
        for (const auto& one : found->segments) {
          ASSERT_LE(one.start, one.key_frame);
          ASSERT_LT(one.key_frame, one.end);
        }
      } else {
        ASSERT_THAT(found.error().code, AnyOf(errc::invalid_argument, errc::out_of_memory, errc::unsupported));
      }
    }
  EXPECT_GT(seen, 300u);
  EXPECT_GT(refused, 300u);
}

TEST(hostile_clip_test, bytes_behind_a_head_are_errors) {
  using std::string_literals::operator""s;
  for (const auto& head : {"\0\0\0\x20"s + "ftypisom\0\0\2\0isomiso2avc1mp41"s, "\x1a\x45\xdf\xa3"s,
                           "RIFF\x40\1\0\0AVI LIST"s, "\0\0\1\0moov"s}) {
    for (std::uint64_t round = 0; round < 300; ++round) {
      test::random_engine random(head.size() * 1000 + round);
      auto bytes = head;
      for (auto length = test::any_of(random, 0, 400); length > 0; --length)
        bytes.push_back(static_cast<char>(test::any_of(random, 0, 255)));
      EXPECT_FALSE(read(bytes).ok());
    }
  }
}

TEST(hostile_clip_test, nothing_else_is_opened) {
  using std::string_literals::operator""s;
  for (const auto& text : {"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"s,
                           "ffconcat version 1.0\nfile '/etc/passwd'\n"s, "GIF89a"s, "\x89PNG\r\n\x1a\n"s, ""s})
    EXPECT_THAT(read(text).error().message, HasSubstr("this is no clip"));
}

void put(std::string& bytes, std::size_t at, std::uint32_t number) {
  for (int i = 0; i < 4; ++i)
    bytes[at + static_cast<std::size_t>(i)] = static_cast<char>(number >> (24 - 8 * i));
}

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// All samples of one size: four bytes promise two thousand million of them.
TEST(hostile_clip_test, a_table_that_promises_too_much_is_not_allocated) {
  auto bytes = small_clips()[0];
  const auto sizes = bytes.find("stsz"), chunks = bytes.find("stsc"), times = bytes.find("stts");
  ASSERT_NE(sizes, std::string::npos);
  const auto before = resident_bytes();
  for (const std::uint32_t count : {1'000'000u, 50'000'000u, 2'000'000'000u, 4'000'000'000u}) {
    put(bytes, sizes + 8, 1);
    put(bytes, sizes + 12, count);
    put(bytes, chunks + 16, count); // samples of the first chunk
    put(bytes, times + 12, count);  // of one duration
    static_cast<void>(read(bytes));
    EXPECT_LT(resident_bytes(), before + (std::size_t{160} << 20)) << count;
  }
}

TEST(hostile_clip_test, a_head_that_promises_huge_frames_costs_nothing) {
  auto bytes = small_clips()[0];
  const auto entry = bytes.find("avc1", bytes.find("stsd"));
  bytes[entry + 28] = bytes[entry + 30] = '\x7f'; // width and height
  const auto found = read(bytes);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, errc::out_of_memory);
  EXPECT_THAT(found.error().message, HasSubstr("max_pixels"));
}

} // namespace
} // namespace chalkstream::video
