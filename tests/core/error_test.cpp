#include "core/error.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace chalkstream {
namespace {

result<int> half(int whole) {
  if (whole % 2 != 0)
    return {errc::invalid_argument, "odd"};
  return whole / 2;
}

result<std::string> quarter_as_text(int whole) {
  CHALK_TRY(const auto once, half(whole));
  CHALK_TRY(const auto twice, half(once));
  return std::to_string(twice);
}

result<void> check_both(int a, int b) {
  CHALK_CHECK(half(a).ok() ? result<void>{} : result<void>(errc::corrupt, "first"));
  CHALK_CHECK(half(b).ok() ? result<void>{} : result<void>(errc::io, "second"));
  return {};
}

TEST(error_test, a_result_holds_its_value) {
  const auto r = half(8);
  ASSERT_TRUE(r);
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(*r, 4);
  EXPECT_EQ(r.value(), 4);
}

TEST(error_test, a_result_holds_its_error) {
  const auto r = half(7);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, errc::invalid_argument);
  EXPECT_EQ(r.error().message, "odd");
}

TEST(error_test, reading_the_wrong_side_throws_rather_than_inventing_a_value) {
  const auto good = half(2);
  const auto bad = half(3);
  EXPECT_THROW(static_cast<void>(bad.value()), std::bad_variant_access);
  EXPECT_THROW(static_cast<void>(good.error()), std::bad_variant_access);
}

TEST(error_test, a_result_hands_over_what_cannot_be_copied) {
  result<std::unique_ptr<int>> r(std::make_unique<int>(5));
  ASSERT_TRUE(r);
  EXPECT_EQ(**r, 5);
  const auto owned = std::move(r).value();
  EXPECT_EQ(*owned, 5);
}

TEST(error_test, chalk_try_continues_with_the_value) {
  const auto r = quarter_as_text(12);
  ASSERT_TRUE(r);
  EXPECT_EQ(*r, "3");
  EXPECT_EQ(r->size(), 1u);
}

TEST(error_test, chalk_try_returns_the_first_error_into_a_result_of_another_type) {
  EXPECT_EQ(quarter_as_text(5).error().message, "odd");
  EXPECT_EQ(quarter_as_text(6).error().code, errc::invalid_argument);
}

TEST(error_test, chalk_check_returns_the_first_error) {
  EXPECT_TRUE(check_both(2, 2));
  EXPECT_EQ(check_both(1, 1).error().message, "first");
  EXPECT_EQ(check_both(2, 1).error().message, "second");
}

TEST(error_test, every_code_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (auto code = errc::invalid_argument; code <= errc::internal;
       code = static_cast<errc>(static_cast<int>(code) + 1))
    names.insert(to_string(code));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(errc::internal) + 1);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(error_test, an_error_reads_as_code_and_message) {
  EXPECT_EQ(to_string(error{errc::not_found, "no such topic"}), "not_found: no such topic");
  EXPECT_EQ(to_string(error{errc::fenced, ""}), "fenced");
}

} // namespace
} // namespace chalkstream
