// A record's trace through the consumer: what its results, the metrics and the log say of it, and what the recorder
// is told when they are out.
#include "actors/consumer.hpp"

#include "monitoring/registry.hpp"
#include "tests/actors/doubles.hpp"
#include "tests/support/collecting_log.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace chalkstream::test {

namespace {

constexpr std::string_view parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

class noting_recorder final : public journey_recorder {
public:
  std::shared_ptr<journey> begin(const std::optional<trace_context>& from) override {
    parents.push_back(from);
    auto made = std::make_shared<journey>();
    made->own.trace = from ? from->trace : trace_id{9};
    made->own.span = {7};
    made->own.flags = 1;
    return made;
  }
  void end(std::shared_ptr<const journey> done) override { ended.push_back(std::move(done)); }

  std::vector<std::optional<trace_context>> parents;
  std::vector<std::shared_ptr<const journey>> ended;
};

class tracing_test : public doubles_fixture {
protected:
  void start(std::shared_ptr<journey_recorder> recorder) {
    route_->probe = registry_.pipeline("test");
    route_->traces = std::move(recorder);
    consumer_settings settings;
    settings.route = route_;
    settings.source = source_;
    settings.sink = std::make_shared<fake_sink>(broker_);
    settings.status = std::make_shared<consumer_status>();
    settings.instance = "test-0";
    settings.time = &time_;
    settings.log = &log_;
    consumer_ = spawn_state<consumer_state>(system(), settings, who_, supervisor_);
    ends_with_the_test(consumer_);
    send(consumer_, tick{});
    source_->assign_all();
    deliver_all();
  }

  /// A record with this header goes through as the engine's other actors would take it.
  std::vector<header> headers_of_the_result(std::vector<header> headers, task_step answer) {
    broker_->push(0, "key", "reply x", std::move(headers));
    deliver_all();
    auto batch = take(post_.prepare);
    for (const auto& f : batch) {
      if (f->trace)
        f->trace->add({journey_stage::prepare, time_.now(), time_.now()});
      f->step = answer;
    }
    send(consumer_, flights_landed{batch_of(std::move(batch))});
    pass(200ms);
    return broker_->outputs().empty() ? std::vector<header>{} : broker_->outputs().back().headers;
  }

  /// Histograms that say of a bucket which span was the latest in it.
  std::vector<std::string> exemplars_of(std::string_view labels) const {
    std::vector<std::string> found;
    std::istringstream page(registry_.expose(monitoring::page_format::openmetrics));
    for (std::string line; std::getline(page, line);)
      if (line.find(labels) != std::string::npos)
        found.push_back(line.substr(0, line.find("_bucket{")));
    return found;
  }

  static std::string value_of(const std::vector<header>& headers, std::string_view name) {
    const auto at = std::ranges::find(headers, name, &header::name);
    return at == headers.end() ? "absent" : at->value.value_or("null");
  }

  monitoring::registry registry_;
  collecting_log log_;
  std::shared_ptr<fake_broker> broker_ = std::make_shared<fake_broker>(1);
  std::shared_ptr<fake_source> source_ = std::make_shared<fake_source>(broker_);
  consumer_actor consumer_;
};

const reply answer{"key", "answer", {{"content-type", "application/json"}}, false};
const rejection refusal{reject_reason::empty_text, stage::prepare, "nothing in it", 1};

} // namespace

TEST_F(tracing_test, without_tracing_a_result_carries_on_what_its_record_came_with) {
  start(nullptr);
  const auto headers = headers_of_the_result({{"traceparent", std::string(parent)}, {"tracestate", "a=1"}}, answer);
  EXPECT_EQ(value_of(headers, "traceparent"), parent);
  EXPECT_EQ(value_of(headers, "tracestate"), "a=1");
  EXPECT_EQ(value_of(headers, "content-type"), "application/json");
}

