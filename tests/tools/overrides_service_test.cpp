// Submissions are graded, people say otherwise, and a record comes out that keeps both: by a small random encoder, so
// that the grades are any.
#include "kafka/topic_reader.hpp"
#include "monitoring/http_request.hpp"
#include "pipelines/service.hpp"
#include "pipelines/tools/topic_io.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <vector>

namespace chalkstream::pipelines {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto wanted = R"(
kafka: {brokers: embedded}
monitoring: {listen: 127.0.0.1:0, groups: {assignment: [quiz]}}
engine: {slots: 1}
models:
  encoder: {path: encoder, languages: any, token_budget: 512}
pipelines:
  short-answers: {kind: grading, from: submissions, to: grades, model: encoder}
  corrections: {kind: overrides, from: overrides, to: corrections, grades: grades, steps: 4}
)";

class overrides_service_test : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "chalkstream-overrides-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    fs::copy("tests/models/goldens/gelu", folder_ / "encoder", fs::copy_options::recursive);
    fs::copy("tests/models/goldens/words/tokenizer.json", folder_ / "encoder");
    const auto all = parse_configuration(wanted, "c", folder_);
    ASSERT_TRUE(all) << all.error().message;
    auto started = service::start(*all, {});
    ASSERT_TRUE(started) << started.error().message;
    running_ = std::move(*started);
    const auto ready = running_->wait_ready(30s);
    ASSERT_TRUE(ready && *ready);
  }

  void TearDown() override {
    if (running_) {
      running_->drain();
      while (!running_->wait_for(1s)) {
      }
    }
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  void send(const std::string& topic, const std::vector<json>& events) {
    auto sender = tools::event_sender::make(running_->brokers(), topic, log::none());
    ASSERT_TRUE(sender);
    for (const auto& event : events)
      ASSERT_TRUE((*sender)->send(std::nullopt, event.dump()));
    ASSERT_TRUE((*sender)->flush(10s));
  }

  /// As many records of the topic as are expected, with their headers in "headers".
  std::vector<json> read(const std::string& topic, std::size_t expected) {
    std::vector<json> seen;
    auto reader =
        kafka::topic_reader::open(running_->brokers(), topic, kafka::isolation::committed, {}, 10s, log::none());
    EXPECT_TRUE(reader);
    for (const auto end = std::chrono::steady_clock::now() + 30s;
         reader && seen.size() < expected && std::chrono::steady_clock::now() < end;) {
      const auto fresh = reader->read(100, 100ms);
      EXPECT_TRUE(fresh);
      for (const auto& one : *fresh) {
        auto& value = seen.emplace_back(json::parse(one.value.value_or("null")));
        value["key"] = one.key.value_or("");
        for (const auto& header : one.headers)
          value["headers"][std::string(header.name)] = header.value.value_or("");
      }
    }
    EXPECT_EQ(seen.size(), expected) << topic;
    return seen;
  }

  /// A series of the service's own page.
  double counted(const std::string& series) const {
    const auto where = monitoring::read_http_address(running_->metrics_address());
    const auto page = where ? monitoring::http_get(*where, "/metrics") : where.error();
    if (!page)
      return std::nan("");
    const auto at = page->body.find("\n" + series + " ");
    return at == std::string::npos ? std::nan("") : std::stod(page->body.substr(at + series.size() + 2));
  }

  fs::path folder_;
  std::unique_ptr<service> running_;
};

json submission(const std::string& id, const std::string& text) {
  return {{"id", id},
          {"tenant", "north"},
          {"learner", "learner-007"},
          {"assignment", "quiz"},
          {"type", "short_answer"},
          {"text", text},
          {"max_score", 4},
          {"references", {"The earth pulls the moon because of gravity."}}};
}

json correction(const std::string& id, const std::string& event, double score) {
  return {{"id", id},       {"type", "override"},       {"tenant", "north"},       {"event", event},
          {"score", score}, {"learner", "learner-007"}, {"reviewer", "Ms Marple"}, {"max_score", 4}};
}

