#include "education/digest.hpp"
#include "pipelines/image_source.hpp"
#include "tests/remote/store_server.hpp"

#include <cstdlib>

namespace chalkstream::pipelines {
namespace {

using test::store_server;

class remote_image_source_test : public ::testing::Test {
protected:
  void SetUp() override {
    char name[] = "/tmp/chalkstream-source-XXXXXX";
    folder_ = ::mkdtemp(name);
    ASSERT_TRUE(test::make_certificates(folder_));
    store_.emplace(folder_, store_server::protocol::https);
    ASSERT_NE(store_->port(), 0);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  image_source source(submitted_kind kind = submitted_kind::image) const {
    remote::remote_settings with;
    with.hosts = {{"scans.test", store_->port(), ""}};
    with.private_addresses = true;
    with.ca_file = folder_ / "authority.pem";
    with.resolved = {"scans.test:" + std::to_string(store_->port()) + ":127.0.0.1"};
    with.tries = 2;
    with.at_once = 3;
    auto elsewhere = remote::remote_files::make(with, {});
    EXPECT_TRUE(elsewhere);
    return image_source::make({}, 1000, kind, std::move(*elsewhere)).value();
  }

  static submitted_image named(std::string uri, std::string sha256 = "") {
    return {.media_type = {}, .bytes = {}, .uri = std::move(uri), .sha256 = std::move(sha256)};
  }
  submitted_image at(const std::string& path, std::string sha256 = "") const {
    return named("https://scans.test:" + std::to_string(store_->port()) + path, std::move(sha256));
  }

  static rejection refused(const std::variant<std::string, rejection>& read) {
    EXPECT_TRUE(std::holds_alternative<rejection>(read));
    return std::holds_alternative<rejection>(read) ? std::get<rejection>(read) : rejection{};
  }

  std::filesystem::path folder_;
  std::optional<store_server> store_;
};

TEST_F(remote_image_source_test, fetched_bytes_are_held_against_the_digest_of_the_event) {
  const std::string bytes = "bytes of page.png";
  EXPECT_EQ(std::get<std::string>(source().read(at("/files/page.png", education::sha256_hex(bytes)))), bytes);
  const auto wrong = refused(source().read(at("/files/other.png", education::sha256_hex(bytes))));
  EXPECT_EQ(wrong.reason, reject_reason::invalid_value);
  EXPECT_EQ(wrong.detail, "image.sha256 is not the SHA-256 of the image");
}

TEST_F(remote_image_source_test, a_rejection_says_whose_fault_it_is) {
  const auto of_image = source();
  EXPECT_EQ(refused(of_image.read(at("/absent"))).reason, reject_reason::unreachable_image);
  EXPECT_EQ(refused(of_image.read(named("https://elsewhere.test/a.png"))).reason, reject_reason::unreachable_image);
  EXPECT_EQ(refused(of_image.read(named("file:///etc/passwd"))).reason, reject_reason::unreachable_image);
  EXPECT_EQ(refused(of_image.read(at("/long/20000"))).reason, reject_reason::too_large);
  const auto away = refused(of_image.read(at("/status/503")));
  EXPECT_EQ(away.reason, reject_reason::source_unavailable);
  EXPECT_EQ(away.detail, "image.uri could not be reached, tried 2 times: it answered 503");
  const auto of_video = source(submitted_kind::video);
  EXPECT_EQ(refused(of_video.read(at("/status/404"))).reason, reject_reason::unreachable_video);
  EXPECT_EQ(refused(of_video.read(at("/status/500"))).reason, reject_reason::source_unavailable);
}

TEST_F(remote_image_source_test, says_how_many_may_wait_for_it) {
  EXPECT_EQ(source().waits_at_once(), 3U);
  EXPECT_EQ(image_source::make({}, 1000)->waits_at_once(), 0U);
}

} // namespace
} // namespace chalkstream::pipelines