TEST_F(tracing_test, what_is_malformed_is_dropped_and_no_error) {
  start(nullptr);
  const auto headers = headers_of_the_result({{"traceparent", "00-nonsense"}, {"tracestate", "a=1"}}, answer);
  EXPECT_EQ(value_of(headers, "traceparent"), "absent");
  EXPECT_EQ(value_of(headers, "tracestate"), "absent");
}

TEST_F(tracing_test, a_traced_record_goes_on_as_our_span_and_is_told_of_when_it_is_committed) {
  const auto recorder = std::make_shared<noting_recorder>();
  start(recorder);
  const auto headers = headers_of_the_result({{"traceparent", std::string(parent)}}, answer);
  EXPECT_EQ(value_of(headers, "traceparent"), "00-4bf92f3577b34da6a3ce929d0e0e4736-0700000000000000-01");
  ASSERT_EQ(recorder->parents.size(), 1U);
  EXPECT_EQ(write_traceparent(*recorder->parents[0]), parent);
  ASSERT_EQ(recorder->ended.size(), 1U);
  const auto& told = *recorder->ended[0];
  EXPECT_EQ(told.pipeline, "test");
  EXPECT_EQ(told.topic, "in");
  EXPECT_EQ(told.offset, 0);
  ASSERT_EQ(told.stages.size(), 2U);
  EXPECT_EQ(told.stages[1].stage, journey_stage::publish);
  EXPECT_GE(told.stages[1].to, told.stages[1].from);
  EXPECT_EQ(told.ended, told.stages[1].to);
  EXPECT_FALSE(told.rejected);
}

TEST_F(tracing_test, a_traced_record_is_the_exemplar_of_what_it_took) {
  start(std::make_shared<noting_recorder>());
  headers_of_the_result({{"traceparent", std::string(parent)}}, answer);
  EXPECT_THAT(exemplars_of("# {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\",span_id=\"0700000000000000\"}"),
              testing::UnorderedElementsAre("chalkstream_request_duration_seconds",
                                            "chalkstream_prepare_duration_seconds",
                                            "chalkstream_publish_duration_seconds"));
}

TEST_F(tracing_test, a_record_that_is_not_traced_is_nobodys_exemplar) {
  start(nullptr);
  headers_of_the_result({{"traceparent", std::string(parent)}}, answer);
  EXPECT_THAT(exemplars_of(" # {"), testing::IsEmpty());
}

TEST_F(tracing_test, the_log_names_the_trace_of_a_dead_letter_whoever_began_it) {
  start(nullptr);
  headers_of_the_result({{"traceparent", std::string(parent)}}, refusal);
  EXPECT_TRUE(log_.contains("dead letter: in/0/0, empty_text at prepare trace_id=4bf92f3577b34da6a3ce929d0e0e4736"));
  headers_of_the_result({}, refusal);
  EXPECT_TRUE(log_.lines().back().message.ends_with("in/0/1, empty_text at prepare"));
}

TEST_F(tracing_test, a_dead_letter_keeps_its_headers_but_for_the_span) {
  const auto recorder = std::make_shared<noting_recorder>();
  start(recorder);
  const auto headers = headers_of_the_result({{"x", "y"}, {"traceparent", std::string(parent)}}, refusal);
  EXPECT_EQ(value_of(headers, "x"), "y");
  EXPECT_EQ(value_of(headers, "traceparent"), "00-4bf92f3577b34da6a3ce929d0e0e4736-0700000000000000-01");
  EXPECT_EQ(value_of(headers, "chalkstream_reason"), "empty_text");
  ASSERT_EQ(recorder->ended.size(), 1U);
  EXPECT_EQ(recorder->ended[0]->rejected, reject_reason::empty_text);
}

TEST_F(tracing_test, a_dead_letter_of_an_untraced_record_is_as_it_came) {
  start(nullptr);
  const auto headers = headers_of_the_result({{"traceparent", "00-nonsense"}}, refusal);
  EXPECT_EQ(value_of(headers, "traceparent"), "00-nonsense");
}

} // namespace chalkstream::test
