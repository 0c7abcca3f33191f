#include "monitoring/trace_exporter.hpp"

#include "monitoring/registry.hpp"
#include "monitoring/trace_spans.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <mutex>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>
#include <unistd.h>

namespace chalkstream::monitoring {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

// Takes one POST after the other and keeps their bodies.
class collector {
public:
  explicit collector(std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    bind(socket_, reinterpret_cast<sockaddr*>(&at), size);
    listen(socket_, 16);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    where = {"127.0.0.1", std::to_string(ntohs(at.sin_port)), ""};
    thread_ = std::thread([this, answer = std::move(answer)] {
      for (int client = accept(socket_, nullptr, nullptr); client >= 0; client = accept(socket_, nullptr, nullptr)) {
        const auto asked = whole_request(client);
        const std::lock_guard guard(lock_);
        requests_.push_back(asked);
        send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
        close(client);
      }
    });
  }
  ~collector() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }

  std::vector<std::string> requests() {
    const std::lock_guard guard(lock_);
    return requests_;
  }

  http_address where;

private:
  static std::string whole_request(int client) {
    std::string text;
    char piece[4096];
    for (;;) {
      const auto head = text.find("\r\n\r\n");
      const auto length = text.find("Content-Length: ");
      if (head != std::string::npos && length != std::string::npos
          && text.size() - head - 4 >= std::strtoul(text.c_str() + length + 16, nullptr, 10))
        return text;
      const auto n = recv(client, piece, sizeof piece, 0);
      if (n <= 0)
        return text;
      text.append(piece, static_cast<std::size_t>(n));
    }
  }

