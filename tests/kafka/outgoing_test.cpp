#include "kafka/outgoing.hpp"

#include "kafka/transactional_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace chalkstream::kafka {
namespace {

std::optional<std::string> header_of(const output& o, std::string_view name) {
  const auto at =
      std::find_if(o.headers.begin(), o.headers.end(), [name](const header& h) { return h.name == name; });
  return at == o.headers.end() ? std::nullopt : at->value;
}

TEST(outgoing_test, the_claim_check_of_a_result_names_its_source_and_carries_no_value) {
  output o;
  o.key = "pseudonym";
  o.value = std::string(5000, 'x');
  o.partition = 3;
  o.offset = 42;
  const auto check = claim_check(o, "submissions", "chalkstream 0.1");
  EXPECT_EQ(check.to, destination::dead_letters);
  EXPECT_EQ(check.key, "pseudonym");
  EXPECT_TRUE(check.null_value);
  EXPECT_EQ(header_of(check, "chalkstream_reason"), "result_too_large");
  EXPECT_EQ(header_of(check, "chalkstream_stage"), "publish");
  EXPECT_EQ(header_of(check, "chalkstream_source"), "submissions/3/42");
  EXPECT_EQ(header_of(check, "chalkstream_engine"), "chalkstream 0.1");
  EXPECT_LT(wire_bytes(check), 1000u);
}

TEST(outgoing_test, the_claim_check_of_a_dead_letter_keeps_its_reason_and_drops_foreign_headers) {
  output o;
  o.to = destination::dead_letters;
  const std::string body(100, 'b');
  o.borrowed = body;
  o.headers = {{"chalkstream_reason", "malformed_json"}, {"huge", std::string(100000, 'h')}};
  const auto check = claim_check(o, "submissions", "chalkstream");
  EXPECT_EQ(header_of(check, "chalkstream_reason"), "malformed_json");
  EXPECT_EQ(header_of(check, "chalkstream_omitted_bytes"), "100");
  EXPECT_EQ(header_of(check, "huge"), std::nullopt);
  EXPECT_TRUE(check.null_value);
}

TEST(outgoing_test, a_key_that_is_itself_too_large_is_left_out_of_the_claim_check) {
  output o;
  o.key = std::string(2'000'000, 'k');
  EXPECT_EQ(claim_check(o, "t", "e").key, std::nullopt);
}

TEST(outgoing_test, batches_shrink_to_one_output_each) {
  std::size_t bytes = first_batch_bytes;
  int steps = 0;
  while (bytes > 1) {
    ASSERT_LT(smaller_batch(bytes), bytes);
    bytes = smaller_batch(bytes);
    ++steps;
  }
  EXPECT_LE(steps, 5);
  EXPECT_EQ(smaller_batch(1), 1u);
}

TEST(outgoing_test, a_window_is_known_by_one_position_with_its_note) {
  commit_window w;
  w.positions = {{0, 10, "mine"}, {1, 20, "mine"}};
  EXPECT_TRUE(is_committed(w, std::vector<committed_offset>{{0, 10, "mine"}, {1, 20, "mine"}}));
  EXPECT_TRUE(is_committed(w, std::vector<committed_offset>{{0, 10, "mine"}, {1, 25, "another member's"}}));
  EXPECT_FALSE(is_committed(w, std::vector<committed_offset>{{0, 10, "before"}, {1, 20, "before"}}));
  EXPECT_FALSE(is_committed(w, std::vector<committed_offset>{{0, 5, "mine"}, {1, -1, ""}}));
  EXPECT_FALSE(is_committed(w, std::vector<committed_offset>{}));
}

} // namespace
} // namespace chalkstream::kafka
