// Files of other machines, by URI: https:// and s3://, from the hosts and buckets that the configuration allows.
#pragma once

#include "core/error.hpp"
#include "pipelines/remote/remote_settings.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace chalkstream::pipelines::remote {

class http_client;

class remote_files {
public:
  /// Reads the credentials of s3. `stop` ends what is being fetched; ask for it when nobody waits for it any more. An
  /// error names the file that cannot be used, or what is not set.
  static result<std::shared_ptr<const remote_files>> make(remote_settings settings, std::stop_token stop);
  ~remote_files();
  remote_files(const remote_files&) = delete;
  remote_files& operator=(const remote_files&) = delete;

  /// The whole file. What passes (no connection, a dropped one, 408, 429, 5xx) is tried again, later and later, or
  /// when the server says. Errors complete "the URI …" and name no host, address, path or secret:
  ///   invalid_argument  is not one that is read, or not in a place that files may come from
  ///   not_found         the server refused it (3xx, 4xx), or has an address that may not be connected to
  ///   out_of_memory     it has more than `max_bytes`
  ///   unavailable       every try failed, or the server's certificate is not trusted
  ///   cancelled         by `stop`
  /// Blocks for settings.timeout at most. Thread-safe.
  result<std::string> fetch(std::string_view uri, std::size_t max_bytes) const;

  std::size_t at_once() const noexcept { return settings_.at_once; }

private:
  remote_files(remote_settings settings, std::stop_token stop);
  result<std::string> url_of(std::string_view uri, const http_client*& by) const;
  bool pause(duration time) const;

  remote_settings settings_;
  std::stop_token stop_;
  std::unique_ptr<const http_client> web_;
  std::unique_ptr<const http_client> s3_;
};

/// Whether make would go through.
result<void> check_remote(const remote_settings& settings);

} // namespace chalkstream::pipelines::remote
