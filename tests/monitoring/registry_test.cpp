#include "monitoring/registry.hpp"

#include "monitoring/observer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace chalkstream::monitoring {
namespace {

// The value of a series as it is written, or "absent".
std::string value_of(const registry& counts, const std::string& series) {
  std::istringstream text(counts.expose());
  for (std::string line; std::getline(text, line);)
    if (line.starts_with(series + " "))
      return line.substr(series.size() + 1);
  return "absent";
}

class registry_test : public testing::Test {
protected:
  registry counts{{"1.2.3", "0.17.6", "2.14.2", "2.11.0"}};
  std::shared_ptr<pipeline_probe> grading = counts.pipeline("short-answers");
  std::shared_ptr<model_probe> minilm = counts.model("minilm", "main", "cpu");
  std::shared_ptr<load_probe> loads = counts.loads("minilm", "cpu");
  std::shared_ptr<device_probe> cpu = counts.device("cpu");
};

TEST_F(registry_test, every_series_of_the_design_is_there_at_zero_before_anything_has_happened) {
  for (const auto* name :
       {"records_total", "results_total{decision=auto}", "results_total{decision=review}",
        "request_duration_seconds_count", "prepare_duration_seconds_count", "queue_duration_seconds_count",
        "publish_duration_seconds_count", "deadline_slack_seconds_count", "deadline_missed_total{action=shed}",
        "deadline_missed_total{action=late}", "kafka_lag_records", "in_flight_records", "in_flight_bytes",
        "transactions_total{outcome=committed}", "transactions_total{outcome=aborted}", "rebalances_total"}) {
    std::string series = std::string("chalkstream_") + name;
    std::string labels = "{pipeline=\"short-answers\"";
    if (const auto brace = series.find('{'); brace != std::string::npos) {
      const auto equals = series.find('=');
      labels += "," + series.substr(brace + 1, equals - brace) + "\""
                + series.substr(equals + 1, series.size() - equals - 2) + "\"";
      series.resize(brace);
    }
    EXPECT_EQ(value_of(counts, series + labels + "}"), "0") << series;
  }
  for (std::size_t i = 0; i < reject_reason_count; ++i) {
    const std::string reason(to_string(static_cast<reject_reason>(i)));
    EXPECT_EQ(
        value_of(counts, "chalkstream_dead_letters_total{pipeline=\"short-answers\",reason=\"" + reason + "\"}"),
        "0");
  }
  for (const auto* name :
       {"compute_duration_seconds_count", "batch_records_count", "batch_tokens_count", "batch_fill_ratio_count",
        "padding_tokens_total", "pending_records", "pending_tokens", "drain_seconds", "replicas"})
    EXPECT_EQ(
        value_of(counts, std::string("chalkstream_") + name + R"({model="minilm",version="main",device="cpu"})"), "0")
        << name;
  for (const auto* series : {R"(chalkstream_slots{device="cpu"})", R"(chalkstream_slot_busy_ratio{device="cpu"})",
                             "chalkstream_log_lines_dropped_total",
                             R"(chalkstream_model_loads_total{model="minilm",device="cpu",outcome="succeeded"})",
                             R"(chalkstream_model_loads_total{model="minilm",device="cpu",outcome="failed"})",
                             R"(chalkstream_model_load_seconds_count{model="minilm",device="cpu"})"})
    EXPECT_EQ(value_of(counts, series), "0") << series;
  EXPECT_EQ(value_of(counts, "chalkstream_build_info{version=\"1.2.3\",caf=\"0.17.6\",librdkafka=\"2.14.2\","
                             "libtorch=\"2.11.0\"}"),
            "1");
}

TEST_F(registry_test, what_a_pipeline_does_is_counted_under_its_name) {
  const auto other = counts.pipeline("next-steps");
  grading->received(5);
  other->received(1);
  grading->answered(false, 0.020);
  grading->answered(true, 0.040);
  grading->answered(std::vector{0.030, 0.031}, 1);
  grading->dead_lettered(reject_reason::empty_text);
  grading->deadline_missed(missed_action::shed);
  grading->committed(true, 0.005, 5);
  grading->committed(false, 0.5, 5);
  grading->in_flight(3, 4096);
  grading->lag(12);
  grading->slack(-2);
  EXPECT_EQ(value_of(counts, R"(chalkstream_records_total{pipeline="short-answers"})"), "5");
  EXPECT_EQ(value_of(counts, R"(chalkstream_records_total{pipeline="next-steps"})"), "1");
  EXPECT_EQ(value_of(counts, R"(chalkstream_results_total{pipeline="short-answers",decision="auto"})"), "2");
  EXPECT_EQ(value_of(counts, R"(chalkstream_results_total{pipeline="short-answers",decision="review"})"), "2");
  EXPECT_EQ(value_of(counts, R"(chalkstream_dead_letters_total{pipeline="short-answers",reason="empty_text"})"), "1");
  EXPECT_EQ(value_of(counts, R"(chalkstream_dead_letters_total{pipeline="short-answers",reason="too_deep"})"), "0");
  EXPECT_EQ(value_of(counts, R"(chalkstream_deadline_missed_total{pipeline="short-answers",action="shed"})"), "1");
  EXPECT_EQ(value_of(counts, R"(chalkstream_transactions_total{pipeline="short-answers",outcome="committed"})"), "1");
  EXPECT_EQ(value_of(counts, R"(chalkstream_transactions_total{pipeline="short-answers",outcome="aborted"})"), "1");
  EXPECT_EQ(value_of(counts, R"(chalkstream_in_flight_bytes{pipeline="short-answers"})"), "4096");
  EXPECT_EQ(value_of(counts, R"(chalkstream_kafka_lag_records{pipeline="short-answers"})"), "12");
  EXPECT_EQ(value_of(counts, R"(chalkstream_request_duration_seconds_bucket{pipeline="short-answers",le="0.025"})"),
            "1");
  EXPECT_EQ(value_of(counts, R"(chalkstream_request_duration_seconds_bucket{pipeline="short-answers",le="+Inf"})"),
            "4");
  EXPECT_EQ(value_of(counts, R"(chalkstream_deadline_slack_seconds_bucket{pipeline="short-answers",le="-1"})"), "1");
}

TEST_F(registry_test, what_results_say_is_counted_in_figures_alone) {
  result_tally graded;
  graded.score = 0.75F;
  graded.confidence = 0.42F;
  graded.agrees = true;
  graded.add(review_reason::unsure);
  graded.add(review_reason::language);
  grading->judged(graded, true);
  grading->judged({}, false);
  result_tally nothing_right;
  nothing_right.score = 0;
  nothing_right.agrees = false;
  grading->judged(nothing_right, false);
  const auto counted = [&](const std::string& name, const std::string& more) {
    return value_of(counts, "chalkstream_" + name + R"({pipeline="short-answers")" + more + "}");
  };
  EXPECT_EQ(counted("score_ratio_count", ""), "2");
  EXPECT_EQ(counted("score_ratio_bucket", R"(,le="0")"), "1");
  EXPECT_EQ(counted("score_ratio_bucket", R"(,le="0.7")"), "1");
  EXPECT_EQ(counted("score_ratio_bucket", R"(,le="0.8")"), "2");
  EXPECT_EQ(counted("confidence_ratio_count", ""), "1");
  EXPECT_EQ(counted("review_reasons_total", R"(,reason="unsure")"), "1");
  EXPECT_EQ(counted("review_reasons_total", R"(,reason="language")"), "1");
  EXPECT_EQ(counted("review_reasons_total", R"(,reason="other")"), "0");
  EXPECT_EQ(counted("graded_agreements_total", R"(,agrees="yes")"), "1");
  EXPECT_EQ(counted("graded_agreements_total", R"(,agrees="no")"), "1");
  EXPECT_EQ(counts.expose().find("chalkstream_group"), std::string::npos) << "nobody asked for groups";
}

TEST_F(registry_test, what_people_made_of_grades_is_counted_so_that_kappa_can_be_had) {
  const auto compared = [&](agreement how, std::optional<compared_grades::pair> scores) {
    result_tally tally;
    tally.compared = compared_grades{how, scores};
    grading->judged(tally, false);
  };
  // On a scale of 0 to 4; scikit-learn's cohen_kappa_score(…, weights="quadratic") of these is 0.75.
  const std::array<std::pair<float, float>, 5> graded{{{0, 0}, {1, 0}, {2, 3}, {4, 4}, {3, 1}}};
  for (const auto& [person, engine] : graded)
    compared(person == engine ? agreement::exact : agreement::adjacent,
             compared_grades::pair{person / 4, engine / 4});
  compared(agreement::apart, std::nullopt); // by their labels
  compared(agreement::unknown, std::nullopt);
  const auto counted = [&](const std::string& name, const std::string& more) {
    return std::stod(value_of(counts, "chalkstream_" + name + R"({pipeline="short-answers",)" + more + "}"));
  };
  EXPECT_EQ(counted("overrides_total", R"(agreement="exact")"), 2);
  EXPECT_EQ(counted("overrides_total", R"(agreement="adjacent")"), 3);
  EXPECT_EQ(counted("overrides_total", R"(agreement="apart")"), 1);
  EXPECT_EQ(counted("overrides_total", R"(agreement="unknown")"), 1);
  const auto sum = [&](const std::string& of) { return counted("override_score_sums_total", "of=\"" + of + "\""); };
  EXPECT_EQ(sum("pairs"), 5);
  EXPECT_EQ((sum("person") - sum("engine")) / sum("pairs"), 0.1);
  const double kappa =
      2 * (sum("pairs") * sum("product") - sum("person") * sum("engine"))
      / (sum("pairs") * (sum("person_squared") + sum("engine_squared")) - 2 * sum("person") * sum("engine"));
  EXPECT_NEAR(kappa, 0.75, 1e-6);
}

TEST(registry_groups_test, count_the_names_that_were_asked_for_and_the_rest_together) {
  result_groups asked;
  asked.names[static_cast<std::size_t>(group_kind::assignment)] = {"cells-quiz", "optics"};
  registry counts({}, asked);
  const auto grading = counts.pipeline("p");
  for (const auto* name : {"optics", "cells-quiz", "optics", "unheard-of", ""}) {
    result_tally tally;
    tally.score = 0.5F;
    tally.groups = {asked.place(group_kind::assignment, name), asked.place(group_kind::language, "en"),
                    asked.place(group_kind::tenant, "north")};
    if (std::string_view(name) == "optics")
      tally.compared = compared_grades{agreement::adjacent, std::nullopt};
    grading->judged(tally, std::string_view(name) == "optics");
  }
  const auto counted = [&](const std::string& group, const std::string& decision) {
    return value_of(counts, R"(chalkstream_group_results_total{pipeline="p",by="assignment",group=")" + group
                                + R"(",decision=")" + decision + "\"}");
  };
  EXPECT_EQ(counted("optics", "review"), "2");
  EXPECT_EQ(counted("cells-quiz", "auto"), "1");
  EXPECT_EQ(counted("other", "auto"), "2");
  EXPECT_EQ(value_of(counts, R"(chalkstream_group_score_ratio_count{pipeline="p",by="assignment",group="other"})"),
            "2");
  EXPECT_EQ(counts.expose().find("by=\"language\""), std::string::npos);
  const auto overridden = [&](const std::string& group) {
    return value_of(counts, R"(chalkstream_group_overrides_total{pipeline="p",by="assignment",group=")" + group
                                + R"(",agreement="adjacent"})");
  };
  EXPECT_EQ(overridden("optics"), "2");
  EXPECT_EQ(overridden("other"), "0");
}

