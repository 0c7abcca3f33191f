#include "app/progress.hpp"

#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

namespace chalkstream::app {
namespace {

using namespace std::chrono_literals;

TEST(progress_test, a_bar_fills_with_the_fraction_and_never_exceeds_the_width) {
  EXPECT_EQ(progress_bar("load minilm", 0.5, 61), "load minilm                  [############------------]  50 %");
  EXPECT_EQ(progress_bar("load minilm", 1, 61), "load minilm                  [########################] 100 %");
  EXPECT_EQ(progress_bar("load minilm", 0.5, 20), "load minilm  50 %");
  for (std::size_t width = 0; width < 100; ++width)
    for (const auto f : {-1.0, 0.0, 0.999, 1.0, 7.0, std::numeric_limits<double>::quiet_NaN()})
      EXPECT_LE(progress_bar("a step with quite a long name to show", f, width).size(), width);
}

class progress_output_test : public testing::Test {
protected:
  std::string out;
  test::manual_clock time;
  text_output write = [this](std::string_view text) { out += text; };
};

TEST_F(progress_output_test, a_terminal_sees_one_line_that_is_redrawn_and_a_line_when_a_step_has_ended) {
  progress bar({true, 62}, write, time);
  bar.update("load", 0);
  bar.update("load", 0.001); // looks the same: not drawn again
  bar.update("load", 0.5);
  time.advance(1500ms);
  bar.update("load", 1);
  EXPECT_EQ(out, "\r\033[Kload                         [------------------------]   0 %"
                 "\r\033[Kload                         [############------------]  50 %"
                 "\r\033[Kload: done in 1.50 s\n");
}

TEST_F(progress_output_test, elsewhere_a_step_is_a_line_at_its_beginning_and_one_at_its_end) {
  progress bar({false, 80}, write, time);
  bar.update("load", 0);
  bar.update("catalogue", 0.2);
  bar.update("load", 0.5);
  time.advance(20ms);
  bar.update("load", 1);
  bar.update("catalogue", 1);
  bar.update("load", 1); // late
  EXPECT_EQ(out, "load ...\ncatalogue ...\nload: done in 20 ms\ncatalogue: done in 20 ms\n");
}

TEST_F(progress_output_test, leaves_a_clean_line_when_it_goes_away_half_done) {
  {
    progress bar({true, 62}, write, time);
    bar.update("load", 0.5);
    out.clear();
  }
  EXPECT_EQ(out, "\r\033[K");
}

TEST(terminal_test, a_pipe_is_no_terminal) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  EXPECT_FALSE(terminal::of(ends[1]).interactive);
  EXPECT_EQ(terminal::of(ends[1]).width, 80u);
  write_to(ends[1])("hello");
  char text[8] = {};
  EXPECT_EQ(read(ends[0], text, sizeof text), 5);
  EXPECT_STREQ(text, "hello");
  close(ends[0]);
  close(ends[1]);
  write_to(ends[1])("nobody"); // does not hang or fail
}

} // namespace
} // namespace chalkstream::app