  int socket_;
  std::mutex lock_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

std::shared_ptr<journey> a_journey(std::int64_t offset = 42) {
  auto j = std::make_shared<journey>();
  j->own = *read_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  j->parent = span_id{1, 2, 3, 4, 5, 6, 7, 8};
  j->pipeline = "short-answers";
  j->topic = "submissions";
  j->partition = 3;
  j->offset = offset;
  const auto at = [](int ms) { return time_point{} + std::chrono::milliseconds(ms); };
  j->begun = at(10);
  j->ended = at(60);
  j->stages = {{journey_stage::intake, at(10), at(15)},
               {journey_stage::compute, at(20), at(50), 8},
               {journey_stage::publish, at(50), at(60)}};
  return j;
}

json only_spans(const std::string& body) {
  const auto all = json::parse(body);
  return all.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans");
}

json attribute_of(const json& span, std::string_view key) {
  for (const auto& a : span.value("attributes", json::array()))
    if (a.at("key") == key)
      return a.at("value");
  return {};
}

TEST(trace_spans_test, are_what_otlp_asks_for) {
  const auto body = encode_spans({a_journey()}, "1.2.3", 1'700'000'000s, [] { return span_id{0xAB}; });
  const auto all = json::parse(body);
  EXPECT_EQ(all.at("resourceSpans").at(0).at("resource").at("attributes").at(0),
            json::parse(R"({"key":"service.name","value":{"stringValue":"chalkstream"}})"));
  EXPECT_EQ(all.at("resourceSpans").at(0).at("scopeSpans").at(0).at("scope"),
            json::parse(R"({"name":"chalkstream","version":"1.2.3"})"));
  const auto spans = only_spans(body);
  ASSERT_EQ(spans.size(), 4U);
  const auto& whole = spans[0];
  EXPECT_EQ(whole.at("traceId"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(whole.at("spanId"), "00f067aa0ba902b7");
  EXPECT_EQ(whole.at("parentSpanId"), "0102030405060708");
  EXPECT_EQ(whole.at("name"), "process submissions");
  EXPECT_EQ(whole.at("kind"), 5);
  EXPECT_EQ(whole.at("startTimeUnixNano"), "1700000000010000000");
  EXPECT_EQ(whole.at("endTimeUnixNano"), "1700000000060000000");
  EXPECT_EQ(attribute_of(whole, "messaging.kafka.offset"), json::parse(R"({"intValue":"42"})"));
  EXPECT_EQ(attribute_of(whole, "messaging.destination.partition.id"), json::parse(R"({"stringValue":"3"})"));
  EXPECT_EQ(attribute_of(whole, "chalkstream.decision"), json::parse(R"({"stringValue":"auto"})"));
  const std::vector<std::string> names{"intake", "compute", "publish"};
  for (std::size_t i = 1; i < spans.size(); ++i) {
    EXPECT_EQ(spans[i].at("name"), names[i - 1]);
    EXPECT_EQ(spans[i].at("parentSpanId"), whole.at("spanId"));
    EXPECT_EQ(spans[i].at("traceId"), whole.at("traceId"));
    EXPECT_EQ(spans[i].at("spanId"), "ab00000000000000");
    EXPECT_EQ(spans[i].at("kind"), 1);
  }
  EXPECT_EQ(attribute_of(spans[2], "chalkstream.batch.records"), json::parse(R"({"intValue":"8"})"));
}

TEST(trace_spans_test, a_dead_letter_is_an_error_with_its_reason) {
  auto refused = a_journey();
  refused->rejected = reject_reason::empty_text;
  refused->parent.reset();
  const auto span = only_spans(encode_spans({refused}, "1", 0s, [] { return span_id{1}; }))[0];
  EXPECT_EQ(span.at("status"), json::parse(R"({"code":2})"));
  EXPECT_EQ(attribute_of(span, "error.type"), json::parse(R"({"stringValue":"empty_text"})"));
  EXPECT_FALSE(span.contains("parentSpanId"));
}

class trace_exporter_test : public testing::Test {
protected:
  std::unique_ptr<trace_exporter> exporter_to(const http_address& where, std::size_t room = 100) {
    trace_settings settings;
    settings.collector = where;
    settings.sample = 0;
    settings.max_waiting = room;
    settings.max_batch = 10;
    settings.interval = 20ms;
    settings.timeout = 500ms;
    return std::make_unique<trace_exporter>(settings, counts.traces());
  }

  std::string count(const std::string& outcome) const {
    const auto page = counts.expose();
    const auto series = "chalkstream_traces_total{outcome=\"" + outcome + "\"} ";
    const auto at = page.find(series);
    return at == std::string::npos ? "absent"
                                   : page.substr(at + series.size(), page.find('\n', at) - at - series.size());
  }

  registry counts;
};

TEST_F(trace_exporter_test, sends_what_it_is_given_in_batches) {
  collector there;
  {
    const auto exporter = exporter_to(there.where);
    for (int i = 0; i < 25; ++i)
      exporter->end(a_journey(i));
  }
  std::set<std::string> offsets;
  for (const auto& request : there.requests()) {
    EXPECT_TRUE(request.starts_with("POST /v1/traces HTTP/1.1\r\n")) << request;
    EXPECT_NE(request.find("Content-Type: application/json\r\n"), std::string::npos);
    const auto spans = only_spans(request.substr(request.find("\r\n\r\n") + 4));
    EXPECT_LE(spans.size(), 40U); // ten records of four
    for (const auto& span : spans)
      if (span.at("kind") == 5)
        offsets.insert(attribute_of(span, "messaging.kafka.offset").at("intValue"));
  }
  EXPECT_EQ(offsets.size(), 25U);
  EXPECT_EQ(count("sent"), "25");
}

TEST_F(trace_exporter_test, a_collector_that_is_away_costs_spans_and_no_time) {
  http_address gone;
  {
    collector closed;
    gone = closed.where;
  }
  const auto exporter = exporter_to(gone);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1'000; ++i)
    exporter->end(a_journey(i));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  for (int i = 0; i < 200 && std::stoi(count("failed")) + std::stoi(count("overflowed")) < 1'000; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(std::stoi(count("failed")) + std::stoi(count("overflowed")), 1'000);
  EXPECT_GT(std::stoi(count("overflowed")), 0);
  EXPECT_EQ(count("sent"), "0");
}

TEST_F(trace_exporter_test, what_the_collector_refuses_is_counted) {
  collector there("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  {
    const auto exporter = exporter_to(there.where);
    exporter->end(a_journey());
  }
  EXPECT_EQ(count("failed"), "1");
}

TEST_F(trace_exporter_test, a_record_is_traced_if_whoever_began_its_trace_asks_for_that) {
  collector there;
  const auto exporter = exporter_to(there.where); // samples none of those without a trace
  auto parent = *read_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  const auto traced = exporter->begin(parent);
  ASSERT_TRUE(traced);
  EXPECT_EQ(traced->own.trace, parent.trace);
  EXPECT_NE(traced->own.span, parent.span);
  EXPECT_EQ(traced->parent, parent.span);
  parent.flags = 0;
  EXPECT_FALSE(exporter->begin(parent));
  EXPECT_FALSE(exporter->begin({}));
}

TEST_F(trace_exporter_test, of_the_others_a_share) {
  trace_settings settings;
  settings.collector = {"127.0.0.1", "1", ""};
  settings.sample = 0.25;
  trace_exporter exporter(settings, counts.traces());
  int traced = 0;
  for (int i = 0; i < 4'000; ++i)
    traced += exporter.begin({}) != nullptr;
  EXPECT_GT(traced, 800); // six deviations of 27
  EXPECT_LT(traced, 1'200);
}

} // namespace
} // namespace chalkstream::monitoring