TEST(registry_groups_test, the_number_of_series_does_not_follow_what_comes) {
  result_groups asked;
  asked.names[static_cast<std::size_t>(group_kind::assignment)] = {"assignment-1", "assignment-2"};
  asked.names[static_cast<std::size_t>(group_kind::language)] = {"en"};
  registry counts({}, asked);
  const auto grading = counts.pipeline("p");
  const auto lines = [&] {
    const auto page = counts.expose();
    return std::count(page.begin(), page.end(), '\n');
  };
  const auto before = lines();
  for (std::size_t learner = 0; learner < 10'000; ++learner) {
    result_tally tally;
    tally.score = static_cast<float>(learner % 101) / 100;
    tally.groups[0] = asked.place(group_kind::assignment, "assignment-" + std::to_string(learner % 500));
    tally.groups[1] = asked.place(group_kind::language, learner % 2 == 0 ? "en" : "xx");
    tally.add(static_cast<review_reason>(learner % review_reason_count));
    grading->answered(learner % 3 == 0, 0.01);
    grading->judged(tally, learner % 3 == 0);
  }
  EXPECT_EQ(lines(), before);
}

TEST_F(registry_test, a_snapshot_holds_what_a_person_wants_to_see) {
  grading->received(104);
  grading->answered(std::vector<double>(99, 0.010), 4);
  grading->answered(true, 2.0);
  grading->dead_lettered(reject_reason::malformed_json);
  grading->dead_lettered(reject_reason::malformed_json);
  grading->dead_lettered(reject_reason::too_large);
  grading->in_flight(1, 100);
  const auto seen = counts.snapshots();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].name, "short-answers");
  EXPECT_EQ(seen[0].received, 104u);
  EXPECT_EQ(seen[0].answered, 100u);
  EXPECT_EQ(seen[0].review, 5u);
  EXPECT_EQ(seen[0].dead(), 3u);
  EXPECT_EQ(seen[0].dead_by_reason[static_cast<std::size_t>(reject_reason::malformed_json)], 2u);
  EXPECT_EQ(seen[0].in_flight, 1u);
  EXPECT_NEAR(seen[0].p50(), 0.010, 0.0004);
  EXPECT_NEAR(seen[0].p99(), 0.010, 0.0004);
  EXPECT_NEAR(seen[0].latency.quantile(1), 2.0, 0.07);
}

