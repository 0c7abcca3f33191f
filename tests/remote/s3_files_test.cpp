#include "tests/remote/remote_files_fixture.hpp"

#include <fstream>

namespace chalkstream::pipelines::remote {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class s3_files_test : public remote_files_test {
protected:
  void SetUp() override {
    remote_files_test::SetUp();
    http_.emplace(folder_, store_server::protocol::http);
    ASSERT_NE(http_->port(), 0);
  }

  remote_settings settings(std::string_view credentials = "aws_access_key_id = AKIATEST\n"
                                                          "aws_secret_access_key = s3cr3t/with+signs\n") const {
    std::ofstream{folder_ / "credentials"} << "# of the tests\n[default]\n"
                                           << credentials << "[other]\naws_access_key_id = NONE\n";
    auto made = remote_files_test::settings();
    made.s3.emplace();
    made.s3->buckets = {{"archive", 443, ""}};
    made.s3->endpoint = {true, "127.0.0.1", http_->port()};
    made.s3->region = "eu-test-1";
    made.s3->credentials = folder_ / "credentials";
    made.s3->private_addresses = true;
    return made;
  }

  std::optional<store_server> http_;
};

TEST_F(s3_files_test, requests_are_signed) {
  EXPECT_EQ(fetch("s3://archive/page.png", settings()).value(), "object page.png");
  EXPECT_EQ(fetch("s3://archive/2026/a b+c=d~e/50%25 Übung (1)*'!@:&,;?#.png", settings()).value(),
            "object 2026/a b+c=d~e/50%25 Übung (1)*'!@:&,;?#.png");
  EXPECT_EQ(http_->requests().back(),
            "/archive/2026/a%20b%2Bc%3Dd~e/50%2525%20%C3%9Cbung%20%281%29%2A%27%21%40%3A%26%2C%3B%3F%23.png");
}

TEST_F(s3_files_test, a_session_has_its_token_signed_too) {
  const std::string keys = "aws_access_key_id=AKIATEST\naws_secret_access_key=s3cr3t/with+signs\n";
  EXPECT_TRUE(fetch("s3://archive/page.png", settings(keys + "aws_session_token=token==\n")));
  EXPECT_EQ(fetch("s3://archive/page.png", settings(keys + "aws_session_token=older\n")).error().code,
            errc::not_found);
}

TEST_F(s3_files_test, an_endpoint_may_speak_tls) {
  auto with = settings();
  with.s3->endpoint = {false, "scans.test", https_->port()};
  EXPECT_EQ(fetch("s3://archive/page.png", with).value(), "object page.png");
  with.ca_file = folder_ / "stranger.pem";
  EXPECT_EQ(fetch("s3://archive/page.png", with).error().code, errc::unavailable);
}

TEST_F(s3_files_test, wrong_keys_are_refused_and_never_told) {
  const auto got =
      fetch("s3://archive/page.png", settings("aws_access_key_id = AKIATEST\naws_secret_access_key = guessed\n"));
  EXPECT_EQ(said(got), "not_found: was refused by its server, which answered 403");
  const auto none = fetch("s3://archive/page.png", settings("aws_secret_access_key = guessed\n"));
  EXPECT_THAT(said(none), HasSubstr("credentials: no usable aws_access_key_id in it"));
  EXPECT_THAT(said(none), Not(HasSubstr("guessed")));
}

TEST_F(s3_files_test, only_allowed_buckets_and_keys_are_asked_for) {
  auto with = settings();
  with.s3->buckets = {{"archive", 443, "2026"}};
  for (const auto* refused :
       {"s3://archive/2025/a.png", "s3://archive/20260/a.png", "s3://archive/2026/../a.png", "s3://others/2026/a.png",
        "s3://archive", "s3://archive/", "s3://user@archive/2026/a.png"})
    EXPECT_EQ(fetch(refused, with).error().code, errc::invalid_argument) << refused;
  EXPECT_TRUE(http_->requests().empty());
  EXPECT_TRUE(fetch("s3://archive/2026/a.png", with));
}

TEST_F(s3_files_test, plain_http_and_private_addresses_are_the_endpoints_alone) {
  auto with = settings();
  with.private_addresses = false;
  EXPECT_TRUE(fetch("s3://archive/page.png", with));
  EXPECT_EQ(fetch(uri("/files/a.png"), with).error().code, errc::not_found);
  with.s3->private_addresses = false;
  EXPECT_EQ(said(fetch("s3://archive/page.png", with)),
            "not_found: leads to an address that files may not come from");
}

TEST_F(s3_files_test, without_a_file_the_environment_has_the_keys) {
  auto with = settings();
  with.s3->credentials.reset();
  ::unsetenv("AWS_ACCESS_KEY_ID");
  EXPECT_THAT(said(fetch("s3://archive/page.png", with)), HasSubstr("nor are AWS_ACCESS_KEY_ID"));
  EXPECT_FALSE(check_remote(with));
  ::setenv("AWS_ACCESS_KEY_ID", "AKIATEST", 1);
  ::setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t/with+signs", 1);
  EXPECT_TRUE(check_remote(with));
  EXPECT_TRUE(fetch("s3://archive/page.png", with));
  ::unsetenv("AWS_ACCESS_KEY_ID");
  ::unsetenv("AWS_SECRET_ACCESS_KEY");
}

} // namespace
} // namespace chalkstream::pipelines::remote
