#include "monitoring/exposition.hpp"
#include "monitoring/prometheus_answer.hpp"
#include "monitoring/prometheus_client.hpp"
#include "monitoring/registry.hpp"
#include "tests/support/prometheus_server.hpp"
#include "tests/support/scripted_server.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <random>
#include <thread>

namespace chalkstream::monitoring {
namespace {

using namespace std::chrono_literals;
using test::form_value;
using test::http_response;
using test::prometheus_server;
using test::scripted_answer;
using test::scripted_server;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view one_series =
    R"({"status":"success","data":{"resultType":"vector","result":[)"
    R"({"metric":{"__name__":"up","job":"chalkstream"},"value":[1435781451.781,"1"]}]}})";

std::string vector_of(std::string_view series) {
  return R"({"status":"success","data":{"resultType":"vector","result":[)" + std::string{series} + "]}}";
}

std::string valued(std::string_view number) {
  return vector_of(R"({"metric":{},"value":[1,")" + std::string{number} + R"("]})");
}

// -- answers ------------------------------------------------------------------

TEST(prometheus_answer_test, has_labels_a_value_and_a_time) {
  const auto answer = read_prometheus_answer(one_series);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->samples.size(), 1u);
  const auto& sample = answer->samples.front();
  EXPECT_EQ(sample.labels.at("job"), "chalkstream");
  EXPECT_EQ(sample.value, 1);
  EXPECT_EQ(sample.at.time_since_epoch(), 1435781451781ms);
  EXPECT_TRUE(answer->warnings.empty());
}

TEST(prometheus_answer_test, may_be_a_scalar_or_nothing) {
  const auto scalar =
      read_prometheus_answer(R"({"status":"success","data":{"resultType":"scalar","result":[12.5,"-3e-2"]}})");
  ASSERT_TRUE(scalar) << scalar.error().message;
  EXPECT_EQ(scalar->samples.at(0).value, -0.03);
  EXPECT_TRUE(read_prometheus_answer(vector_of(""))->samples.empty());
}

TEST(prometheus_answer_test, says_what_is_no_number_as_it_is) {
  EXPECT_TRUE(std::isnan(read_prometheus_answer(valued("NaN"))->samples.at(0).value));
  EXPECT_EQ(read_prometheus_answer(valued("+Inf"))->samples.at(0).value, HUGE_VAL);
  EXPECT_EQ(read_prometheus_answer(valued("-Inf"))->samples.at(0).value, -HUGE_VAL);
}

TEST(prometheus_answer_test, is_corrupt_rather_than_guessed) {
  for (const std::string& body : {std::string{},
                                  std::string{"null"},
                                  std::string{"[]"},
                                  std::string{"{"},
                                  std::string{R"({"status":"success"})"},
                                  std::string{R"({"status":"fine","data":{"resultType":"vector","result":[]}})"},
                                  std::string{R"({"status":"success","data":{"resultType":"vector"}})"},
                                  std::string{R"({"status":"success","data":{"resultType":"vector","result":{}}})"},
                                  std::string{R"({"status":"success","data":{"resultType":"scalar","result":[1]}})"},
                                  vector_of("1"),
                                  vector_of(R"({"value":[1,"1"]})"),
                                  vector_of(R"({"metric":{}})"),
                                  vector_of(R"({"metric":{},"value":1})"),
                                  vector_of(R"({"metric":{},"value":[1,2]})"),
                                  vector_of(R"({"metric":{},"value":["1","2"]})"),
                                  vector_of(R"({"metric":{},"value":[1,"2",3]})"),
                                  vector_of(R"({"metric":{"job":1},"value":[1,"2"]})"),
                                  vector_of(R"({"metric":{},"value":[-5,"2"]})"),
                                  vector_of(R"({"metric":{},"value":[1e300,"2"]})"),
                                  vector_of(R"({"metric":{},"histogram":[1,{"count":"2"}]})"),
                                  valued(""),
                                  valued("nan"),
                                  valued("inf"),
                                  valued("1x"),
                                  valued(" 1"),
                                  valued("1e999"),
                                  valued("0x10"),
                                  std::string(2000, '[')}) {
    const auto answer = read_prometheus_answer(body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, errc::corrupt) << body;
  }
}

TEST(prometheus_answer_test, has_no_more_series_and_labels_than_it_may) {
  const std::string series = R"({"metric":{"a":"1","b":"2"},"value":[1,"1"]})";
  EXPECT_TRUE(read_prometheus_answer(vector_of(series + "," + series), {.series = 2, .labels = 2}));
  EXPECT_FALSE(read_prometheus_answer(vector_of(series + "," + series), {.series = 1, .labels = 2}));
  EXPECT_FALSE(read_prometheus_answer(vector_of(series), {.series = 1, .labels = 1}));
}

TEST(prometheus_answer_test, keeps_warnings_and_what_was_wrong_with_the_question) {
  const auto warned = read_prometheus_answer(
      R"({"status":"success","warnings":["one store is away\nERROR forged"],"data":{"resultType":"vector","result":[]}})");
  ASSERT_TRUE(warned);
  EXPECT_THAT(warned->warnings, ElementsAre("one store is away ERROR forged"));
  const auto refused = read_prometheus_answer(R"({"status":"error","errorType":"bad_data","error":"parse error"})");
  EXPECT_EQ(refused.error().code, errc::invalid_argument);
  EXPECT_EQ(refused.error().message, "bad_data: parse error");
  EXPECT_EQ(read_prometheus_answer(R"({"status":"error","errorType":"timeout"})").error().code, errc::timed_out);
  EXPECT_EQ(read_prometheus_answer(R"({"status":"error","errorType":"internal"})").error().code, errc::unavailable);
  const auto matrix = read_prometheus_answer(R"({"status":"success","data":{"resultType":"matrix","result":[]}})");
  EXPECT_EQ(matrix.error().code, errc::invalid_argument);
}

TEST(prometheus_answer_test, survives_any_bytes) {
  std::mt19937 random{20240607};
  const auto good = vector_of(R"({"metric":{"a":"é"},"value":[1,"1"]})");
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = good;
    for (auto changes = random() % 4 + 1; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % 8 == 0 ? random() % bytes.size() : bytes.size());
    const auto answer = read_prometheus_answer(bytes);
    EXPECT_TRUE(answer || !answer.error().message.empty());
  }
}