TEST_F(overrides_service_test, what_a_person_made_of_a_grade_comes_out_beside_it_and_is_counted) {
  send("submissions", {submission("s1", "The earth pulls the moon because of gravity."),
                       submission("s2", "The cell makes energy from sugar and water.")});
  std::map<std::string, json> grades;
  for (const auto& grade : read("grades", 2))
    grades[grade.at("event")] = grade;
  ASSERT_EQ(grades.size(), 2u);
  const double first = grades["s1"].at("score"), second = grades["s2"].at("score");
  const double far = second < 2 ? 4 : 0;
  auto broken = correction("o4", "s1", 9);
  send("overrides", {correction("o1", "s1", first), correction("o2", "s2", far), correction("o3", "s9", 1), broken});

  std::map<std::string, json> kept;
  for (const auto& one : read("corrections", 3))
    kept[one.at("override")] = one;
  ASSERT_EQ(kept.size(), 3u);
  const auto& same = kept["o1"];
  EXPECT_EQ(same.at("agreement"), "exact");
  EXPECT_EQ(same.at("result"), grades["s1"].at("id"));
  EXPECT_EQ(same.at("graded_by"), "short-answers");
  EXPECT_EQ(same.at("engine_score"), grades["s1"].at("score"));
  EXPECT_EQ(same.at("engine_decision"), grades["s1"].at("decision"));
  EXPECT_EQ(same.at("assignment"), "quiz") << "the grade's";
  EXPECT_EQ(same.at("key"), grades["s1"].at("learner"));
  EXPECT_EQ(same.at("learner"), grades["s1"].at("learner"));
  EXPECT_EQ(same.at("headers").at("ce_type"), "org.chalkstream.override");
  EXPECT_NE(same.at("reviewer"), same.at("learner"));
  EXPECT_EQ(kept["o2"].at("engine_score"), second);
  EXPECT_NEAR(kept["o2"].at("difference").get<double>(), (far - second) / 4, 1e-6);
  EXPECT_EQ(kept["o3"].at("agreement"), "unknown");
  EXPECT_TRUE(kept["o3"].at("engine_score").is_null());
  for (const auto& [id, one] : kept)
    EXPECT_EQ(one.dump().find("Marple"), std::string::npos) << one;

  const auto dead = read("overrides.dead", 1);
  EXPECT_EQ(dead.at(0).at("id"), "o4");
  EXPECT_EQ(dead.at(0).at("headers").at("chalkstream_reason"), "invalid_value");

  const auto of = [](const std::string& name, const std::string& more) {
    return "chalkstream_" + name + R"({pipeline="corrections",)" + more + "}";
  };
  for (const auto end = std::chrono::steady_clock::now() + 10s;
       counted(of("overrides_total", R"(agreement="unknown")")) < 1 && std::chrono::steady_clock::now() < end;)
    std::this_thread::sleep_for(20ms);
  EXPECT_EQ(counted(of("overrides_total", R"(agreement="exact")")), 1);
  EXPECT_EQ(counted(of("overrides_total", R"(agreement="unknown")")), 1);
  EXPECT_EQ(counted(of("override_score_sums_total", R"(of="pairs")")), 2);
  EXPECT_NEAR(counted(of("override_score_sums_total", R"(of="person")")), (first + far) / 4, 1e-5);
  EXPECT_NEAR(counted(of("override_score_sums_total", R"(of="product")")), (first * first + far * second) / 16, 1e-5);
  EXPECT_EQ(counted(of("group_overrides_total", R"(by="assignment",group="quiz",agreement="exact")")), 1);
  EXPECT_EQ(counted(of("group_overrides_total", R"(by="assignment",group="other",agreement="unknown")")), 1);
  EXPECT_EQ(counted(of("dead_letters_total", R"(reason="invalid_value")")), 1);
}

TEST_F(overrides_service_test,
       an_event_that_was_graded_again_is_compared_with_the_newest_grade_or_the_one_that_is_named) {
  send("submissions", {submission("s1", "The earth pulls the moon because of gravity.")});
  const auto old = read("grades", 1).at(0);
  send("submissions", {submission("s1", "The cell makes energy from sugar and water.")});
  const auto both = read("grades", 2);
  const auto& fresh = both[0].at("id") == old.at("id") ? both[1] : both[0];
  auto named = correction("o2", "s1", 1), wrong = correction("o3", "s2", 1);
  named["result"] = old.at("id");
  wrong["result"] = old.at("id");
  send("overrides", {correction("o1", "s1", 1), named, wrong});
  std::map<std::string, json> kept;
  for (const auto& one : read("corrections", 3))
    kept[one.at("override")] = one;
  EXPECT_EQ(kept["o1"].at("result"), fresh.at("id"));
  EXPECT_EQ(kept["o1"].at("engine_score"), fresh.at("score"));
  EXPECT_EQ(kept["o2"].at("engine_score"), old.at("score"));
  EXPECT_TRUE(kept["o3"].at("engine_score").is_null()) << "that grade is another event's";
}

} // namespace
} // namespace chalkstream::pipelines
