#include "core/trace_context.hpp"

#include "core/journey.hpp"
#include "tests/support/records.hpp"

#include <gmock/gmock.h>

namespace chalkstream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

MATCHER_P2(is_header, name, value, "") {
  return arg.name == name && arg.value == value;
}

record with_headers(std::vector<header> headers) {
  return test::make_record(0, 0, "key", "value", std::move(headers));
}

TEST(trace_context_test, reads_what_it_writes) {
  const auto read = read_traceparent(parent);
  ASSERT_TRUE(read);
  EXPECT_EQ(hex(read->trace), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(hex(read->span), "00f067aa0ba902b7");
  EXPECT_TRUE(read->sampled());
  EXPECT_EQ(write_traceparent(*read), parent);
}

TEST(trace_context_test, refuses_what_the_standard_refuses) {
  for (const auto* text : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", // too short
                           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",        // capitals
                           "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
                           "00-00000000000000000000000000000000-00f067aa0ba902b7-01", // no trace
                           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", // no span
                           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", // longer than version 00
                           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
                           "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
                           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0\0"})
    EXPECT_FALSE(read_traceparent(text)) << text;
}

TEST(trace_context_test, a_later_version_is_read_as_far_as_it_is_known) {
  const auto read = read_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-more");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->flags, 3);
  EXPECT_TRUE(read_traceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"));
}

TEST(trace_headers_test, pass_on_what_came_where_nothing_is_traced) {
  const auto input = with_headers({{"traceparent", std::string(parent)}, {"tracestate", "a=1,b=2"}, {"x", "y"}});
  EXPECT_THAT(trace_headers(input, nullptr),
              ElementsAre(is_header("traceparent", std::string(parent)), is_header("tracestate", "a=1,b=2")));
}

TEST(trace_headers_test, name_our_own_span_where_there_is_one) {
  const auto input = with_headers({{"traceparent", std::string(parent)}, {"tracestate", "a=1"}});
  journey own;
  own.own = *read_traceparent(parent);
  own.own.span = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_THAT(trace_headers(input, &own),
              ElementsAre(is_header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-0102030405060708-01"),
                          is_header("tracestate", "a=1")));
  EXPECT_THAT(trace_headers(with_headers({}), &own), testing::SizeIs(1)) << "a trace that begins here";
}

TEST(trace_headers_test, leave_out_what_is_malformed) {
  EXPECT_THAT(trace_headers(with_headers({{"traceparent", "nonsense"}, {"tracestate", "a=1"}}), nullptr), IsEmpty());
  EXPECT_THAT(trace_headers(with_headers({{"traceparent", std::nullopt}}), nullptr), IsEmpty());
  EXPECT_THAT(trace_headers(with_headers({{"tracestate", "a=1"}}), nullptr), IsEmpty());
  const auto twice = with_headers({{"traceparent", std::string(parent)}, {"traceparent", std::string(parent)}});
  EXPECT_THAT(trace_headers(twice, nullptr), IsEmpty());
  const auto long_state = with_headers({{"traceparent", std::string(parent)}, {"tracestate", std::string(513, 'a')}});
  EXPECT_THAT(trace_headers(long_state, nullptr), ElementsAre(is_header("traceparent", std::string(parent))));
  const auto odd_state = with_headers({{"traceparent", std::string(parent)}, {"tracestate", "a=\n"}});
  EXPECT_THAT(trace_headers(odd_state, nullptr), testing::SizeIs(1));
}

TEST(trace_headers_test, a_dead_letter_keeps_its_own_headers_but_for_the_span) {
  std::vector<header> headers{{"a", "b"}, {"traceparent", std::string(parent)}};
  continue_trace(headers, nullptr);
  EXPECT_THAT(headers, ElementsAre(is_header("a", "b"), is_header("traceparent", std::string(parent))));
  journey own;
  own.own = *read_traceparent(parent);
  own.own.span = {1, 2, 3, 4, 5, 6, 7, 8};
  continue_trace(headers, &own);
  EXPECT_THAT(headers,
              ElementsAre(is_header("a", "b"),
                          is_header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-0102030405060708-01")));
}

TEST(journey_test, steps_of_one_text_are_one_computation) {
  journey j;
  const auto at = [](int s) { return time_point{} + std::chrono::seconds(s); };
  j.add({journey_stage::queue, at(0), at(1)});
  j.add({journey_stage::compute, at(1), at(2), 3});
  j.add({journey_stage::compute, at(3), at(4), 7});
  j.add({journey_stage::complete, at(4), at(5)});
  ASSERT_EQ(j.stages.size(), 3U);
  EXPECT_EQ(j.stages[1].from, at(1));
  EXPECT_EQ(j.stages[1].to, at(4));
  EXPECT_EQ(j.stages[1].batch_records, 7U);
}

} // namespace
} // namespace chalkstream