// -- addresses ----------------------------------------------------------------

TEST(prometheus_client_test, says_which_addresses_it_cannot_ask) {
  for (const char* url : {"", "prometheus:9090", "https://prometheus", "http://", "http://a b/", "http://host:0",
                          "http://host:65536", "http://host:x", "http://user:secret@host", "http://host/p?x=1"}) {
    const auto made = prometheus_client::make({.url = url});
    ASSERT_FALSE(made) << url;
    EXPECT_EQ(made.error().code, errc::invalid_argument) << url;
    EXPECT_THAT(made.error().message, Not(HasSubstr("secret")));
  }
  for (const char* url : {"http://prometheus", "http://prometheus:9090/", "http://[::1]:9090", "http://h/a/b/"})
    EXPECT_TRUE(prometheus_client::make({.url = url})) << url;
  EXPECT_FALSE(prometheus_client::make({.bearer_file = "a", .basic_file = "b"}));
}

// -- a server that says what it likes -------------------------------------------

result<metric_answer> ask(const std::string& url, duration timeout = 2s, std::size_t most = 4096) {
  auto client = prometheus_client::make({.url = url, .timeout = timeout, .max_answer_bytes = most});
  return client ? client->ask("up") : result<metric_answer>{client.error()};
}

result<metric_answer> answered(std::string bytes, duration timeout = 2s) {
  const scripted_server server([&](const std::string&) { return scripted_answer{bytes}; });
  return ask(server.url(), timeout);
}

TEST(prometheus_client_test, asks_by_post_under_the_path_it_was_given) {
  std::string asked;
  {
    const scripted_server server([&](const std::string& request) {
      asked = request;
      return scripted_answer{http_response(one_series)};
    });
    auto client = prometheus_client::make({.url = server.url() + "/mimir/prometheus/"});
    ASSERT_TRUE(client);
    const auto answer = client->ask("sum(rate(a{b=\"c&d\"}[1m])) + 1");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->samples.size(), 1u);
  }
  EXPECT_THAT(asked, HasSubstr("POST /mimir/prometheus/api/v1/query HTTP/1.1\r\n"));
  EXPECT_EQ(form_value(asked, "query"), "sum(rate(a{b=\"c&d\"}[1m])) + 1");
  EXPECT_THAT(form_value(asked, "timeout"), HasSubstr("3.0"));
  EXPECT_THAT(asked, Not(HasSubstr("Authorization")));
}

TEST(prometheus_client_test, shows_the_credentials_of_the_moment) {
  const auto file = std::filesystem::temp_directory_path() / ("chalkstream-token-" + std::to_string(getpid()));
  std::string asked;
  const scripted_server server([&](const std::string& request) {
    asked = request;
    return scripted_answer{http_response(one_series)};
  });
  std::ofstream(file) << "first-token\n";
  auto bearer = prometheus_client::make({.url = server.url(), .bearer_file = file});
  ASSERT_TRUE(bearer->ask("up"));
  EXPECT_THAT(asked, HasSubstr("Authorization: Bearer first-token\r\n"));
  std::ofstream(file) << "learner:pass\r\n";
  ASSERT_TRUE(bearer->ask("up"));
  EXPECT_THAT(asked, HasSubstr("Authorization: Bearer learner:pass\r\n"));
  auto basic = prometheus_client::make({.url = server.url(), .basic_file = file});
  ASSERT_TRUE(basic->ask("up"));
  EXPECT_THAT(asked, HasSubstr("Authorization: Basic bGVhcm5lcjpwYXNz\r\n"));
  std::ofstream(file) << "two\x01words\n";
  const auto odd = basic->ask("up");
  ASSERT_FALSE(odd);
  EXPECT_THAT(odd.error().message, Not(HasSubstr("words")));
  std::filesystem::remove(file);
  EXPECT_EQ(basic->ask("up").error().code, errc::not_found);
}

