#include "monitoring/http_request.hpp"

#include "monitoring/exposition.hpp"
#include "monitoring/registry.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace chalkstream::monitoring {
namespace {

using namespace std::chrono_literals;

// Listens, and sends the next client these bytes whatever it asks.
class canned_server {
public:
  explicit canned_server(std::string bytes, bool hang = false) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    bind(socket_, reinterpret_cast<sockaddr*>(&at), size);
    listen(socket_, 1);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    where = {"127.0.0.1", std::to_string(ntohs(at.sin_port)), ""};
    thread_ = std::thread([this, bytes = std::move(bytes), hang] {
      const int client = accept(socket_, nullptr, nullptr);
      char asked[4096];
      const auto n = recv(client, asked, sizeof asked, 0);
      heard.assign(asked, n > 0 ? static_cast<std::size_t>(n) : 0);
      send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      while (hang && recv(client, asked, sizeof asked, 0) > 0) {
      }
      close(client);
    });
  }
  ~canned_server() {
    thread_.join();
    close(socket_);
  }

  http_address where;
  std::string heard; // once the answer is there

private:
  int socket_;
  std::thread thread_;
};

TEST(http_address_test, reads_what_a_person_writes) {
  const auto plain = read_http_address("localhost:9464");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "localhost");
  EXPECT_EQ(plain->port, "9464");
  EXPECT_EQ(plain->path, "");
  const auto url = read_http_address("http://[::1]:9090/prometheus/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, "9090");
  EXPECT_EQ(url->path, "/prometheus");
  EXPECT_EQ(read_http_address("http://collector")->port, "80");
}

TEST(http_address_test, refuses_what_is_no_address) {
  for (const auto* text : {"", "host", "host:", "host:0", "host:70000", "host:9464x", ":9464", "[::1:9464", "[]:1",
                           "http://", "http://user@host", "http://host:1/a?b", "ho st:1", "host:1\r\nX: y", "host:1/x"})
    EXPECT_EQ(read_http_address(text).ok(), false) << text;
  EXPECT_EQ(read_http_address("https://host").error().code, errc::unsupported);
}

TEST(http_request_test, fetches_a_page_of_a_real_exposition) {
  registry counts;
  counts.pipeline("short-answers")->received(7);
  auto shown = exposition::start({.listen = "127.0.0.1:0", .max_connections = 4, .patience = 5s}, counts, {});
  ASSERT_TRUE(shown);
  const auto where = read_http_address((*shown)->address());
  const auto page = http_get(*where, "/metrics");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->status, 200U);
  EXPECT_NE(page->body.find("chalkstream_records_total{pipeline=\"short-answers\"} 7"), std::string::npos);
  EXPECT_EQ(http_get(*where, "/elsewhere")->status, 404U);
}

TEST(http_request_test, posts_a_body_with_its_type) {
  canned_server server("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}");
  const auto answer = http_post(server.where, "/v1/traces", "application/json", R"({"a":1})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 202U);
  EXPECT_EQ(answer->body, "{}");
  EXPECT_TRUE(server.heard.starts_with("POST /v1/traces HTTP/1.1\r\n")) << server.heard;
  EXPECT_NE(server.heard.find("Content-Type: application/json\r\n"), std::string::npos) << server.heard;
  EXPECT_TRUE(server.heard.ends_with(R"({"a":1})")) << server.heard;
}

TEST(http_request_test, nobody_there_is_unavailable) {
  http_address gone;
  {
    canned_server server("");
    gone = server.where;
    EXPECT_EQ(http_get(gone, "/").error().code, errc::unavailable); // closes without a word
  }
  EXPECT_EQ(http_get(gone, "/").error().code, errc::unavailable);
}

TEST(http_request_test, does_not_wait_for_ever) {
  canned_server server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(http_get(server.where, "/", {.timeout = 200ms, .max_bytes = 100}).error().code, errc::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST(http_request_test, takes_no_more_than_it_is_allowed_to) {
  canned_server told("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x'));
  EXPECT_EQ(http_get(told.where, "/", {.timeout = 5s, .max_bytes = 100}).error().code, errc::corrupt);
  canned_server untold("HTTP/1.1 200 OK\r\n\r\n" + std::string(3000, 'x'));
  EXPECT_EQ(http_get(untold.where, "/", {.timeout = 5s, .max_bytes = 100}).error().code, errc::corrupt);
}

TEST(http_request_test, what_is_no_http_is_corrupt) {
  canned_server server("SSH-2.0-OpenSSH\r\n\r\n");
  EXPECT_EQ(http_get(server.where, "/").error().code, errc::corrupt);
}

TEST(http_request_test, a_target_cannot_smuggle_a_header) {
  EXPECT_EQ(http_get({"127.0.0.1", "1", ""}, "/a HTTP/1.1\r\nX: y").error().code, errc::invalid_argument);
  EXPECT_EQ(http_get({"127.0.0.1", "1", ""}, "metrics").error().code, errc::invalid_argument);
}

} // namespace
} // namespace chalkstream::monitoring