TEST_F(registry_test, what_a_model_does_is_counted_under_its_version_and_device) {
  minilm->batch(6, 384, 512);
  minilm->batch(1, 700, 512);
  minilm->computed(0.03);
  minilm->pending(20, 900, 1.5);
  minilm->replicas(2);
  const std::string of = R"({model="minilm",version="main",device="cpu"})";
  EXPECT_EQ(value_of(counts, "chalkstream_batch_records_sum" + of), "7");
  EXPECT_EQ(value_of(counts, "chalkstream_batch_tokens_sum" + of), "1084");
  EXPECT_EQ(value_of(counts, "chalkstream_compute_duration_seconds_count" + of), "1");
  EXPECT_EQ(value_of(counts, "chalkstream_drain_seconds" + of), "1.5");
  EXPECT_EQ(value_of(counts, "chalkstream_replicas" + of), "2");
  EXPECT_EQ(
      value_of(counts, R"(chalkstream_batch_fill_ratio_bucket{model="minilm",version="main",device="cpu",le="0.8"})"),
      "1");
}

TEST_F(registry_test, what_the_slots_do_is_counted_under_its_device) {
  cpu->slots(4, 0.25);
  counts.device("cuda:0")->slots(4, 0.5);
  EXPECT_EQ(value_of(counts, R"(chalkstream_slots{device="cpu"})"), "4");
  EXPECT_EQ(value_of(counts, R"(chalkstream_slot_busy_ratio{device="cpu"})"), "0.25");
  EXPECT_EQ(value_of(counts, R"(chalkstream_slot_busy_ratio{device="cuda:0"})"), "0.5");
}

