#include "tests/remote/remote_files_fixture.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace chalkstream::pipelines::remote {
namespace {

TEST_F(remote_files_test, fetches_what_lies_where_files_may_come_from) {
  EXPECT_EQ(fetch("/files/page.png").value(), "bytes of page.png");
  EXPECT_EQ(fetch("/files/a%20b.png?token=x%2Fy").value(), "bytes of a b.png?token=x/y");
}

TEST_F(remote_files_test, asks_no_proxy_whatever_the_environment_says) {
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy"})
    ::setenv(name, "http://127.0.0.1:9", 1);
  EXPECT_EQ(fetch("/files/page.png").value(), "bytes of page.png");
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy"})
    ::unsetenv(name);
}

TEST_F(remote_files_test, one_object_serves_many_callers_at_once) {
  auto files = remote_files::make(settings(), {}).value();
  std::vector<std::thread> callers;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&, i] {
      for (int j = 0; j < 20; ++j) {
        const auto name = std::to_string(i) + "-" + std::to_string(j);
        const auto got = files->fetch(uri("/files/" + name), megabyte);
        right += got && *got == "bytes of " + name ? 1 : 0;
      }
    });
  for (auto& one : callers)
    one.join();
  EXPECT_EQ(right, 160);
}

TEST_F(remote_files_test, asks_nobody_for_what_is_not_allowed) {
  auto with = settings();
  with.hosts = {{"scans.test", https_->port(), "/files/classes"}};
  for (const auto& refused : std::vector<std::string>{
           uri("/files/page.png"), uri("/files/classes-of-others/a.png"), uri("/files/classes/../page.png"),
           uri("/files/classes/%2e%2e/page.png"), uri("/files/classes%2f..%2fpage.png"),
           "https://scans.test/files/classes/a.png", "https://other.test:" + port_ + "/files/classes/a.png",
           "https://scans.test:" + port_ + "@other.test/files/classes/a.png",
           "https://scans.test.other.test:" + port_ + "/files/classes/a.png",
           "http://scans.test:" + port_ + "/files/classes/a.png", "s3://archive/page.png",
           "ftp://scans.test/files/classes/a.png", "file:///etc/passwd", ""})
    EXPECT_EQ(fetch(refused, with).error().code, errc::invalid_argument) << refused;
  EXPECT_EQ(requests(), 0U);
  EXPECT_TRUE(fetch(uri("/files/classes/a.png"), with));
  EXPECT_EQ(requests(), 1U);
}

TEST_F(remote_files_test, follows_no_redirection) {
  const auto got = fetch("/moved/page.png");
  EXPECT_EQ(said(got), "not_found: is redirected (302), which is not followed");
  EXPECT_EQ(https_->requests(), std::vector<std::string>{"/moved/page.png"});
}

TEST_F(remote_files_test, stops_at_the_size_that_is_allowed_whatever_was_announced) {
  for (const auto* path : {"/long/5000000", "/endless", "/unending"}) {
    const auto got = fetch(path);
    EXPECT_EQ(said(got), "out_of_memory: names a file that is too large") << path;
  }
  EXPECT_EQ(fetch("/long/1000000").value().size(), megabyte);
  EXPECT_EQ(fetch(uri("/long/1000000"), settings(), megabyte - 1).error().code, errc::out_of_memory);
  EXPECT_EQ(requests(), 5U); // none of them tried again
}

