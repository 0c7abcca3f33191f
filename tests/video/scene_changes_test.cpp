#include "models/video/scene_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace chalkstream::video {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// All of one grey; `marked` cells, from the first on, are black.
frame_features sheet(std::uint8_t grey, std::size_t marked = 0) {
  frame_features made;
  made.grid.fill(128);
  for (std::size_t i = 0; i < grid_cells; ++i)
    made.grid[i] = i < marked ? 0 : grey;
  return made;
}

struct found {
  std::vector<std::size_t> begins;
  std::vector<bool> still;
};

found judge(const std::vector<frame_features>& frames) {
  scene_changes changes{{}};
  found made;
  const auto note = [&](const std::optional<scene_changes::verdict>& v) {
    if (!v)
      return false;
    EXPECT_EQ(v->frame, made.still.size()) << "each frame is judged once, in order";
    made.still.push_back(v->still);
    if (v->begins)
      made.begins.push_back(*v->begins);
    return true;
  };
  double time = 0;
  for (const auto& f : frames)
    note(changes.add(f, time += 0.04));
  while (note(changes.finish())) {
  }
  EXPECT_EQ(made.still.size(), frames.size());
  return made;
}

std::vector<frame_features> several(std::size_t count, const frame_features& of) {
  return std::vector<frame_features>(count, of);
}

void append(std::vector<frame_features>& to, const std::vector<frame_features>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

TEST(scene_changes_test, a_difference_is_none_of_equals_and_one_of_opposites) {
  EXPECT_EQ(difference(sheet(90), sheet(90)), 0);
  EXPECT_DOUBLE_EQ(difference(sheet(0), sheet(255)), 1);
  EXPECT_DOUBLE_EQ(difference(sheet(255), sheet(255, grid_cells / 4)), 0.25);
}

TEST(scene_changes_test, a_cut_is_at_its_frame) {
  auto frames = several(20, sheet(200, 100));
  append(frames, several(20, sheet(200, 160)));
  const auto made = judge(frames);
  EXPECT_THAT(made.begins, ElementsAre(20));
  EXPECT_TRUE(made.still[20]) << "what was before it belongs to another segment";
}

TEST(scene_changes_test, what_is_shorter_than_a_segment_may_be_is_none) {
  auto frames = several(20, sheet(200));
  append(frames, several(6, sheet(100)));
  append(frames, several(20, sheet(10)));
  EXPECT_THAT(judge(frames).begins, ElementsAre(20));
}

TEST(scene_changes_test, a_flash_is_no_cut) {
  auto frames = several(20, sheet(100));
  append(frames, several(2, sheet(255)));
  append(frames, several(40, sheet(100)));
  EXPECT_THAT(judge(frames).begins, IsEmpty());
}

TEST(scene_changes_test, the_same_step_is_a_cut_from_rest_and_none_among_its_like) {
  const auto moving = [](std::size_t i) { return sheet(200, 20 * i % grid_cells); };
  std::vector<frame_features> frames;
  for (std::size_t i = 0; i < 28; ++i)
    frames.push_back(moving(i));
  EXPECT_THAT(judge(frames).begins, IsEmpty());
  auto resting = several(20, moving(3));
  append(resting, several(20, moving(4)));
  EXPECT_THAT(judge(resting).begins, ElementsAre(20));
}

TEST(scene_changes_test, a_fade_is_at_its_middle_and_a_slow_one_is_movement) {
  for (const std::size_t takes : {20u, 150u}) {
    auto frames = several(30, sheet(40));
    for (std::size_t i = 1; i < takes; ++i)
      frames.push_back(sheet(static_cast<std::uint8_t>(40 + 160 * i / takes)));
    append(frames, several(40, sheet(200)));
    const auto made = judge(frames);
    EXPECT_EQ(made.begins.size(), takes == 20 ? 1u : 0u);
    if (takes == 20) {
      EXPECT_NEAR(static_cast<double>(made.begins.at(0)), 40, 3);
    }
    EXPECT_TRUE(made.still[29]);
    EXPECT_FALSE(made.still[30 + takes / 2]);
    EXPECT_TRUE(made.still.back());
  }
}

TEST(scene_changes_test, a_clip_of_few_frames_is_judged_too) {
  EXPECT_THAT(judge({sheet(1)}).still, ElementsAre(true));
  EXPECT_THAT(judge({sheet(1), sheet(200)}).begins, IsEmpty());
  EXPECT_THAT(judge({}).still, IsEmpty());
}

} // namespace
} // namespace chalkstream::video
