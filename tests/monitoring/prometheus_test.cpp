// A real Prometheus scrapes a running exposition.
#include "monitoring/exposition.hpp"
#include "monitoring/registry.hpp"
#include "tests/monitoring/http_client.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace chalkstream::monitoring {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::http_get;

class prometheus_test : public testing::Test {
protected:
  void SetUp() override {
    auto pattern = (std::filesystem::temp_directory_path() / "chalkstream-prometheus-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    auto started = exposition::start({.listen = "127.0.0.1:0", .max_connections = 16, .patience = 5s}, counts, {});
    ASSERT_TRUE(started) << started.error().message;
    shown = std::move(started).value();
  }

  void TearDown() override {
    if (child > 0) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
    std::filesystem::remove_all(folder);
  }

  // Starts Prometheus on a free port, which it writes into its log.
  void start_prometheus() {
    std::ofstream(folder / "prometheus.yml") << "scrape_configs:\n"
                                                "  - job_name: chalkstream\n"
                                                "    scrape_interval: 200ms\n"
                                                "    scrape_timeout: 200ms\n"
                                                "    static_configs: [{targets: ['"
                                             << shown->address() << "']}]\n";
    const auto config = "--config.file=" + (folder / "prometheus.yml").string();
    const auto storage = "--storage.tsdb.path=" + (folder / "tsdb").string();
    const auto log = (folder / "log").string();
    child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto file = open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
      dup2(file, 1);
      dup2(file, 2);
      execlp("prometheus", "prometheus", config.c_str(), storage.c_str(), "--web.listen-address=127.0.0.1:0",
             nullptr);
      _exit(127);
    }
    for (int i = 0; i < 300 && port == 0; ++i) {
      ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "prometheus comes with Debian's package of that name\n"
                                                     << text();
      std::this_thread::sleep_for(100ms);
      const std::string mark = "msg=\"Listening on\" address=127.0.0.1:";
      if (const auto at = text().find(mark); at != std::string::npos)
        port = static_cast<std::uint16_t>(std::stoi(text().substr(at + mark.size())));
    }
    ASSERT_NE(port, 0) << text();
  }

  std::string text() const {
    std::ifstream file(folder / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // The values an instant query finds; empty while there are none.
  std::vector<std::string> query(const std::string& series) const {
    const auto body = body_of(http_get(port, "/api/v1/query?query=" + series));
    const auto answer = nlohmann::json::parse(body, nullptr, false);
    std::vector<std::string> values;
    if (!answer.is_discarded() && answer.value("status", "") == "success")
      for (const auto& one : answer["data"]["result"])
        values.push_back(one["value"][1]);
    return values;
  }

  std::vector<std::string> query_until_there(const std::string& series) const {
    auto values = query(series);
    for (int i = 0; i < 100 && values.empty(); ++i) {
      std::this_thread::sleep_for(100ms);
      values = query(series);
    }
    return values;
  }

  registry counts{{"1.2.3", "", "", ""}};
  std::unique_ptr<exposition> shown;
  std::filesystem::path folder;
  pid_t child = -1;
  std::uint16_t port = 0;
};

TEST_F(prometheus_test, finds_the_build_and_the_counts) {
  counts.pipeline("short-answers")->received(42);
  counts.pipeline("short-answers")->slack(-3);
  ASSERT_NO_FATAL_FAILURE(start_prometheus());
  using testing::ElementsAre;
  EXPECT_THAT(query_until_there("chalkstream_build_info"), ElementsAre("1")) << text();
  EXPECT_THAT(query("chalkstream_build_info%7Bversion=%221.2.3%22%7D"), ElementsAre("1"));
  EXPECT_THAT(query("chalkstream_records_total%7Bpipeline=%22short-answers%22%7D"), ElementsAre("42"));
  EXPECT_THAT(query("chalkstream_deadline_slack_seconds_bucket%7Ble=%22-1%22%7D"), ElementsAre("1"));
  EXPECT_THAT(query("up"), ElementsAre("1"));
}

} // namespace
} // namespace chalkstream::monitoring