TEST(prometheus_client_test, tells_apart_why_there_is_no_answer) {
  EXPECT_EQ(ask("http://127.0.0.1:1").error().code, errc::unavailable);
  EXPECT_EQ(ask("http://no-such-host.invalid").error().code, errc::unavailable);
  EXPECT_EQ(answered("").error().code, errc::unavailable); // it hangs up
  EXPECT_EQ(answered("SSH-2.0-OpenSSH_9.2\r\n").error().code, errc::corrupt);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"status\"").error().code, errc::unavailable);
  EXPECT_EQ(answered(http_response("<html>", "502 Bad Gateway")).error().code, errc::unavailable);
  EXPECT_EQ(answered(http_response("", "404 Not Found")).error().code, errc::invalid_configuration);
  EXPECT_EQ(answered(http_response("", "302 Found")).error().code, errc::invalid_configuration);
  EXPECT_EQ(answered(http_response("", "401 Unauthorized")).error().code, errc::invalid_configuration);
  EXPECT_EQ(answered(http_response("hello")).error().code, errc::corrupt);
  EXPECT_EQ(answered(http_response(R"({"status":"error","errorType":"bad_data","error":"x"})", "400 Bad Request"))
                .error()
                .code,
            errc::invalid_argument);
  EXPECT_EQ(answered(http_response(std::string(5000, ' '))).error().code, errc::corrupt);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n").error().code, errc::corrupt);
}

TEST(prometheus_client_test, understands_an_answer_in_pieces) {
  std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", one_series.size());
  chunked.append(size).append(one_series).append("\r\n0\r\n\r\n");
  const auto answer = answered(chunked);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->samples.size(), 1u);
}

TEST(prometheus_client_test, waits_no_longer_than_it_was_told) {
  for (const bool drips : {false, true}) {
    const scripted_server server([&](const std::string&) {
      return scripted_answer{http_response(one_series), drips ? 20ms : 10s, drips};
    });
    const auto started = std::chrono::steady_clock::now();
    const auto answer = ask(server.url(), 300ms);
    EXPECT_LT(std::chrono::steady_clock::now() - started, 2s);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::timed_out) << answer.error().message;
  }
}

// -- the real one -------------------------------------------------------------------

class real_prometheus_test : public testing::Test {
protected:
  void SetUp() override {
    auto started = exposition::start({.listen = "127.0.0.1:0"}, counts, {});
    ASSERT_TRUE(started) << started.error().message;
    shown = std::move(started).value();
    server.emplace(test::prometheus_plan{{shown->address()}});
    counts.pipeline("short-answers")->received(42);
    ASSERT_TRUE(server->start()) << server->log();
    client.emplace(*prometheus_client::make({.url = server->url(), .timeout = 1s}));
  }

  // The first value, once there is one.
  std::optional<double> value_of(std::string_view expression) {
    for (int i = 0; i < 100; ++i) {
      const auto answer = client->ask(expression);
      if (answer && !answer->samples.empty())
        return answer->samples.front().value;
      if (!answer)
        last_failure = answer.error().message;
      std::this_thread::sleep_for(100ms);
    }
    ADD_FAILURE() << expression << ": no answer; " << last_failure;
    return {};
  }

  registry counts{{"1.2.3", "", "", ""}};
  std::unique_ptr<exposition> shown;
  std::string last_failure;
  std::optional<prometheus_server> server;
  std::optional<prometheus_client> client;
};

TEST_F(real_prometheus_test, answers_expressions) {
  EXPECT_EQ(value_of("chalkstream_records_total{pipeline=\"short-answers\"}"), 42);
  EXPECT_EQ(value_of("sum(chalkstream_records_total) by (pipeline) * 2"), 84);
  EXPECT_EQ(value_of("3 * 4"), 12);
  EXPECT_TRUE(std::isnan(value_of("vector(0) / 0").value_or(0)));
  EXPECT_EQ(value_of("vector(1) / 0"), HUGE_VAL);
  const auto age = value_of("time() - timestamp(chalkstream_records_total)");
  ASSERT_TRUE(age);
  EXPECT_LT(std::abs(*age), 5);
  EXPECT_TRUE(client->ask("no_such_metric")->samples.empty());
}

TEST_F(real_prometheus_test, says_what_is_wrong_with_a_question) {
  const auto refused = client->ask("sum(");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::invalid_argument);
  EXPECT_THAT(refused.error().message, HasSubstr("parse error"));
  EXPECT_EQ(client->ask("up[1m]").error().code, errc::invalid_argument);
}

TEST_F(real_prometheus_test, is_away_frozen_and_back) {
  ASSERT_EQ(value_of("up"), 1);
  server->freeze();
  EXPECT_EQ(client->ask("up").error().code, errc::timed_out);
  server->thaw();
  EXPECT_EQ(value_of("up"), 1);
  server->kill();
  EXPECT_EQ(client->ask("up").error().code, errc::unavailable);
  ASSERT_TRUE(server->start()) << server->log();
  EXPECT_EQ(value_of("up"), 1);
}

} // namespace
} // namespace chalkstream::monitoring
