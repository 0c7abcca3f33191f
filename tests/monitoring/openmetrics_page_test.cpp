#include "monitoring/openmetrics_page.hpp"

#include "monitoring/registry.hpp"
#include "tests/monitoring/openmetrics_reader.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <regex>
#include <set>
#include <sstream>

namespace chalkstream::monitoring {
namespace {

using testing::HasSubstr;
using testing::Not;

const trace_mark traced{
    {0x4b, 0xf9, 0x2f}, {0x00, 0xf0, 0x67}, wall_time(std::chrono::milliseconds(1'795'489'718'007))};

class openmetrics_page_test : public testing::Test {
protected:
  std::string page() const { return counts.expose(page_format::openmetrics); }

  test::read_page read() const {
    auto found = test::read_openmetrics(page());
    EXPECT_EQ(found.wrong, "");
    return found;
  }

  registry counts{{"1.2.3", "a \"b\"\\c\nd", "2.14.2", "2.11.0"}};
  std::shared_ptr<pipeline_probe> grading = counts.pipeline("short-answers");
  std::shared_ptr<model_probe> minilm = counts.model("minilm", "main", "cpu");
  std::shared_ptr<load_probe> loads = counts.loads("minilm", "cpu");
  std::shared_ptr<device_probe> cpu = counts.device("cpu");
  std::shared_ptr<autoscale_probe> scaler = counts.autoscale("minilm");
};

TEST_F(openmetrics_page_test, a_strict_reader_takes_it_before_and_after_something_happened) {
  EXPECT_GT(read().families.size(), 40u);
  counts.pipeline("next-steps")->received(3);
  counts.autoscale_key(7'341'883'192'004'117);
  grading->received(5);
  grading->answered(true, 0.02, traced);
  grading->answered(false, 400, traced);
  grading->prepared(0.0001, traced);
  grading->queued(0.2, traced);
  grading->slack(-2);
  grading->committed(true, 0.005, 2);
  grading->published(0.005, traced);
  minilm->computed(0.3, traced);
  minilm->batch(3, 100, 512);
  loads->loaded(true, 12);
  cpu->slots(2, 0.123456789);
  const auto seen = read();
  const auto* build = seen.family("chalkstream_build");
  ASSERT_NE(build, nullptr);
  EXPECT_EQ(build->type, "info");
  EXPECT_EQ(build->samples.at(0).labels.at("version"), "1.2.3");
  EXPECT_EQ(seen.sample("chalkstream_records_total", {{"pipeline", "short-answers"}})->value, 5);
  EXPECT_EQ(seen.sample("chalkstream_slot_busy_ratio", {{"device", "cpu"}})->value, 0.123456789);
  EXPECT_EQ(seen.sample("chalkstream_autoscale_key", {})->value, 7'341'883'192'004'117);
}

TEST_F(openmetrics_page_test, its_head_is_as_the_standard_has_it) {
  const auto text = page();
  EXPECT_THAT(text, HasSubstr("# TYPE chalkstream_records counter\n# UNIT chalkstream_records records\n# HELP "
                              "chalkstream_records Records read from the input topic.\n"
                              "chalkstream_records_total{pipeline=\"short-answers\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE chalkstream_build info\n# HELP chalkstream_build "));
  EXPECT_THAT(text, HasSubstr("chalkstream_build_info{version=\"1.2.3\",caf=\"a \\\"b\\\"\\\\c\\nd\","));
  EXPECT_THAT(text, Not(HasSubstr("# UNIT chalkstream_results")));
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
}

TEST_F(openmetrics_page_test, a_traced_value_stands_beside_its_bucket) {
  grading->answered(false, 0.0625, traced);
  EXPECT_THAT(page(),
              HasSubstr("chalkstream_request_duration_seconds_bucket{pipeline=\"short-answers\",le=\"0.1\"} 1 # "
                        "{trace_id=\"4bf92f00000000000000000000000000\",span_id=\"00f0670000000000\"} 0.0625 "
                        "1795489718.007\n"));
  const auto seen = read();
  std::size_t exemplars = 0;
  for (const auto& f : seen.families)
    for (const auto& s : f.samples)
      exemplars += s.exemplar ? 1 : 0;
  EXPECT_EQ(exemplars, 1u);
}

TEST_F(openmetrics_page_test, the_five_latencies_have_exemplars_each_of_its_own) {
  grading->answered(false, 1, traced);
  grading->prepared(2, traced);
  grading->queued(3, traced);
  grading->committed(true, 4, 1);
  grading->published(4, traced);
  minilm->computed(5, traced);
  std::map<std::string, double> values;
  for (const auto& f : read().families)
    for (const auto& s : f.samples)
      if (s.exemplar)
        values[f.name] = s.exemplar->value;
  EXPECT_EQ(values, (std::map<std::string, double>{{"chalkstream_request_duration_seconds", 1},
                                                   {"chalkstream_prepare_duration_seconds", 2},
                                                   {"chalkstream_queue_duration_seconds", 3},
                                                   {"chalkstream_publish_duration_seconds", 4},
                                                   {"chalkstream_compute_duration_seconds", 5}}));
}

TEST_F(openmetrics_page_test, a_histogram_below_zero_has_neither_sum_nor_count) {
  grading->slack(-400);
  const auto text = page();
  EXPECT_THAT(text,
              HasSubstr("chalkstream_deadline_slack_seconds_bucket{pipeline=\"short-answers\",le=\"-300.0\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("chalkstream_deadline_slack_seconds_sum")));
  EXPECT_THAT(text, Not(HasSubstr("chalkstream_deadline_slack_seconds_count")));
}

// Bounds aside, and but for what the standard forbids.
TEST_F(openmetrics_page_test, both_forms_have_the_same_series) {
  grading->answered(false, 0.0625, traced);
  const auto series = [](const std::string& page) {
    std::set<std::string> all;
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("#") || line.starts_with("chalkstream_deadline_slack_seconds_sum")
          || line.starts_with("chalkstream_deadline_slack_seconds_count"))
        continue;
      line.resize(std::min(line.find(" # "), line.size()));
      line.resize(line.rfind(' '));
      all.insert(std::regex_replace(line, std::regex("(le=\"-?[0-9]+)\\.0\""), "$1\""));
    }
    return all;
  };
  EXPECT_EQ(series(page()), series(counts.expose()));
}

TEST_F(openmetrics_page_test, the_classic_text_is_the_same_whether_records_are_traced_or_not) {
  registry untraced{{"1.2.3", "", "", ""}}, with_traces{{"1.2.3", "", "", ""}};
  untraced.pipeline("p")->answered(false, 0.0625);
  with_traces.pipeline("p")->answered(false, 0.0625, traced);
  const auto from_pipelines_on = [](const std::string& page) {
    return page.substr(page.find("# HELP chalkstream_records"));
  };
  EXPECT_EQ(from_pipelines_on(untraced.expose()), from_pipelines_on(with_traces.expose()));
  EXPECT_THAT(with_traces.expose(), HasSubstr("# TYPE chalkstream_build_info gauge\n"));
}

TEST(canonical_test, numbers_are_those_of_the_standard) {
  const std::vector<std::pair<double, std::string>> expected{{0, "0.0"},
                                                             {0.001, "0.001"},
                                                             {0.002, "0.002"},
                                                             {0.01, "0.01"},
                                                             {0.1, "0.1"},
                                                             {0.9, "0.9"},
                                                             {0.95, "0.95"},
                                                             {0.99, "0.99"},
                                                             {0.999, "0.999"},
                                                             {1, "1.0"},
                                                             {1.7, "1.7"},
                                                             {10, "10.0"},
                                                             {1e-10, "1e-10"},
                                                             {1e-9, "1e-09"},
                                                             {1e-5, "1e-05"},
                                                             {1e-4, "0.0001"},
                                                             {1e5, "100000.0"},
                                                             {1e6, "1e+06"},
                                                             {1e10, "1e+10"},
                                                             {-0.5, "-0.5"},
                                                             {-300, "-300.0"},
                                                             {16384, "16384.0"},
                                                             {123456.5, "123456.5"},
                                                             {1234567, "1.234567e+06"},
                                                             {0.0005, "0.0005"},
                                                             {std::numeric_limits<double>::infinity(), "+Inf"},
                                                             {-std::numeric_limits<double>::infinity(), "-Inf"},
                                                             {std::numeric_limits<double>::quiet_NaN(), "NaN"}};
  for (const auto& [value, text] : expected)
    EXPECT_EQ(canonical(value), text);
}

TEST(openmetrics_reader_test, notices_what_is_wrong) {
  const std::string head = "# TYPE a histogram\n# HELP a Something.\n", end = "# EOF\n";
  const std::string whole = head + "a_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 2\na_count 2\na_sum 3\n";
  EXPECT_EQ(test::read_openmetrics(whole + end).wrong, "");
  for (const auto& page :
       {whole, whole + end + "\n", end + whole, head + end,
        head + "a_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 2\n" + end, head + "a_bucket{le=\"1.0\"} 1\n" + end,
        head + "a_bucket{le=\"1.0\"} 3\na_bucket{le=\"+Inf\"} 2\n" + end,
        head + "a_bucket{le=\"-1.0\"} 1\na_bucket{le=\"+Inf\"} 2\na_sum 3\n" + end, whole + whole + end,
        head + "a_bucket{le=\"+Inf\"} 2\na_count 3\n" + end,
        head + "a_bucket{le=\"1.0\"} 1 # {trace_id=\"x\"} 2 1\na_bucket{le=\"+Inf\"} 2\n" + end,
        head + "a_bucket{le=\"+Inf\"} 1 # {trace_id=\"" + std::string(130, 'x') + "\"} 2 1\n" + end,
        std::string("# TYPE c counter\n# HELP c x\nc 1\n") + end,
        std::string("# TYPE c counter\n# UNIT c seconds\n# HELP c x\nc_total 1\n") + end,
        std::string("# TYPE c gauge\n# HELP c a \"quote\"\nc 1\n") + end})
    EXPECT_NE(test::read_openmetrics(page).wrong, "") << page;
}

} // namespace
} // namespace chalkstream::monitoring
