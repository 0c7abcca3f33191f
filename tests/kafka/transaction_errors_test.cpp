#include "kafka/transaction_errors.hpp"

#include <gtest/gtest.h>

namespace chalkstream::kafka {
namespace {

TEST(transaction_errors_test, success_needs_no_remedy) {
  EXPECT_EQ(remedy_for({}), remedy::none);
}

TEST(transaction_errors_test, an_abort_comes_before_another_try) {
  EXPECT_EQ(remedy_for({.failed = true, .requires_abort = true, .retriable = true}), remedy::abort);
  EXPECT_EQ(remedy_for({.failed = true, .requires_abort = true}), remedy::abort);
}

TEST(transaction_errors_test, a_passing_error_is_tried_again) {
  EXPECT_EQ(remedy_for({.failed = true, .retriable = true}), remedy::retry);
}

TEST(transaction_errors_test, a_fatal_error_ends_the_producer) {
  EXPECT_EQ(remedy_for({.failed = true, .fatal = true}), remedy::new_producer);
  EXPECT_EQ(remedy_for({.failed = true, .retriable = true, .fatal = true}), remedy::new_producer);
}

TEST(transaction_errors_test, an_error_without_any_flag_is_as_good_as_fatal) {
  EXPECT_EQ(remedy_for({.failed = true}), remedy::new_producer);
}

} // namespace
} // namespace chalkstream::kafka
