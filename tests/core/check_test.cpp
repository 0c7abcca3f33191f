#include "core/check.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace chalkstream {
namespace {

TEST(check_test, a_kept_promise_costs_nothing_and_is_evaluated_once) {
  int evaluated = 0;
  CHALK_PROMISE(++evaluated == 1, "never");
  EXPECT_EQ(evaluated, 1);
}

TEST(check_test, a_broken_promise_aborts_and_names_condition_reason_and_place) {
  const int two = 2;
  EXPECT_EXIT(CHALK_PROMISE(two == 3, "two is not three"), ::testing::KilledBySignal(SIGABRT),
              "broken promise: two is not three \\(two == 3\\) at .*check_test\\.cpp:[0-9]+");
}

TEST(check_test, it_is_one_statement) {
  if (false)
    CHALK_PROMISE(false, "not reached");
  else
    SUCCEED();
}

} // namespace
} // namespace chalkstream