TEST_F(registry_test, the_same_labels_give_the_same_probe) {
  EXPECT_EQ(counts.pipeline("short-answers"), grading);
  EXPECT_EQ(counts.model("minilm", "main", "cpu"), minilm);
  EXPECT_NE(counts.model("minilm", "main", "cuda:0"), minilm);
  EXPECT_EQ(counts.device("cpu"), cpu);
  EXPECT_EQ(counts.process(), counts.process());
}

TEST_F(registry_test, the_observer_counts_loads_and_passes_progress_on) {
  std::string heard;
  observer watch(counts, [&](std::string_view step, double f) { heard += std::string(step) + std::to_string(f); });
  watch.model_loaded("minilm", "cpu", true, std::chrono::milliseconds(1500));
  watch.model_loaded("other", "cuda:0", false, std::chrono::seconds(1));
  watch.progress("loading", 0.5);
  EXPECT_EQ(value_of(counts, R"(chalkstream_model_loads_total{model="minilm",device="cpu",outcome="succeeded"})"),
            "1");
  EXPECT_EQ(value_of(counts, R"(chalkstream_model_loads_total{model="other",device="cuda:0",outcome="failed"})"),
            "1");
  EXPECT_EQ(value_of(counts, R"(chalkstream_model_load_seconds_sum{model="minilm",device="cpu"})"), "1.5");
  EXPECT_EQ(heard, "loading0.500000");
  observer(counts).progress("nobody listens", 1);
}

