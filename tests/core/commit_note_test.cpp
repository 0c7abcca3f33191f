#include "core/commit_note.hpp"

#include "tests/support/seeds.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace chalkstream {
namespace {

std::vector<offset_range> any_ranges(test::random_engine& random, std::int64_t beyond, std::int64_t count,
                                     std::int64_t longest) {
  std::vector<offset_range> ranges;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto begin = beyond + test::any_of(random, 1, longest);
    ranges.push_back({begin, begin + test::any_of(random, 1, longest)});
    beyond = ranges.back().end;
  }
  return ranges;
}

TEST(commit_note_test, it_reads_as_its_header_says) {
  const commit_note note{"host-0.42", 1, true, 120, {{102, 105}, {106, 107}}};
  EXPECT_EQ(encode(note, 100), "c1;w=host-0.42;l=1;p=1;s=120;d=2+3,1+1");
  EXPECT_EQ(decode_commit_note("c1;w=host-0.42;l=1;p=1;s=120;d=2+3,1+1", 100), note);
}

TEST(commit_note_test, an_empty_note_is_its_version_alone) {
  EXPECT_EQ(encode({}, 7), "c1");
  EXPECT_EQ(decode_commit_note("c1", 7), commit_note{});
}

TEST(commit_note_test, another_programs_note_counts_as_empty) {
  for (const auto* text :
       {"", "NoCommitMetadata", "{\"a\":1}", "c2;l=3", "c1 ;l=3", "C1;l=3", ";l=3", "AgEAAXPnzw=="})
    EXPECT_EQ(decode_commit_note(text, 0), commit_note{}) << text;
}

TEST(commit_note_test, a_damaged_note_counts_as_empty) {
  for (const auto* text : {"c1;d=0+3", "c1;d=2+0", "c1;d=-2+3", "c1;d=2", "c1;d=2+3,,1+1", "c1;d=2+3;d=1+1", "c1;l=x",
                           "c1;l=", "c1;s=-1", "c1;l=99999999999999999999",
                           "c1;d=9223372036854775807+9223372036854775807", "c1;w=%4", "c1;w=%zz", "c1;w=a%"})
    EXPECT_EQ(decode_commit_note(text, 0), commit_note{}) << text;
}

TEST(commit_note_test, fields_a_later_version_adds_are_passed_over) {
  EXPECT_EQ(decode_commit_note("c1;x=what;l=2;y", 0).level, 2u);
}

TEST(commit_note_test, a_level_too_large_to_count_stays_alarming) {
  EXPECT_EQ(decode_commit_note("c1;l=4294967296", 0).level, std::numeric_limits<std::uint32_t>::max());
}

TEST(commit_note_test, a_window_may_have_any_name) {
  const commit_note note{"Gruppe ü;d=1+1,%25\n\x01", 2, false, 9, {{12, 13}}};
  const auto text = encode(note, 10);
  EXPECT_EQ(decode_commit_note(text, 10), note);
  for (const char c : text)
    EXPECT_TRUE(c > ' ' && c <= '~') << text;
}

TEST(commit_note_test, ranges_that_touch_the_position_stop_the_process_rather_than_lose_the_note) {
  EXPECT_DEATH(encode({{}, 0, false, 0, {{5, 6}}}, 5), "finished ranges that touch or overlap");
  EXPECT_DEATH(encode({{}, 0, false, 0, {{7, 9}, {9, 10}}}, 5), "finished ranges that touch or overlap");
}

TEST(commit_note_test, what_is_encoded_is_what_is_decoded) {
  test::for_seeds(3000, [](test::random_engine& random) {
    const auto committed = test::any_of(random, 0, std::int64_t{1} << 47);
    commit_note note;
    note.window = test::one_in(random, 4) ? "" : "host-" + std::to_string(test::any_of(random, 0, 1'000'000));
    note.level = static_cast<std::uint32_t>(test::any_of(random, 0, 6));
    note.progressed = test::one_in(random, 2);
    note.suspect_until = test::any_of(random, 0, std::int64_t{1} << 48);
    note.finished = any_ranges(random, committed, test::any_of(random, 0, 200), 1'000'000);
    ASSERT_EQ(decode_commit_note(encode(note, committed), committed), note);
  });
}

TEST(commit_note_test, as_many_ranges_as_allowed_fit_into_the_brokers_limit) {
  test::for_seeds(200, [](test::random_engine& random) {
    const auto committed = test::any_of(random, 0, std::int64_t{1} << 47);
    const commit_note note{std::string(256, 'w'), 5, true, committed + 1'000'000'000'000,
                           any_ranges(random, committed, max_note_ranges, 999'999'999'999)};
    ASSERT_LE(encode(note, committed).size(), 4096u);
  });
}

TEST(commit_note_test, no_garbage_crashes_it_or_yields_ranges_out_of_order) {
  constexpr std::string_view alphabet = "c1;=+,dwlps0123456789-%\xff\n";
  test::for_seeds(20'000, [&](test::random_engine& random) {
    const auto committed = test::any_of(random, -1, std::int64_t{1} << 50);
    std::string text;
    if (test::one_in(random, 3)) { // a valid note with a few bytes changed, cut or doubled
      text = encode({"w", 3, true, 99, any_ranges(random, committed, test::any_of(random, 0, 5), 50)}, committed);
      for (auto changes = test::any_of(random, 1, 3); changes > 0 && !text.empty(); --changes) {
        const auto at = static_cast<std::size_t>(test::any_of(random, 0, static_cast<std::int64_t>(text.size()) - 1));
        switch (test::any_of(random, 0, 2)) {
        case 0:
          text[at] = static_cast<char>(test::any_of(random, 0, 255));
          break;
        case 1:
          text.resize(at);
          break;
        default:
          text += text.substr(at);
        }
      }
    } else {
      text = test::one_in(random, 2) ? "c1;" : "c1;d=";
      for (auto length = test::any_of(random, 0, 60); length > 0; --length)
        text += alphabet[static_cast<std::size_t>(test::any_of(random, 0, alphabet.size() - 1))];
    }
    auto before = committed;
    for (const auto& r : decode_commit_note(text, committed).finished) {
      ASSERT_GT(r.begin, before) << text;
      ASSERT_GT(r.end, r.begin) << text;
      before = r.end;
    }
  });
}

} // namespace
} // namespace chalkstream
