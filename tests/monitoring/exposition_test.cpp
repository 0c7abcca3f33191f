#include "monitoring/exposition.hpp"

#include "monitoring/registry.hpp"
#include "tests/monitoring/http_client.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <list>
#include <thread>

namespace chalkstream::monitoring {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::http_client;
using test::http_get;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class exposition_test : public testing::Test {
protected:
  void start(exposition_settings settings = {}) {
    settings.listen = "127.0.0.1:0";
    auto started = exposition::start(settings, counts, [this] {
      return ready ? readiness{true, {}} : readiness{false, {"model minilm is loading", "no partitions yet"}};
    });
    ASSERT_TRUE(started) << started.error().message;
    shown = std::move(started).value();
    port = shown->port();
  }

  registry counts{{"1.2.3", "", "", ""}};
  std::atomic<bool> ready{false};
  std::unique_ptr<exposition> shown;
  std::uint16_t port = 0;
};

TEST_F(exposition_test, port_zero_becomes_a_real_port_and_is_reported) {
  start();
  EXPECT_NE(port, 0);
  EXPECT_EQ(shown->address(), "127.0.0.1:" + std::to_string(port));
}

TEST_F(exposition_test, shows_the_metrics) {
  start();
  counts.pipeline("echo")->received(7);
  const auto page = http_get(port, "/metrics");
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(page, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(page, HasSubstr("\nchalkstream_records_total{pipeline=\"echo\"} 7\n"));
  EXPECT_THAT(http_get(port, "/metrics?format=text"), StartsWith("HTTP/1.1 200"));
}

TEST_F(exposition_test, gives_openmetrics_to_whoever_asks_for_it) {
  start();
  counts.pipeline("echo")->received(7);
  const auto ask = [this](const std::string& headers) {
    const http_client client(port);
    client.send("GET /metrics HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n");
    return client.response();
  };
  for (const auto* headers : {"Accept: application/openmetrics-text; version=1.0.0\r\n",
                              "Accept: text/plain;q=0.5\r\nAccept: application/openmetrics-text;q=0.8\r\n"}) {
    const auto page = ask(headers);
    EXPECT_THAT(page, HasSubstr("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
    EXPECT_THAT(page, HasSubstr("Vary: Accept\r\n"));
    EXPECT_THAT(page, HasSubstr("# TYPE chalkstream_records counter\n"));
    EXPECT_THAT(page, HasSubstr("\nchalkstream_records_total{pipeline=\"echo\"} 7\n"));
    EXPECT_THAT(page, EndsWith("\n# EOF\n"));
  }
  for (const auto* headers :
       {"", "Accept: */*\r\n", "Accept: \r\n", "Accept: application/openmetrics-text;q=x\r\n"}) {
    const auto page = ask(headers);
    EXPECT_THAT(page, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n")) << headers;
    EXPECT_THAT(page, HasSubstr("Vary: Accept\r\n"));
    EXPECT_THAT(page, HasSubstr("# TYPE chalkstream_records_total counter\n"));
  }
  EXPECT_THAT(http_get(port, "/healthz"), Not(HasSubstr("Vary")));
}

TEST_F(exposition_test, is_alive_whether_ready_or_not) {
  start();
  EXPECT_THAT(http_get(port, "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(exposition_test, says_why_it_is_not_ready_and_when_it_is) {
  start();
  const auto waiting = http_get(port, "/readyz");
  EXPECT_THAT(waiting, StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(body_of(waiting), "not ready\nmodel minilm is loading\nno partitions yet\n");
  ready = true;
  const auto done = http_get(port, "/readyz");
  EXPECT_THAT(done, StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(body_of(done), "ready\n");
}

TEST_F(exposition_test, head_has_the_length_but_no_body) {
  start();
  const auto head = http_get(port, "/healthz", "HEAD");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(head, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_EQ(body_of(head), "");
}

TEST_F(exposition_test, other_paths_are_not_found_and_other_methods_not_allowed) {
  start();
  EXPECT_THAT(http_get(port, "/"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(http_get(port, "/metrics/../../etc/passwd"), StartsWith("HTTP/1.1 404"));
  const auto refused = http_get(port, "/metrics", "DELETE");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(refused, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(exposition_test, one_connection_may_ask_several_times) {
  start();
  const http_client client(port);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send("GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n"));
    EXPECT_EQ(body_of(client.response()), "alive\n");
  }
  ASSERT_TRUE(client.send("HEAD /healthz HTTP/1.1\r\nHost: test\r\n\r\n"));
  EXPECT_THAT(client.response(false), StartsWith("HTTP/1.1 200"));
}

TEST_F(exposition_test, what_is_not_http_is_refused_and_closed) {
  start();
  for (const auto& noise : {std::string("\x16\x03\x01\x02 hello\r\n\r\n"), "GET /" + std::string(64 * 1024, 'a')}) {
    const http_client client(port);
    client.send(noise);
    EXPECT_TRUE(client.closes_within(5s));
  }
  EXPECT_THAT(http_get(port, "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(exposition_test, a_body_nobody_asked_for_does_not_fill_memory) {
  start();
  const http_client client(port);
  client.send("POST /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n" + std::string(8192, 'x'));
  EXPECT_TRUE(client.closes_within(5s));
}

TEST_F(exposition_test, a_body_over_the_limit_is_refused_before_it_comes) {
  start();
  const http_client client(port);
  client.send("POST /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\nits beginning");
  EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 400"));
}

TEST_F(exposition_test, two_hundred_slow_clients_do_not_keep_a_scrape_waiting) {
  start();
  std::list<http_client> slow;
  for (int i = 0; i < 200; ++i) {
    slow.emplace_back(port);
    ASSERT_TRUE(slow.back().connected());
    slow.back().send("GET /metrics HT");
  }
  const auto started = std::chrono::steady_clock::now();
  EXPECT_THAT(http_get(port, "/metrics"), StartsWith("HTTP/1.1 200"));
  EXPECT_LT(std::chrono::steady_clock::now() - started, 2s);
}

TEST_F(exposition_test, the_quietest_client_makes_room_for_a_new_one) {
  start({.listen = "", .max_connections = 8, .patience = 60s});
  std::list<http_client> slow;
  for (int i = 0; i < 20; ++i)
    slow.emplace_back(port);
  EXPECT_THAT(http_get(port, "/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(slow.front().closes_within(5s));
  EXPECT_FALSE(slow.back().closes_within(200ms));
}

TEST_F(exposition_test, a_client_that_never_finishes_its_request_is_let_go) {
  start({.listen = "", .max_connections = 256, .patience = 300ms});
  const http_client client(port);
  client.send("GET /metrics HTTP/1.1\r\n");
  EXPECT_TRUE(client.closes_within(5s));
}

TEST_F(exposition_test, a_client_that_never_reads_its_answers_is_let_go) {
  for (int i = 0; i < 200; ++i)
    counts.pipeline("pipeline-" + std::to_string(i)); // a page of a megabyte
  start({.listen = "", .max_connections = 256, .patience = 300ms});
  const http_client client(port);
  for (int i = 0; i < 50; ++i)
    client.send("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n");
  std::this_thread::sleep_for(1500ms);
  EXPECT_TRUE(client.closes_within(5s));
  EXPECT_THAT(http_get(port, "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(exposition_test, ends_at_once_with_clients_connected) {
  start();
  const http_client idle(port);
  const http_client asking(port);
  asking.send("GET /hea");
  const auto started = std::chrono::steady_clock::now();
  shown.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - started, 1s);
  EXPECT_TRUE(idle.closes_within(1s));
}

TEST_F(exposition_test, a_taken_address_is_an_error_that_names_it) {
  start();
  const auto listen = "127.0.0.1:" + std::to_string(port);
  auto second = exposition::start({.listen = listen, .max_connections = 1, .patience = 1s}, counts, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::io);
  EXPECT_EQ(second.error().message, "cannot listen on " + listen + ": Address already in use");
}

TEST_F(exposition_test, an_address_that_is_none_is_an_error) {
  for (const auto* listen : {"9464", "localhost", "127.0.0.1:", "127.0.0.1:70000", "::1:9464", "127.0.0.1:94x"}) {
    auto refused = exposition::start({.listen = listen, .max_connections = 1, .patience = 1s}, counts, {});
    ASSERT_FALSE(refused) << listen;
    EXPECT_EQ(refused.error().message, std::string("cannot listen on \"") + listen + "\": expected HOST:PORT");
  }
}

TEST_F(exposition_test, an_unknown_host_is_an_error_that_names_it) {
  auto refused =
      exposition::start({.listen = "no-such-host.invalid:0", .max_connections = 1, .patience = 1s}, counts, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, StartsWith("cannot listen on no-such-host.invalid:0: "));
}

} // namespace
} // namespace chalkstream::monitoring
