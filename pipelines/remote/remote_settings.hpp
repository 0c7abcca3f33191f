// Where files of other machines may be fetched from, and how long that may take.
#pragma once

#include "core/clock.hpp"
#include "pipelines/remote/remote_address.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::pipelines::remote {

struct s3_settings {
  std::vector<allowed_place> buckets;
  service_endpoint endpoint{.plain = false, .host = "s3.amazonaws.com", .port = 443};
  std::string region = "us-east-1";
  /// A file as s3_credentials_from_file reads it; absent: the environment has them.
  std::optional<std::filesystem::path> credentials;
  /// The endpoint may have an address that is not public.
  bool private_addresses = false;
};

struct remote_settings {
  /// Of https:// URIs.
  std::vector<allowed_place> hosts;
  /// They may have addresses that are not public. Whoever answers for their names can then lead the engine anywhere
  /// in its own network.
  bool private_addresses = false;
  /// Absent: no s3:// URI is followed.
  std::optional<s3_settings> s3;
  /// Certificates to trust instead of the system's.
  std::optional<std::filesystem::path> ca_file;
  /// For a try to be connected, its TLS included.
  duration connect_timeout = std::chrono::seconds(5);
  /// For a file, all tries and the waits between them together.
  duration timeout = std::chrono::seconds(30);
  std::size_t tries = 4;
  /// Files fetched at once, each by a thread that then prepares it.
  std::size_t at_once = 4;

  // What the configuration has no key for.
  /// A try that brings less than a kilobyte a second for so long is given up.
  std::chrono::seconds slow_after{10};
  /// "name:port:address" instead of what DNS says: tests have no name server.
  std::vector<std::string> resolved = {};
};

} // namespace chalkstream::pipelines::remote