TEST_F(remote_files_test, unpacks_nothing) {
  const auto got = fetch("/bomb");
  ASSERT_TRUE(got) << said(got);
  EXPECT_LT(got->size(), 20'000U);
}

TEST_F(remote_files_test, reads_only_so_many_headers) {
  EXPECT_EQ(said(fetch("/heads")), "not_found: was answered with more headers than are read");
}

TEST_F(remote_files_test, a_refusal_is_final_and_a_failure_is_tried_again) {
  EXPECT_EQ(said(fetch("/status/403")), "not_found: was refused by its server, which answered 403");
  EXPECT_EQ(said(fetch("/absent")), "not_found: was refused by its server, which answered 404");
  EXPECT_EQ(requests(), 2U);
  EXPECT_EQ(fetch("/flaky/2").value(), "at last");
  EXPECT_EQ(requests(), 5U);
  auto with = settings();
  with.tries = 3;
  EXPECT_EQ(said(fetch(uri("/status/500"), with)),
            "unavailable: could not be reached, tried 3 times: it answered 500");
  EXPECT_EQ(requests(), 8U);
  EXPECT_EQ(said(fetch(uri("/cut"), with)),
            "unavailable: could not be reached, tried 3 times: no answer came, or not to its end");
  EXPECT_EQ(requests(), 11U);
}

TEST_F(remote_files_test, waits_as_long_as_the_server_says_unless_that_is_too_long) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(fetch("/busy/1").value(), "at last");
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1s);
  EXPECT_EQ(said(fetch("/busy/1000")), "unavailable: could not be reached, tried 1 time: it answered 429");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 15s);
}

TEST_F(remote_files_test, gives_up_on_who_is_silent_or_drips) {
  auto with = settings();
  with.timeout = 3s;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(fetch(uri("/silent"), with).error().code, errc::unavailable); // it would answer after 30 seconds
  EXPECT_LT(std::chrono::steady_clock::now() - start, 12s);
  with.timeout = 20s;
  with.slow_after = 1s;
  with.tries = 1;
  const auto dripping = std::chrono::steady_clock::now();
  EXPECT_EQ(fetch(uri("/dripping"), with).error().code, errc::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - dripping, 15s);
}

TEST_F(remote_files_test, who_is_not_there_is_tried_again_too) {
  auto with = settings();
  const auto port = https_->port();
  https_.reset();
  with.tries = 2;
  const auto got = fetch("https://scans.test:" + std::to_string(port) + "/files/a.png", with);
  EXPECT_EQ(said(got), "unavailable: could not be reached, tried 2 times: no answer came, or not to its end");
}

TEST_F(remote_files_test, trusts_only_certificates_of_that_name_signed_by_the_trusted) {
  auto with = settings();
  with.ca_file = folder_ / "stranger.pem";
  constexpr auto untrusted = "unavailable: cannot be fetched: the certificate of its server is not trusted";
  EXPECT_EQ(said(fetch(uri("/files/a.png"), with)), untrusted);
  with.ca_file.reset(); // the system knows neither
  EXPECT_EQ(said(fetch(uri("/files/a.png"), with)), untrusted);
  with = settings();
  with.hosts = {{"other.test", https_->port(), ""}};
  EXPECT_EQ(said(fetch("https://other.test:" + port_ + "/files/a.png", with)), untrusted);
  EXPECT_EQ(requests(), 0U);
}

TEST_F(remote_files_test, connects_to_no_address_within_whatever_a_name_stands_for) {
  auto with = settings();
  with.private_addresses = false;
  constexpr auto forbidden = "not_found: leads to an address that files may not come from";
  for (const auto* address : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"}) {
    with.resolved = {"scans.test:" + port_ + ":" + address};
    EXPECT_EQ(said(fetch(uri("/files/a.png"), with)), forbidden) << address;
  }
  with.resolved.clear(); // what the system itself says of a name
  with.hosts = {{"localhost", https_->port(), ""}, {"127.0.0.1", https_->port(), ""}};
  EXPECT_EQ(said(fetch("https://localhost:" + port_ + "/files/a.png", with)), forbidden);
  EXPECT_EQ(said(fetch("https://127.0.0.1:" + port_ + "/files/a.png", with)), forbidden);
  EXPECT_EQ(requests(), 0U);
}

TEST_F(remote_files_test, ends_at_once_when_the_engine_stops) {
  for (const auto* path : {"/silent", "/status/503"}) {
    std::stop_source stop;
    auto with = settings();
    with.timeout = 60s;
    with.tries = 100;
    const auto slow = remote_files::make(with, stop.get_token()).value();
    std::thread stopping([&] {
      std::this_thread::sleep_for(1500ms);
      stop.request_stop();
    });
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(slow->fetch(uri(path), megabyte).error().code, errc::cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 15s);
    stopping.join();
  }
}

} // namespace
} // namespace chalkstream::pipelines::remote
