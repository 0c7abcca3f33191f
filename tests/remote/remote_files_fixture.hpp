// A server of this machine, and what files are fetched from it with.
#pragma once

#include "pipelines/remote/remote_files.hpp"
#include "tests/remote/store_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

namespace chalkstream::pipelines::remote {

using namespace std::chrono_literals;
using test::store_server;

inline constexpr std::size_t megabyte = 1'000'000;

class remote_files_test : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    char name[] = "/tmp/chalkstream-remote-XXXXXX";
    folder_ = ::mkdtemp(name);
    ASSERT_TRUE(test::make_certificates(folder_));
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  void SetUp() override {
    https_.emplace(folder_, store_server::protocol::https);
    ASSERT_NE(https_->port(), 0);
    port_ = std::to_string(https_->port());
  }

  /// Everything of scans.test, which is the server of this test.
  remote_settings settings() const {
    remote_settings made;
    made.hosts = {{"scans.test", https_->port(), ""}};
    made.private_addresses = true;
    made.ca_file = folder_ / "authority.pem";
    made.resolved = {"scans.test:" + port_ + ":127.0.0.1", "other.test:" + port_ + ":127.0.0.1"};
    made.timeout = 10s;
    return made;
  }

  std::string uri(const std::string& path) const { return "https://scans.test:" + port_ + path; }

  result<std::string> fetch(const std::string& uri, const remote_settings& with, std::size_t max_bytes = megabyte) {
    auto files = remote_files::make(with, stop_.get_token());
    if (!files)
      return files.error();
    auto got = (*files)->fetch(uri, max_bytes);
    if (!got) { // whoever sends URIs learns nothing of what lies behind them
      for (const char* secret : {"127.0.0.1", "scans.test", "other.test", "status", "Found"})
        EXPECT_THAT(got.error().message, ::testing::Not(::testing::HasSubstr(secret)));
      EXPECT_THAT(got.error().message, ::testing::Not(::testing::HasSubstr(port_)));
    }
    return got;
  }
  result<std::string> fetch(const std::string& path) { return fetch(uri(path), settings()); }

  static std::string said(const result<std::string>& got) {
    return got ? "got " + std::to_string(got->size()) + " bytes" : to_string(got.error());
  }

  std::size_t requests() const { return https_->requests().size(); }

  static inline std::filesystem::path folder_;
  std::optional<store_server> https_;
  std::string port_;
  std::stop_source stop_;
};

} // namespace chalkstream::pipelines::remote