TEST_F(registry_test, the_process_describes_itself) {
  EXPECT_GT(std::atof(value_of(counts, "process_resident_memory_bytes").c_str()), 1e6);
  EXPECT_GE(std::atof(value_of(counts, "process_cpu_seconds_total").c_str()), 0);
  EXPECT_GT(std::atof(value_of(counts, "process_open_fds").c_str()), 2);
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(std::atof(value_of(counts, "process_start_time_seconds").c_str()), now, 3600);
}

TEST_F(registry_test, promtool_finds_nothing_to_say_about_the_page) {
  grading->received(3);
  grading->answered(true, 0.1);
  grading->slack(-400);
  minilm->batch(3, 100, 512);
  cpu->slots(2, 0.25);
  const auto file = std::filesystem::temp_directory_path() / ("chalkstream-page-" + std::to_string(getpid()));
  std::ofstream(file) << counts.expose();
  const auto command = "promtool check metrics <" + file.string() + " 2>&1";
  auto* tool = popen(command.c_str(), "r");
  ASSERT_NE(tool, nullptr);
  std::string said;
  for (int c; (c = std::fgetc(tool)) != EOF;)
    said.push_back(static_cast<char>(c));
  EXPECT_EQ(pclose(tool), 0) << "promtool comes with Debian's package prometheus";
  EXPECT_EQ(said, "");
  std::filesystem::remove(file);
}

TEST_F(registry_test, an_awkward_name_cannot_break_the_page) {
  counts.pipeline("a\"b\\c\nd")->received(1);
  EXPECT_EQ(value_of(counts, R"(chalkstream_records_total{pipeline="a\"b\\c\nd"})"), "1");
}

TEST_F(registry_test, may_be_read_while_it_is_written) {
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) {
      grading->received(1);
      grading->answered(false, 0.001);
    }
  });
  for (int i = 0; i < 50; ++i) {
    const auto seen = counts.snapshots().front();
    EXPECT_LE(seen.answered, seen.received);
    EXPECT_NE(counts.expose().find("chalkstream_records_total"), std::string::npos);
  }
  stop = true;
  writer.join();
}

} // namespace
} // namespace chalkstream::monitoring
