#include "pipelines/remote/remote_files.hpp"

#include "core/backoff.hpp"
#include "pipelines/remote/http_client.hpp"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <mutex>
#include <utility>

namespace chalkstream::pipelines::remote {

using namespace std::chrono_literals;

namespace {

constexpr duration first_pause = 200ms;
constexpr duration longest_pause = 5s;

bool passes(int status) {
  return status == 408 || status == 429 || status >= 500;
}

error refusal(int status) {
  const auto code = std::to_string(status);
  if (status >= 300 && status < 400)
    return {errc::not_found, "is redirected (" + code + "), which is not followed"};
  return {errc::not_found, "was refused by its server, which answered " + code};
}

/// Of a try: what it is final for, or none where another may go through.
std::optional<error> verdict(http_failure failure) {
  switch (failure) {
  case http_failure::too_large:
    return error{errc::out_of_memory, "names a file that is too large"};
  case http_failure::unreadable_head:
    return error{errc::not_found, "was answered with more headers than are read"};
  case http_failure::forbidden_address:
    return error{errc::not_found, "leads to an address that files may not come from"};
  case http_failure::untrusted:
    return error{errc::unavailable, "cannot be fetched: the certificate of its server is not trusted"};
  case http_failure::stopped:
    return error{errc::cancelled, "is not fetched any more: the engine is stopping"};
  case http_failure::away:
    break;
  }
  return {};
}

http_settings settings_of(const remote_settings& all) {
  http_settings made;
  made.ca_file = all.ca_file;
  made.connect_timeout = all.connect_timeout;
  made.slow_after = all.slow_after;
  made.resolved = all.resolved;
  made.private_addresses = all.private_addresses;
  return made;
}

result<s3_credentials> credentials_of(const s3_settings& s3) {
  return s3.credentials ? s3_credentials_from_file(*s3.credentials) : s3_credentials_from_environment();
}

result<void> check_certificates(const remote_settings& settings) {
  if (settings.ca_file && !std::ifstream{*settings.ca_file})
    return {errc::io, settings.ca_file->string() + " cannot be read"};
  return {};
}

} // namespace

remote_files::remote_files(remote_settings settings, std::stop_token stop)
    : settings_(std::move(settings)), stop_(std::move(stop)) {}

remote_files::~remote_files() = default;

result<std::shared_ptr<const remote_files>> remote_files::make(remote_settings settings, std::stop_token stop) {
  CHALK_CHECK(check_certificates(settings));
  const std::shared_ptr<remote_files> made{new remote_files{std::move(settings), std::move(stop)}};
  const auto& all = made->settings_;
  made->web_ = std::make_unique<const http_client>(settings_of(all));
  if (all.s3) {
    auto signing = settings_of(all);
    CHALK_TRY(signing.sign_with, credentials_of(*all.s3));
    signing.region = all.s3->region;
    signing.plain = all.s3->endpoint.plain;
    signing.private_addresses = all.s3->private_addresses;
    made->s3_ = std::make_unique<const http_client>(std::move(signing));
  }
  return std::shared_ptr<const remote_files>(made);
}

result<void> check_remote(const remote_settings& settings) {
  CHALK_CHECK(check_certificates(settings));
  if (settings.s3)
    if (const auto read = credentials_of(*settings.s3); !read)
      return read.error();
  return {};
}

result<std::string> remote_files::url_of(std::string_view uri, const http_client*& by) const {
  const auto file = parse_remote_address(uri);
  if (!file)
    return error{errc::invalid_argument, "must be file://, https:// or s3://, without a user or a fragment"};
  const bool s3 = file->scheme == remote_scheme::s3;
  if (s3 ? !settings_.s3 || !lies_in(*file, settings_.s3->buckets) : !lies_in(*file, settings_.hosts))
    return error{errc::invalid_argument, "names no place that files may come from"};
  by = s3 ? s3_.get() : web_.get();
  return s3 ? format_endpoint(settings_.s3->endpoint) + "/" + file->host + "/" + file->target
            : format_endpoint({.plain = false, .host = file->host, .port = file->port}) + file->target;
}

result<std::string> remote_files::fetch(std::string_view uri, std::size_t max_bytes) const {
  const http_client* by = nullptr;
  CHALK_TRY(const auto url, url_of(uri, by));
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto until = now() + settings_.timeout;
  backoff pauses(first_pause, longest_pause, static_cast<std::uint32_t>(std::hash<std::string_view>{}(uri)));
  for (std::size_t tried = 1;; ++tried) {
    auto got = by->get(url, max_bytes, until - now(), stop_);
    auto wait = pauses.next();
    std::string last = "no answer came, or not to its end";
    if (auto* answer = std::get_if<http_answer>(&got)) {
      if (answer->status == 200)
        return std::move(answer->body);
      if (!passes(answer->status))
        return refusal(answer->status);
      last = "it answered " + std::to_string(answer->status);
      wait = std::max<duration>(wait, answer->retry_after.value_or(0s));
    } else if (auto final = verdict(std::get<http_failure>(got))) {
      return std::move(*final);
    }
    if (tried >= settings_.tries || now() + wait >= until)
      return error{errc::unavailable, "could not be reached, tried " + std::to_string(tried)
                                          + (tried == 1 ? " time: " : " times: ") + last};
    if (!pause(wait))
      return std::move(*verdict(http_failure::stopped));
  }
}

/// False: the engine is stopping.
bool remote_files::pause(duration time) const {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop_, time, [] { return false; });
  return !stop_.stop_requested();
}

} // namespace chalkstream::pipelines::remote
