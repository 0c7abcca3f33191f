// Where a file lies that is named by https:// or s3://, and where files may lie. URIs come from strangers and are
// read strictly: what two programs might read differently is not read at all.
#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace chalkstream::pipelines::remote {

enum class remote_scheme : std::uint8_t { https, s3 };

struct remote_address {
  remote_scheme scheme = remote_scheme::https;
  /// A name in lower case or an IPv4 address; of s3 the bucket.
  std::string host;
  /// Of https.
  std::uint16_t port = 443;
  /// What it names, without percent-encoding: "/classes/a b.png"; of s3 the key, "classes/a b.png".
  std::string path;
  /// The path as a request has it, percent-encoded and with its query; of s3 without the bucket.
  std::string target;
};

/// None for anything but https://host[:port]/path[?query] and s3://bucket/key. Refused too: user names, fragments,
/// IPv6 literals, empty, "." and ".." segments and slashes, backslashes and control characters in them,
/// percent-encoded or not. A key of s3 is taken word for word, as Amazon's own tools do: a % in it is a %.
std::optional<remote_address> parse_remote_address(std::string_view uri);

/// A host and port or a bucket that files may come from, and what their path or key must begin with.
struct allowed_place {
  std::string host;
  std::uint16_t port = 443;
  /// Whole segments; empty: anything.
  std::string prefix;

  friend bool operator==(const allowed_place&, const allowed_place&) = default;
};

/// "files.example.org", "files.example.org:8443", "files.example.org/classes": a host as in a URI.
result<allowed_place> parse_allowed_host(std::string_view text);

/// "archive", "archive/2026".
result<allowed_place> parse_allowed_bucket(std::string_view text);

/// As parse_allowed_host or parse_allowed_bucket read it.
std::string format_allowed_place(const allowed_place& place);

bool lies_in(const remote_address& file, std::span<const allowed_place> places);

/// Where an S3 service answers: scheme, host and port, no path.
struct service_endpoint {
  /// http:// rather than https://: nothing is encrypted, and whoever is between may answer instead.
  bool plain = false;
  std::string host;
  std::uint16_t port = 443;
};

/// "https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000".
result<service_endpoint> parse_endpoint(std::string_view text);

/// With the port where it is not the scheme's own.
std::string format_endpoint(const service_endpoint& endpoint);

} // namespace chalkstream::pipelines::remote
