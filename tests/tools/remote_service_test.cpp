// A running service whose images lie elsewhere: at a server that has them, and at one that does not answer.
#include "core/base64.hpp"
#include "education/digest.hpp"
#include "kafka/topic_reader.hpp"
#include "models/image/png_file.hpp"
#include "pipelines/service.hpp"
#include "pipelines/tools/topic_io.hpp"
#include "tests/remote/store_server.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <thread>

namespace chalkstream::pipelines {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using test::store_server;

class remote_service_test : public ::testing::Test {
protected:
  void SetUp() override {
    char name[] = "/tmp/chalkstream-elsewhere-XXXXXX";
    folder_ = ::mkdtemp(name);
    ASSERT_TRUE(test::make_certificates(folder_));
    store_.emplace(folder_, store_server::protocol::https);
    ASSERT_NE(store_->port(), 0);
    fs::copy("tests/models/goldens/vision/vit_classifier", folder_ / "vit", fs::copy_options::recursive);
    const auto expected = json::parse(std::ifstream(folder_ / "vit" / "expected.json"));
    std::ofstream(folder_ / "vit" / "preprocessor_config.json")
        << json{{"image_processor_type", "ViTImageProcessor"},
                {"do_resize", true},
                {"size", {{"height", expected.at("height")}, {"width", expected.at("width")}}},
                {"resample", 2},
                {"do_rescale", true},
                {"rescale_factor", 1 / 255.0}};
    png_ = image::png_file({9, 9, 3, std::vector<std::uint8_t>(243, 100)}).value();
    std::ofstream(folder_ / "page.png", std::ios::binary) << png_;
  }
  void TearDown() override {
    running_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string uri(const std::string& path) const {
    return "https://localhost:" + std::to_string(store_->port()) + path;
  }

  void start(const std::string& more) {
    const auto wanted = parse_configuration(
        "kafka: {brokers: embedded}\nmonitoring: {listen: off}\n"
        "engine: {slots: 1, drain_grace: 2s}\nmodels: {vit: {path: vit}}\n"
        "pipelines:\n  scans:\n    kind: recognition\n    from: in\n    to: out\n"
        "    model: vit\n    images: {remote: {hosts: 'localhost:"
            + std::to_string(store_->port()) + "', private_addresses: true, ca_file: authority.pem, " + more + "}}\n",
        "c", folder_);
    ASSERT_TRUE(wanted) << wanted.error().message;
    auto started = service::start(*wanted, {});
    ASSERT_TRUE(started) << started.error().message;
    running_ = std::move(*started);
    const auto ready = running_->wait_ready(30s);
    ASSERT_TRUE(ready && *ready);
  }

  void send(const std::map<std::string, json>& images) const {
    auto sender = tools::event_sender::make(running_->brokers(), "in", log::none());
    ASSERT_TRUE(sender);
    for (const auto& [id, image] : images)
      ASSERT_TRUE((*sender)->send(
          std::nullopt,
          json{{"id", id}, {"tenant", "t"}, {"learner", "l"}, {"type", "image"}, {"image", image}}.dump()));
    ASSERT_TRUE((*sender)->flush(10s));
  }

  /// Up to so many records of the topic, or as many as come within the time.
  std::vector<record> read(const std::string& topic, std::size_t count, std::chrono::seconds time) const {
    auto reader =
        kafka::topic_reader::open(running_->brokers(), topic, kafka::isolation::committed, {}, 10s, log::none());
    std::vector<record> all;
    for (const auto end = std::chrono::steady_clock::now() + time;
         reader && all.size() < count && std::chrono::steady_clock::now() < end;)
      if (auto fresh = reader->read(100, 50ms))
        std::move(fresh->begin(), fresh->end(), std::back_inserter(all));
    return all;
  }

  fs::path folder_;
  std::string png_;
  std::optional<store_server> store_;
  std::unique_ptr<service> running_;
};

TEST_F(remote_service_test, what_lies_elsewhere_is_recognised_like_what_was_sent) {
  start("tries: 2");
  const auto digest = education::sha256_hex(png_);
  send({{"sent", {{"data", encode_base64(png_)}}},
        {"fetched", {{"uri", uri("/pictures/page.png")}, {"sha256", digest}}},
        {"changed", {{"uri", uri("/files/page.png")}, {"sha256", digest}}},
        {"absent", {{"uri", uri("/absent")}}},
        {"moved", {{"uri", uri("/moved/page.png")}}},
        {"away", {{"uri", uri("/status/503")}}},
        {"elsewhere", {{"uri", "https://example.org/page.png"}}}});
  std::map<std::string, json> answers;
  for (const auto& one : read("out", 2, 20s)) {
    const auto value = json::parse(one.value.value_or("null"));
    answers[value.at("event")] = value;
  }
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers["fetched"].at("pages"), answers["sent"].at("pages"));
  std::map<std::string, std::string> reasons;
  for (const auto& one : read("in.dead", 5, 20s))
    for (const auto& header : one.headers)
      if (header.name == "chalkstream_reason")
        reasons[json::parse(one.value.value_or("null")).at("id")] = header.value.value_or("");
  EXPECT_EQ(reasons, (std::map<std::string, std::string>{{"absent", "unreachable_image"},
                                                         {"away", "source_unavailable"},
                                                         {"changed", "invalid_value"},
                                                         {"elsewhere", "unreachable_image"},
                                                         {"moved", "unreachable_image"}}));
}

TEST_F(remote_service_test, a_stop_waits_for_no_server_and_makes_no_dead_letters) {
  start("timeout: 1h, at_once: 2");
  send({{"1", {{"uri", uri("/silent/1")}}}, {"2", {{"uri", uri("/silent/2")}}}, {"3", {{"uri", uri("/silent/3")}}}});
  for (int i = 0; i < 200 && store_->requests().size() < 2; ++i)
    std::this_thread::sleep_for(50ms);
  ASSERT_EQ(store_->requests().size(), 2U); // that is how many threads there are
  const auto asked = std::chrono::steady_clock::now();
  running_->drain();
  const auto ended = running_->wait_for(20s);
  ASSERT_TRUE(ended && *ended);
  EXPECT_TRUE(read("in.dead", 1, 2s).empty());
  running_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 20s);
}

} // namespace
} // namespace chalkstream::pipelines
