// What a person sees of a run.
#include "app/training_view.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>

namespace chalkstream::app {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class training_view_test : public testing::Test {
protected:
  std::string shown() { return std::exchange(out, {}); }

  std::string out;
  test::manual_clock time;
  text_output write = [this](std::string_view text) { out += text; };
  pipelines::tools::training_parts parts{4500, 469, 120, 15};
};

TEST_F(training_view_test, a_terminal_sees_the_loss_and_the_time_left) {
  training_view view{{true, 100}, write, time};
  view.began(parts);
  EXPECT_EQ(shown(), "learning from 4,500 rows of 120 groups, validating with 469 rows of 15 groups\n");
  view.moved({1, 3, 1, 100, 1.25, -1});
  time.advance(49s);
  view.moved({1, 3, 50, 100, 0.51234, -1});
  EXPECT_THAT(shown(), AllOf(HasSubstr("\r\033[Kepoch 1/3  loss 0.5123"), EndsWith("]  50 %  49 s left")));
  view.moved({1, 3, 50, 100, 0.5, 0.25});
  EXPECT_THAT(shown(), AllOf(HasSubstr("epoch 1/3  validating"), HasSubstr(" 25 %")));
  view.epoch_ended({1, 50, 0.5, {0.75, {{"macro_f1", 0.625}}}}, true);
  EXPECT_EQ(shown(), "\r\033[Kepoch 1/3: loss 0.5000, validation loss 0.7500, macro_f1 0.6250 (the best so far)\n");
}

TEST_F(training_view_test, a_line_never_exceeds_the_terminal) {
  for (std::size_t width = 0; width < 90; ++width) {
    training_view view{{true, width}, write, time};
    view.moved({9, 10, 1, 1000000, 123456, -1});
    time.advance(100h);
    view.moved({9, 10, 2, 1000000, 123456, -1});
    for (auto text = shown(); !text.empty();) {
      const auto end = std::min(text.find('\r', 1), text.size());
      EXPECT_LE(end, width + 4); // the control sequence
      text.erase(0, end);
    }
  }
}

TEST_F(training_view_test, elsewhere_it_is_a_line_a_minute) {
  training_view view{{false, 80}, write, time};
  view.began(parts);
  shown();
  view.moved({1, 3, 1, 100, 1, -1});
  time.advance(59s);
  view.moved({1, 3, 2, 100, 1, -1});
  EXPECT_THAT(shown(), IsEmpty());
  time.advance(1s);
  view.moved({1, 3, 3, 100, 1, -1});
  EXPECT_THAT(shown(), AllOf(HasSubstr("epoch 1/3  loss 1.0000, step 3 of 100"), EndsWith(" left\n")));
}

} // namespace
} // namespace chalkstream::app
