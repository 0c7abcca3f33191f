#include "models/document.hpp"

#include <gtest/gtest.h>

namespace chalkstream::models {
namespace {

std::string refusal(std::string_view text, const json_limits& limits = {}) {
  const auto parsed = parse_json(text, limits);
  return parsed ? "" : parsed.error().message;
}

TEST(json_value_test, keeps_members_in_order_with_their_own_types) {
  const auto root = parse_json(R"({"b": [1, -2, 3.5, true, null, "x"], "a": {"c": 18446744073709551615}})");
  ASSERT_TRUE(root);
  const auto& members = *root->as<json_value::object>();
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[0].first, "b");
  const auto& list = *root->find("b")->as<json_value::array>();
  EXPECT_EQ(*list[0].as<std::uint64_t>(), 1u);
  EXPECT_EQ(*list[1].as<std::int64_t>(), -2);
  EXPECT_EQ(*list[2].as<double>(), 3.5);
  EXPECT_TRUE(*list[3].as<bool>());
  EXPECT_TRUE(list[4].is_null());
  EXPECT_EQ(*list[5].as<std::string>(), "x");
  EXPECT_EQ(*root->find("a")->find("c")->as<std::uint64_t>(), 18446744073709551615u);
  EXPECT_EQ(root->find("missing"), nullptr);
}

TEST(json_value_test, refuses_what_is_not_json_and_says_where) {
  EXPECT_NE(refusal("{\"a\": }").find("byte 7"), std::string::npos);
  EXPECT_FALSE(refusal("").empty());
  EXPECT_FALSE(refusal("{} {}").empty());
  EXPECT_FALSE(refusal("{\"a\": \"\xff\"}").empty());
  EXPECT_FALSE(refusal("1e999").empty());
}

TEST(json_value_test, refuses_two_members_of_one_name) {
  EXPECT_EQ(refusal(R"({"a": 1, "b": 2, "a": 3})"), "has two members named 'a'");
}

TEST(json_value_test, refuses_deep_nesting_without_recursing_into_it) {
  EXPECT_EQ(refusal(std::string(32, '[') + std::string(32, ']')), "");
  EXPECT_EQ(refusal(std::string(33, '[') + std::string(33, ']')), "is nested deeper than 32 levels");
  EXPECT_EQ(refusal(std::string(1u << 20, '[')), "is nested deeper than 32 levels");
}

TEST(json_value_test, refuses_more_bytes_or_values_than_the_limits_allow) {
  EXPECT_EQ(refusal("[1, 2, 3]", {.bytes = 100, .depth = 4, .nodes = 3}), "has more than 3 values");
  EXPECT_EQ(refusal("[1, 2, 3]", {.bytes = 8, .depth = 4, .nodes = 9}), "is larger than 8 bytes");
}

TEST(settings_test, names_file_and_member_of_a_wrong_type) {
  const auto root = parse_json(R"({"n": "three", "absent": null, "x": 2, "on": 1})");
  ASSERT_TRUE(root);
  const settings s("config.json", *root);
  EXPECT_EQ(s.whole_number("n", 3).error().message, "config.json: 'n' must be a whole number of at least 0");
  EXPECT_EQ(s.whole_number("absent", 3).value(), 3u);
  EXPECT_EQ(s.number("x", std::nullopt).value(), 2.0);
  EXPECT_EQ(s.number("nowhere", std::nullopt).error().code, errc::invalid_configuration);
  EXPECT_FALSE(s.flag("on", true));
  EXPECT_FALSE(s.text("x", "y"));
}

} // namespace
} // namespace chalkstream::models
